"""How a life is told: the team's desk, where each word has its hour, and the ids of what is told.

Knows order within a day: what must come first has an earlier hour. Must never know what happens in a life.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from services.county.places import Area, area_of
from services.simulator.people import Person
from services.simulator.seeded import County, derived
from services.simulator.told import Event, Told, envelope, moment_of

_EPISODES = "kmpt.episodes.v1"
_HANDOVER = "kmpt.handover.v1"
_SPREAD = 30
# The hour, in minutes after midnight, from which each word is told; two words of one hour never hang on each other.
_DESK_HOURS = {
    "PersonRegistered": 480,
    "LegacyCssCaseIdentified": 600,
    "ReferralReceived": 600,
    "ReferralRejected": 660,
    "ReferralAccepted": 660,
    "EnablementStarted": 720,
    "EnablementCompleted": 960,
    "AccommodationChanged": 960,
    "ReviewHeld": 1020,
    "HandoverDeclinedByPerson": 1050,
    "EpisodePlacedOnHold": 1050,
    "EpisodeResumed": 1080,
    "EpisodeEnded": 1110,
    "EpisodeEnteredInError": 1140,
    "PersonDied": 1170,
}
_ANY_TIME = 780
FIRST_CONTACT_MINUTE = 840
"""On the day that support starts no contact is told before this minute."""

_TEAMS = {
    Area.EAST_KENT: (("access-east", "recovery-east", "outreach-east", "eip-east", "cjld"), (5, 8, 4, 4, 2)),
    Area.WEST_KENT: (("access-west", "recovery-west", "outreach-west", "eip-west", "cjld"), (5, 8, 4, 4, 2)),
    Area.MEDWAY: (("access-west", "recovery-west", "cjld"), (5, 8, 2)),
}
_WORKERS_A_TEAM = 24


@dataclass(slots=True)
class Telling:
    """All that is told of one person, in the order in which it is thought of; `team` is who tells it now."""

    county: County
    person: Person
    chance: Random
    team: str = ""
    told: list[Told] = field(default_factory=list)
    caps: dict[str, date] = field(default_factory=dict)
    """The last permitted day of each STR episode that has a clock."""

    def say(
        self,
        name: str,
        data: Event,
        *,
        on: date | None = None,
        told_on: date | None = None,
        movable: bool = False,
    ) -> None:
        """A team tells something at its desk on `told_on`, else on the day that it speaks of."""
        day = told_on or on
        assert day is not None
        minute = _DESK_HOURS.get(name, _ANY_TIME) + self.chance.randrange(_SPREAD)
        moment = moment_of(on or day, minute).isoformat()
        self._keep(
            f"{_EPISODES}.{name}", f"/kmpt/{self.team}", self.person.id, moment, data, (day, minute, on), movable
        )

    def say_contact(self, day: date, minute: int, data: Event, *, in_utc: bool = False, movable: bool = True) -> None:
        """A worker tells of a contact when it begins, so many minutes after midnight in London."""
        begun = moment_of(day, minute)
        written = f"{begun.replace(tzinfo=None) - (begun.utcoffset() or timedelta()):%Y-%m-%dT%H:%M:%SZ}"
        moment = written if in_utc else begun.isoformat()
        content = {**data, "started_at": moment}
        full_name = f"{_EPISODES}.ContactRecorded"
        self._keep(full_name, f"/kmpt/{self.team}", self.person.id, moment, content, (day, minute, day), movable)

    def commission(self, name: str, lot: Area, data: Event, day: date) -> None:
        """The commissioner says something of this person's case."""
        minute = _ANY_TIME + self.chance.randrange(_SPREAD)
        moment = moment_of(day, minute).isoformat()
        self._keep(f"{_HANDOVER}.{name}", "/kcc/commissioning", lot.value, moment, data, (day, minute, None), False)

    def _keep(
        self,
        full_name: str,
        source: str,
        subject: str,
        moment: str,
        data: Event,
        when: tuple[date, int, date | None],
        movable: bool,
    ) -> None:
        event_id = derived(self.person.id, f"event/{len(self.told)}")
        self.told.append(Told(*when, envelope(event_id, source, full_name, subject, moment, data), movable))


def begin(county: County, person: Person) -> Telling:
    """Start to tell of a person: the team that takes them is of their area, in Maidstone often the pilot's (R13)."""
    telling = Telling(county, person, county.chance(f"life/{person.index}"))
    telling.team = some_team(telling.chance, person.district)
    telling.say("PersonRegistered", {"district": person.district, "details": person.details}, told_on=person.arrives_on)
    return telling


def some_team(chance: Random, district: str) -> str:
    """A team that works where the person lives."""
    if district == "maidstone" and chance.random() < 0.6:
        return "maidstone-cmht"
    teams, weights = _TEAMS[area_of(district)]
    return chance.choices(teams, weights)[0]


def some_worker(telling: Telling) -> str:
    """One of the workers of the team that tells."""
    return telling.county.id(f"worker/{telling.team}/{telling.chance.randrange(_WORKERS_A_TEAM)}")
