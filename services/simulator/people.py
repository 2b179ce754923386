"""People who do not exist: name, home, age, NHS number, and on which day each becomes known.

Knows how they are invented from a county and a place in its list. Must never use a number that could be issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from random import Random

from nhs_number.validate import calculate_checksum

from services.county.nhs_number import is_valid
from services.county.policy import policy_on
from services.simulator.homes import home, name, some_district
from services.simulator.seeded import County
from services.simulator.told import Event

MOST_PEOPLE = 200_000
"""More would leave the range of numbers that are never issued."""

_FIRST_NINE = 999_100_000
_BLOCK = 4
_PAIRS = 40
_ONE_DAY = timedelta(days=1)


class Way(Enum):
    """How a person comes to be known: for STR, as a case of long ago in house, or as one already at a provider."""

    STR = auto()
    LEGACY = auto()
    EXTERNAL = auto()


@dataclass(frozen=True, slots=True)
class Person:
    """One person; `number_given_up_on` is the day on which a wrong NHS number is replaced by `later_number`."""

    index: int
    id: str
    way: Way
    arrives_on: date
    district: str
    details: Event
    number_given_up_on: date | None
    later_number: str


def person_of(county: County, index: int) -> Person:
    """The person in that place of the county's list."""
    chance = county.chance(f"person/{index}")
    given_up_on = _gives_up_number(county, index)
    claims_on = _claims_number(county, index)
    way, arrives_on = (Way.STR, claims_on) if claims_on else _arrival(county, index)
    district = some_district(chance)
    own, later = _numbers(index)
    number = _numbers(index - 1)[0] if claims_on else own
    details = _details(chance, district, number, arrives_on)
    return Person(index, county.id(f"person/{index}"), way, arrives_on, district, details, given_up_on, later)


def wrong_number(number: str) -> str:
    """The same number with a check digit that is not its own."""
    return number[:9] + str((int(number[9]) + 1) % 10)


def _details(chance: Random, district: str, number: str, known_on: date) -> Event:
    age = timedelta(days=round(365.25 * chance.triangular(17, 90, 38)))
    return {
        "nhs_number": number,
        **name(chance),
        "birth_date": (known_on - age).isoformat(),
        **home(chance, district),
    }


def _arrival(county: County, index: int) -> tuple[Way, date]:
    """Legacy cases are known before the county closes in-house long-term support; a third of the rest in four weeks."""
    chance = county.chance(f"arrival/{index}")
    closed_from = policy_on(county.first).css_closed_from
    paired = index % _PAIRS in (0, 1)
    kind = chance.random()
    if county.first < closed_from and kind < 0.06 and not paired:
        way = Way.LEGACY if kind < 0.05 else Way.EXTERNAL
        return way, _day_in(chance, county.first, min(closed_from - 4 * _ONE_DAY, county.last))
    busy_until = county.first + 27 * _ONE_DAY if chance.random() < 0.3 else county.last
    return Way.STR, _day_in(chance, county.first, min(busy_until, county.last))


def _day_in(chance: Random, first: date, last: date) -> date:
    return first + chance.randint(0, max(0, (last - first).days)) * _ONE_DAY


def _gives_up_number(county: County, index: int) -> date | None:
    """The first of every pair was registered under somebody else's number, which is put right some days later."""
    if index % _PAIRS != 0:
        return None
    return _arrival(county, index)[1] + (5 + index % 11) * _ONE_DAY


def _claims_number(county: County, index: int) -> date | None:
    """The second of every pair is whose number it was; known only in a later month, when it is free for certain."""
    if index % _PAIRS != 1:
        return None
    given_up_on = _gives_up_number(county, index - 1)
    assert given_up_on is not None
    claimed_on = (given_up_on.replace(day=1) + 32 * _ONE_DAY).replace(day=1) + index % 23 * _ONE_DAY
    return claimed_on if claimed_on <= county.last else None


def _numbers(index: int) -> tuple[str, str]:
    """The two first valid numbers among four that are this place's own; not every nine digits have a check digit."""
    start = _FIRST_NINE + index * _BLOCK
    written = (f"{nine}{calculate_checksum(str(nine))}" for nine in range(start, start + _BLOCK))
    own, later, *_ = (number for number in written if is_valid(number, synthetic=True))
    return own, later
