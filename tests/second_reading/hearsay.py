"""Feeds at random, by seed: lives that mostly go as lives go, told late, twice, wrongly and out of turn.

What is likely next is taken from the second reading, so that a feed gets deep into lives and does not stay at the door.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.county.codes import code_list
from tests.second_reading.county import DAY, TEAMS, County, Event
from tests.second_reading.lives import Line
from tests.second_reading.shapes import LISTS, OWN, SHAPES

_OFTEN = {"ContactRecorded": 9.0, "ReviewHeld": 5.0, "EpisodeEnded": 2.0, "EnablementCompleted": 2.0}
_SELDOM = {"PersonDied": 0.25, "EpisodeEnteredInError": 0.6, "ReferralRejected": 0.7}
_NEXT: Mapping[str, tuple[str, ...]] = {
    "nobody": ("PersonRegistered",),
    "nothing open": (*("ReferralReceived",) * 4, "LegacyCssCaseIdentified", "ContactRecorded", "ContactCorrected"),
    "REFERRED": (*("ReferralAccepted",) * 5, "ReferralRejected", "WorkerAssigned"),
    "ACCEPTED": (*("EnablementStarted",) * 6, "EpisodeEnded"),
    "LEGACY_CSS": ("ReferralReceived", "ContactRecorded", "EpisodeEnded", "EpisodePlacedOnHold", "WorkerAssigned"),
}
_CLOCKS = ("00:03:00+01:00", "23:30:00Z", "10:30:00+01:00", "23:59:59+00:00", "00:30:00+00:00", "12:00:00.5+01:00")
_WRONG: tuple[Any, ...] = (
    *(0, -1, 1441, 10081, 30.5, True, "", [], {}, "30", "2012-02-30", "2012-2-3", "20120203", 10**25, "é"),
    *("A" * 4001, ["x"] * 101, "2012-10-01T10:00:00", "2012-10-01T10:00+01:00", ["HOMELESSNESS", 3]),
    *("6E77C894-65C9-594A-BC75-8E8813D29597", {"nhs_number": "1"}),
)


class Hearsay:
    """One feed in the making."""

    def __init__(self, seed: int, people: int = 8) -> None:
        self._chance = random.Random(seed)
        self._people = [self._id() for _ in range(people)]
        self._numbers = {person: self._nhs_number() for person in self._people}
        self._contacts: dict[str, list[str]] = {}
        self._heard = County(now=date(2026, 1, 1))
        self._today = date(2012, self._chance.choice((3, 5, 7, 8, 9, 10)), self._chance.randrange(1, 28))
        self.events: list[Event] = []

    def tell(self, days: int) -> list[Event]:
        """A feed over about so many days."""
        last = self._today + timedelta(days=days)
        while self._today < last:
            self._say(DAY, "", {"date": self._today.isoformat()})
            for _ in range(self._chance.choice((0, 0, 0, 1, 2, 4, 8))):
                self._something()
            self._today += timedelta(days=self._chance.choice((1, 1, 1, 1, 2, 9)))
        self._say(DAY, "", {"date": self._today.isoformat()})
        return self.events

    def _something(self) -> None:
        person = self._chance.choice(self._people) if self._chance.random() < 0.99 else self._id()
        known = self._heard.people.get(person)
        last = known.lines[-1] if known and known.lines else None
        stage = "nobody" if known is None else "nothing open" if last is None or last.ended else last.phase
        if stage in _NEXT and self._chance.random() < 0.75:
            name = self._chance.choice(_NEXT[stage])
        else:
            weights = [_OFTEN.get(name, _SELDOM.get(name, 1.0)) for name in SHAPES]
            name = self._chance.choices(list(SHAPES), weights)[0]
        self._say(TEAMS + name, person, self._spoilt(self._data(name, person, last)))
        self._mischief(person)

    def _mischief(self, person: str) -> None:
        """Now and then something is said twice, under a used id, by nobody or of nobody."""
        pick = self._chance.random()
        earlier = self._chance.choice(self.events)
        if pick < 0.03:
            self._tell(earlier)
        elif pick < 0.05:
            self._tell({**earlier, "data": {**earlier["data"], "reason": "another"}})
        elif pick < 0.055:
            self._say(TEAMS + self._chance.choice((*OWN, "ContactRecalled")), person, {"on": self._today.isoformat()})
        elif pick < 0.06:
            day = self._chance.choice(("2112-01-01", self._today.isoformat(), "2012-01-01", "tomorrow"))
            self._say(DAY, "", {"date": day})
        elif pick < 0.063:
            self._say(TEAMS + "PersonDied", "nobody", {"on": self._today.isoformat()})

    def _data(self, name: str, person: str, last: Line | None) -> Event:
        episode = last.id if last and self._chance.random() < 0.9 else self._any_episode(person)
        if name in ("ReferralReceived", "LegacyCssCaseIdentified") and self._chance.random() < 0.93:
            episode = self._id()
        data: Event = {}
        for field in SHAPES[name]:
            if not field.endswith("?") or self._chance.random() < 0.5:
                data[field.rstrip("?")] = self._value(name, field.rstrip("?"), person, episode)
        if data.get("outcome") == "LONG_TERM_SUPPORT" and self._chance.random() < 0.9:
            data |= {"weekly_minutes": 120, "needs": ["HOMELESSNESS"], "risk": "LOW"}
        return data

    def _value(self, name: str, field: str, person: str, episode: str) -> Any:
        codes = LISTS.get(name, {}).get(field)
        if codes is not None:
            many = field in ("needs", "activities")
            return [self._code(codes) for _ in range(self._chance.randrange(1, 4))] if many else self._code(codes)
        made: Mapping[str, Callable[[], Any]] = {
            "episode_id": lambda: episode,
            "contact_id": lambda: self._contact(name, episode),
            "worker_id": lambda: self._chance.choice(self._people),
            "team": lambda: self._code("team"),
            "details": lambda: self._details(person),
            "on": self._day,
            "last_day": self._day,
            "since": lambda: self._chance.choice(("2008-03-01", self._day())),
            "from_on": lambda: (self._today + timedelta(days=self._chance.randrange(-40, 60))).isoformat(),
            "started_at": lambda: f"{self._day()}T{self._chance.choice(_CLOCKS)}",
            "minutes": lambda: self._chance.choice((1, 15, 60, 90, 1440)),
            "weekly_minutes": lambda: self._chance.choice((60, 120, 10080)),
            "moved": lambda: self._chance.random() < 0.7,
        }
        return made.get(field, lambda: "in somebody's own words")()

    def _day(self) -> str:
        """Mostly today, often some days ago, seldom long ago, seldom tomorrow."""
        if self._chance.random() < 0.01:
            return "2002-12-31"
        back = self._chance.choices((0, 7, 60, -2), (45, 30, 20, 5))[0]
        days = back if back <= 0 else self._chance.randrange(1, back + 1)
        return (self._today - timedelta(days=days)).isoformat()

    def _contact(self, name: str, episode: str) -> str:
        known = self._contacts.setdefault(episode, [])
        if known and self._chance.random() < (0.05 if name == "ContactRecorded" else 0.9):
            return self._chance.choice(known)
        known.append(self._id())
        return known[-1]

    def _any_episode(self, person: str) -> str:
        everyone = self._heard.people.values() if self._chance.random() < 0.05 else [self._heard.people.get(person)]
        known = [line.id for some in everyone if some for line in some.lines]
        return self._chance.choice(known) if known else self._id()

    def _details(self, person: str) -> Event:
        number = self._numbers.get(person) or self._nhs_number()
        if self._chance.random() < 0.2:
            others = (*self._numbers.values(), self._nhs_number(), "9999999999", "943 476 5919", "12345")
            number = self._chance.choice(others)
        if len(number) == 10 and self._chance.random() < 0.2:
            number = f"{number[:3]} {number[3:6]} {number[6:]}"
        return {
            "nhs_number": number,
            "family_name": "Relf",
            "given_names": "Una",
            "postcode": "ME14 9ZZ",
            "birth_date": f"19{self._chance.randrange(30, 99)}-06-05",
            "address_lines": ["1 Hop Row", "Maidstone"],
        }

    def _spoilt(self, data: Event) -> Event:
        """Now and then a field is missing, null, unknown, or holds what it must not."""
        if self._chance.random() > 0.02:
            return data
        field = self._chance.choice(list(data))
        without = {name: value for name, value in data.items() if name != field}
        return self._chance.choice(
            (without, {**data, "more": 1}, {**data, field: None}, {**data, field: self._chance.choice(_WRONG)})
        )

    def _code(self, name: str) -> str:
        return self._chance.choice(sorted(code_list(name))) if self._chance.random() < 0.985 else "ZZZ"

    def _nhs_number(self) -> str:
        while True:
            nine = f"999{self._chance.randrange(10**6):06}"
            check = (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11) % 11
            if check < 10:
                return f"{nine}{check}"

    def _id(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128), version=4))

    def _say(self, type: str, subject: str, data: Event) -> None:
        source = self._chance.choice(("/kmpt/maidstone-cmht", "/kmpt/access-west"))
        minute = self._chance.randrange(60)
        event = {"specversion": "1.0", "id": self._id(), "source": source, "type": type, "data": data}
        event |= {"time": f"{self._today}T09:{minute:02}:00+01:00"} | ({"subject": subject} if subject else {})
        self._tell(event)

    def _tell(self, event: Event) -> None:
        self.events.append(json.loads(json.dumps(event)))
        self._heard.hear(self.events[-1])
