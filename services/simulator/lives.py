"""Whole lives: how a person comes to the service, is supported, moves house, comes back, and dies.

Knows which things happen to people and how often. Must never know how a step of an episode is told.
"""

from __future__ import annotations

from datetime import date, timedelta

from services.county.codes import code_list
from services.simulator.course import Past
from services.simulator.homes import home
from services.simulator.legacy import tell_external, tell_legacy
from services.simulator.people import Way, person_of
from services.simulator.seeded import County, derived
from services.simulator.support import tell_episode, tell_wrong_entry
from services.simulator.telling import Telling, begin
from services.simulator.told import Told

_ONE_DAY = timedelta(days=1)
_MOST_EPISODES = 3
_ACCOMMODATION = tuple(sorted(code_list("accommodation")))
_CHECKS = tuple(sorted(code_list("check")))


def life_of(county: County, index: int) -> Telling:
    """All that is told, as it should be, of the person in that place of the list, up to the county's last day."""
    person = person_of(county, index)
    telling = begin(county, person)
    match person.way:
        case Way.STR:
            _tell_str(telling)
        case Way.LEGACY:
            tell_legacy(telling)
        case Way.EXTERNAL:
            tell_external(telling)
    _tell_home(telling)
    _tell_details(telling)
    _tell_death(telling)
    telling.told = [told for told in telling.told if told.day <= county.last]
    return telling


def _tell_str(telling: Telling) -> None:
    """Up to three STR episodes; some come back within days, so that the clock goes on (S9), others months later."""
    chance, person = telling.chance, telling.person
    referred = person.arrives_on + chance.randint(0, 2) * _ONE_DAY
    if chance.random() < 0.02:
        referred = tell_wrong_entry(telling, referred) + _ONE_DAY
    past = Past()
    for number in range(_MOST_EPISODES):
        now = tell_episode(telling, derived(person.id, f"episode/{number}"), referred, past)
        past = past if now.clock is None else now
        if now.over_on is None or chance.random() > 0.3:
            return
        referred = now.over_on + (1 if chance.random() < 0.4 else chance.randint(15, 120)) * _ONE_DAY


def _tell_home(telling: Telling) -> None:
    """Another home; whoever moves has belongings, money and property looked after, mostly all of them (R36, R37)."""
    chance = telling.chance
    if chance.random() > 0.18:
        return
    on = telling.person.arrives_on + chance.randint(3, 150) * _ONE_DAY
    moved = chance.random() < 0.6
    data = {"accommodation": chance.choice(_ACCOMMODATION), "settled": chance.choice("YYYNNZ9"), "moved": moved}
    telling.say("AccommodationChanged", {"on": on.isoformat(), **data}, on=on)
    for check in _CHECKS if moved else ():
        if chance.random() < 0.8:
            done = on + chance.randint(0, 20) * _ONE_DAY
            telling.say("MoveCheckDone", {"check": check, "on": done.isoformat()}, on=done)


def _tell_details(telling: Telling) -> None:
    """A wrong NHS number is put right, or somebody has another address."""
    person, chance = telling.person, telling.chance
    if person.number_given_up_on is not None:
        right = {**person.details, "nhs_number": person.later_number}
        data = {"details": right, "reason": "Registered under the number of somebody else."}
        telling.say("PersonDetailsCorrected", data, told_on=person.number_given_up_on)
    elif chance.random() < 0.04:
        data = {"details": {**person.details, **home(chance, person.district)}, "reason": "Has a new address."}
        if chance.random() < 0.5:
            data["district"] = person.district
        told_on = person.arrives_on + chance.randint(4, 200) * _ONE_DAY
        telling.say("PersonDetailsCorrected", data, told_on=told_on)


def _tell_death(telling: Telling) -> None:
    """A death, sometimes told days late: nothing that was to come after it is told, but the work before it is."""
    chance = telling.chance
    if telling.person.number_given_up_on is not None or chance.random() > 0.02:
        return
    died = telling.person.arrives_on + chance.randint(8, 240) * _ONE_DAY
    told_on = died + chance.choice((0, 0, 1, 3, 8)) * _ONE_DAY
    telling.say("PersonDied", {"on": died.isoformat()}, on=died, told_on=told_on)
    death = telling.told[-1]
    telling.told = [told for told in telling.told if told is death or _before(told, death, died)]


def _before(told: Told, death: Told, died: date) -> bool:
    known = (told.day, told.minute) < (death.day, death.minute)
    return (known or told.movable) and (told.on is None or told.on <= died)
