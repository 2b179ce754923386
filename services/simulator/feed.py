"""The feed: every day of the county and all that is told on it, in order.

Knows order alone: the day, the minute, the person, and what came first of one person. Holds only what is still to come
of those who are known already, so a large county does not have to fit into memory. Must never change what is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from services.simulator.commissioner import commissioned
from services.simulator.lives import life_of
from services.simulator.mishaps import with_mishaps
from services.simulator.people import MOST_PEOPLE, person_of
from services.simulator.seeded import County
from services.simulator.told import Event, Told, moment_of
from services.words.calendar import DayBegan

_ONE_DAY = timedelta(days=1)
_CALENDAR = "/county/calendar"


def write_feed(people: int, first: date, last: date, seed: int) -> Iterator[Event]:
    """The feed of a county with so many people, from its first day to its last, as CloudEvents JSON objects.

    The same arguments give the same feed. ValueError if there are no people, too many, or no days.
    """
    return (told.event for told in tell(County(people, first, last, seed)))


def tell(county: County) -> Iterator[Told]:
    """The feed with what is known of each event beside it: whether it is to be refused, and by which code."""
    if not 1 <= county.people <= MOST_PEOPLE:
        raise ValueError(f"a county has 1 to {MOST_PEOPLE} people")
    if county.last < county.first:
        raise ValueError("a county's last day does not lie before its first")
    return _told(county)


def _told(county: County) -> Iterator[Told]:
    arriving: dict[date, list[int]] = defaultdict(list)
    for index in range(county.people):
        arriving[person_of(county, index).arrives_on].append(index)
    waiting: dict[date, list[Told]] = defaultdict(list)
    for told in commissioned(county):
        waiting[told.day].append(told)
    for days in range((county.last - county.first).days + 1):
        day = county.first + days * _ONE_DAY
        yield _day_began(county, day)
        for index in arriving.pop(day, ()):
            for told in with_mishaps(life_of(county, index)):
                waiting[told.day].append(told)
        yield from sorted(waiting.pop(day, ()), key=_minute)


def _minute(told: Told) -> int:
    return told.minute


def _day_began(county: County, day: date) -> Told:
    event = {
        "specversion": "1.0",
        "id": county.id(f"day/{day}"),
        "source": _CALENDAR,
        "type": DayBegan.TYPE,
        "time": moment_of(day, 0).isoformat(),
        "data": {"date": day.isoformat()},
    }
    return Told(day, 0, day, event)
