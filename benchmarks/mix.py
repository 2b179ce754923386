"""The events of a busy county: the shares of the sample feed without its days, so 37 of 328 have sealed fields.

Knows which events come how often, all of them such that they are recorded. Ids, people, moments and codes differ from
event to event as they do in life. Must never know how an event is sent.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count, islice
from typing import Any

from services.county.nhs_number import is_valid
from services.words.calendar import DayBegan

Event = dict[str, Any]

TODAY = "2012-10-01"
_BEGAN = "2012-09-03"
_SHARES = {
    "ContactRecorded": 253,
    "PersonRegistered": 31,
    "WorkerAssigned": 16,
    "NeedsAssessed": 12,
    "SupportPlanAgreed": 10,
    "ContactCorrected": 3,
    "ContactEnteredInError": 3,
}
_MENDED = ("ContactCorrected", "ContactEnteredInError")
_TEAMS = ("maidstone-cmht", "access-east", "access-west", "recovery-east", "recovery-west", "eip-west")
_ACTIVITIES = ("ADVOCACY", "DAILY_LIVING", "INDEPENDENT_LIVING")
_LATELY = 1_000
"""Contacts told so lately that they may still turn out to be wrong."""


class Mix:
    """A county with so many people: first their episodes are opened, then work with them is told, without end."""

    def __init__(self, people: int, seed: int = 2012) -> None:
        self._people = people
        self._chance = random.Random(seed)
        self._numbers = (number for digits in count() if is_valid(number := f"999{digits:07d}", synthetic=True))
        self._open: list[tuple[str, str]] = []
        self._lately: deque[tuple[str, str, str]] = deque(maxlen=_LATELY)
        self._names = [name for name, share in _SHARES.items() for _ in range(share)]

    def opening(self) -> Iterator[Event]:
        """The day, then everybody with an episode that has begun: 1 + 4 events a person."""
        day = {"specversion": "1.0", "id": "today", "source": "/county/calendar", "type": DayBegan.TYPE}
        yield {**day, "time": f"{TODAY}T00:00:00+01:00", "data": {"date": TODAY}}
        for _ in range(self._people):
            person, named = self.id(), {"episode_id": self.id(), "on": _BEGAN}
            referral = {"team": self._one(_TEAMS), "source": "A1", "reason": "18", "priority": "2"}
            yield self._registered(person)
            yield self._event("ReferralReceived", person, {**named, **referral})
            yield self._event("ReferralAccepted", person, named)
            yield self._event("EnablementStarted", person, named)
            self._open.append((person, named["episode_id"]))

    def events(self, number: int) -> Iterator[Event]:
        """The next so many events of the mix."""
        return islice(self._told(), number)

    def contacts(self, number: int) -> Iterator[Event]:
        """So many contacts and nothing else."""
        return (self._contact() for _ in range(number))

    def id(self) -> str:
        """A UUID."""
        digits = f"{self._chance.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def _told(self) -> Iterator[Event]:
        while True:
            name = self._one(self._names)
            if name == "ContactRecorded" or (name in _MENDED and not self._lately):
                yield self._contact()
            elif name == "PersonRegistered":
                yield self._registered(self.id())
            elif name in _MENDED:
                yield self._mended(name)
            else:
                yield self._work(name)

    def _contact(self) -> Event:
        person, episode = self._one(self._open)
        contact = self.id()
        self._lately.append((person, episode, contact))
        data = {
            "episode_id": episode,
            "contact_id": contact,
            "started_at": self._moment(),
            "minutes": self._one((15, 30, 45, 60, 90)),
            "worker_id": self.id(),
            "place": self._one(("HOME", "COMMUNITY", "CLINIC")),
            "mechanism": "01",
            "attendance": self._one("567"),
            "activities": list(_ACTIVITIES[: self._chance.randint(1, 3)]),
        }
        return self._event("ContactRecorded", person, data)

    def _mended(self, name: str) -> Event:
        person, episode, contact = self._lately.popleft()
        data = {"episode_id": episode, "contact_id": contact, "reason": "Written under the wrong hour of that day."}
        return self._event(name, person, {**data, "minutes": 30} if name == "ContactCorrected" else data)

    def _work(self, name: str) -> Event:
        person, episode = self._one(self._open)
        more: dict[str, Event] = {
            "WorkerAssigned": {"worker_id": self.id()},
            "NeedsAssessed": {"needs": ["HOMELESSNESS"], "risk": "LOW"},
            "SupportPlanAgreed": {"activities": list(_ACTIVITIES), "weekly_minutes": 120},
        }
        return self._event(name, person, {"episode_id": episode, "on": self._moment()[:10], **more[name]})

    def _registered(self, person: str) -> Event:
        details = {
            "nhs_number": next(self._numbers),
            "family_name": "Relf",
            "given_names": "Sheila",
            "birth_date": f"19{self._chance.randint(30, 89)}-06-05",
            "address_lines": ["79 Hop Row", "Maidstone"],
            "postcode": "ME14 9ZZ",
            "telephone": "01632 960064",
            "gp_practice": "Synthetic Practice 30",
        }
        return self._event("PersonRegistered", person, {"district": "maidstone", "details": details})

    def _event(self, name: str, person: str, data: Event) -> Event:
        return {
            "specversion": "1.0",
            "id": self.id(),
            "source": f"/kmpt/{self._one(_TEAMS)}",
            "type": f"kmpt.episodes.v1.{name}",
            "subject": person,
            "time": self._moment(),
            "data": data,
        }

    def _moment(self) -> str:
        """A moment since the episodes began and before the day is over."""
        hour, minute = self._chance.randint(8, 18), self._chance.randint(0, 59)
        return f"2012-09-{self._chance.randint(4, 30):02}T{hour:02}:{minute:02}:00+01:00"

    def _one(self, several: Sequence[Any]) -> Any:
        return several[int(self._chance.random() * len(several))]
