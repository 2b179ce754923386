"""What goes wrong in the telling: events come late, out of order or twice, and some should never have been told.

Knows how often. What the wrong ones are is in `plants` and `rare_plants`. Must never alter what happened in a life.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from services.simulator.cases import Case, Plant
from services.simulator.plants import BESIDE_CONTACT
from services.simulator.rare_plants import AT_REGISTRATION, RARE, planted_number
from services.simulator.telling import Telling
from services.simulator.told import Told

_ONE_DAY = timedelta(days=1)
_LATE = 0.006
_SWAPPED = 0.1
_REPEATED = 0.004
_PLANTED = 0.25
_WRONG_NUMBER = 0.01
_TRIES = 4


def with_mishaps(telling: Telling) -> list[Told]:
    """The life as it is told in fact; nothing after the county's last day."""
    chance = telling.county.chance(f"mishaps/{telling.person.index}")
    told = _swapped(chance, _late(chance, telling.told))
    wrong = _planted(chance, Case(telling, told, chance))
    again = [_again(chance, one) for one in told if chance.random() < _REPEATED]
    return [one for one in (*told, *wrong, *again) if one.day <= telling.county.last]


def _late(chance: Random, told: list[Told]) -> list[Told]:
    """Some records of work come days or weeks late."""
    return [_later(chance, one) if one.movable and chance.random() < _LATE else one for one in told]


def _later(chance: Random, told: Told) -> Told:
    return replace(told, day=told.day + chance.choice((1, 1, 2, 3, 5, 9, 16, 30)) * _ONE_DAY)


def _swapped(chance: Random, told: list[Told]) -> list[Told]:
    """Of two records of work of one day, the later sometimes comes first."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for place, one in enumerate(told):
        if one.movable:
            by_day[one.day].append(place)
    result = list(told)
    for places in by_day.values():
        if len(places) == 2 and chance.random() < _SWAPPED:
            here, there = places
            result[here] = replace(told[here], minute=told[there].minute)
            result[there] = replace(told[there], minute=told[here].minute)
    return result


def _again(chance: Random, told: Told) -> Told:
    """The same event once more, by a sender who did not hear that it had arrived."""
    return replace(told, day=told.day + chance.choice((0, 0, 0, 1, 12)) * _ONE_DAY, minute=told.minute + 1)


def _planted(chance: Random, case: Case) -> list[Told]:
    """At most one wrong event of each sort; what few lives have room for goes first."""
    wrong = [planted_number(case)] if chance.random() < _WRONG_NUMBER else []
    for plant, likely in RARE:
        if chance.random() < likely and (one := plant(case)):
            return [*wrong, one]
    if chance.random() < _PLANTED and (one := _first_that_fits(chance, case)):
        return [*wrong, one]
    return wrong


def _first_that_fits(chance: Random, case: Case) -> Told | None:
    tried: list[Plant] = chance.sample((*BESIDE_CONTACT, *AT_REGISTRATION), _TRIES)
    return next((one for plant in tried if (one := plant(case))), None)
