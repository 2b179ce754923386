"""Contacts and other work of a worker with a person: how often, at what hour, where, and whether anybody was met.

Knows how a caseworker's weeks look. Must never know why an episode began or ends.
"""

from __future__ import annotations

from datetime import date, timedelta

from services.county.codes import code_list
from services.simulator.seeded import derived
from services.simulator.telling import FIRST_CONTACT_MINUTE, Telling, some_worker
from services.simulator.told import Event, moment_of

_ONE_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
# Between two contacts lie 2 to 7 days, four and a half on average: about 1.6 contacts a week.
_GAPS = (2, 3, 4, 5, 6, 7)
_HOLD_GAP = 21
_LENGTHS = (15, 30, 30, 45, 45, 60, 60, 60, 90, 120)
_PLACES = (
    "HOME",
    "COMMUNITY",
    "CLINIC",
    "MENTAL_HEALTH_UNIT",
    "HOSPITAL",
    "PROBATION_OFFICE",
    "COURT",
    "POLICE_HEADQUARTERS",
)
_PLACE_WEIGHTS = (50, 25, 10, 5, 4, 3, 2, 1)
_MECHANISMS = ("01", "02", "09", "05", "11", "98")
_MECHANISM_WEIGHTS = (80, 14, 2, 2, 1, 1)
_ATTENDANCES = ("5", "6", "3", "2", "4", "7")
_ATTENDANCE_WEIGHTS = (70, 8, 11, 6, 3, 2)
_ACTIVITIES = tuple(sorted(code_list("activity")))
_NEEDS = tuple(sorted(code_list("need")))
_AGENCIES = tuple(sorted(code_list("agency")))


def tell_contacts(telling: Telling, episode_id: str, first: date, last: date, hold: tuple[date, date] | None) -> None:
    """Contacts from the first day to the last; fewer while support is on hold."""
    chance = telling.chance
    worker = _assign(telling, episode_id, first)
    day, number = first + chance.randrange(4) * _ONE_DAY, 0
    while day <= min(last, telling.county.last):
        if chance.random() < 0.006:
            worker = _assign(telling, episode_id, day)
        _tell_contact(telling, episode_id, derived(episode_id, f"contact/{number}"), worker, day, day == first)
        held = hold is not None and hold[0] <= day < hold[1]
        day += (_HOLD_GAP if held else chance.choice(_GAPS)) * _ONE_DAY
        number += 1


def tell_other_work(telling: Telling, episode_id: str, first: date, last: date) -> None:
    """Needs, plan, work without the person, and referrals onward (R88, R90, R92, R93)."""
    chance, days = telling.chance, (last - first).days
    if chance.random() < 0.9:
        on = first + chance.randint(0, min(4, days)) * _ONE_DAY
        telling.say(
            "NeedsAssessed", {"episode_id": episode_id, "on": on.isoformat(), **needs(telling)}, on=on, movable=True
        )
    if chance.random() < 0.85:
        on = first + chance.randint(0, min(10, days)) * _ONE_DAY
        telling.say("SupportPlanAgreed", {"episode_id": episode_id, "on": on.isoformat(), **_plan(telling)}, on=on)
    for _ in range(chance.choices((0, 1, 2), (6, 3, 1))[0]):
        on = first + chance.randint(0, days) * _ONE_DAY
        telling.say("IndirectActivityRecorded", _indirect(telling, episode_id, on), on=on, movable=True)
    if chance.random() < 0.12:
        on = first + chance.randint(0, days) * _ONE_DAY
        agency = chance.choice(_AGENCIES)
        telling.say("OnwardReferralMade", {"episode_id": episode_id, "on": on.isoformat(), "agency": agency}, on=on)


def needs(telling: Telling) -> Event:
    """One to three needs, and a risk."""
    chosen = telling.chance.sample(_NEEDS, telling.chance.randint(1, 3))
    return {"needs": sorted(chosen), "risk": telling.chance.choices(("LOW", "MEDIUM", "HIGH"), (4, 5, 1))[0]}


def weekly_minutes(telling: Telling) -> int:
    """Minutes of support a week, in half hours."""
    return telling.chance.choice((60, 60, 90, 120, 120, 180, 240))


def contact_data(telling: Telling, episode_id: str, contact_id: str, worker: str) -> Event:
    """What a contact is told with, but for the moment it began."""
    chance = telling.chance
    return {
        "episode_id": episode_id,
        "contact_id": contact_id,
        "started_at": "",
        "minutes": chance.choice(_LENGTHS),
        "worker_id": worker,
        "place": chance.choices(_PLACES, _PLACE_WEIGHTS)[0],
        "mechanism": chance.choices(_MECHANISMS, _MECHANISM_WEIGHTS)[0],
        "attendance": chance.choices(_ATTENDANCES, _ATTENDANCE_WEIGHTS)[0],
        "activities": chance.sample(_ACTIVITIES, chance.randint(1, 3)),
    }


def _assign(telling: Telling, episode_id: str, on: date) -> str:
    worker = some_worker(telling)
    data = {"episode_id": episode_id, "on": on.isoformat(), "worker_id": worker}
    telling.say("WorkerAssigned", data, on=on, movable=True)
    return worker


def _tell_contact(
    telling: Telling, episode_id: str, contact_id: str, worker: str, day: date, on_first_day: bool
) -> None:
    chance = telling.chance
    content = contact_data(telling, episode_id, contact_id, worker)
    minute = _minute(telling, day, FIRST_CONTACT_MINUTE if on_first_day else 0)
    mended = chance.random() < 0.015
    night = minute < 6 * 60
    telling.say_contact(day, minute, content, in_utc=night and chance.random() < 0.3, movable=not mended)
    if mended:
        _tell_mending(telling, episode_id, contact_id, day + chance.randint(1, 10) * _ONE_DAY)


def _tell_mending(telling: Telling, episode_id: str, contact_id: str, day: date) -> None:
    named = {"episode_id": episode_id, "contact_id": contact_id}
    match telling.chance.randrange(4):
        case 0:
            telling.say("ContactEnteredInError", {**named, "reason": "Written under the wrong person."}, told_on=day)
        case 1:
            telling.say(
                "ContactCorrected",
                {**named, "attendance": "5", "reason": "The person had come after all."},
                told_on=day,
            )
        case _:
            minutes = telling.chance.choice(_LENGTHS)
            telling.say(
                "ContactCorrected", {**named, "minutes": minutes, "reason": "The minutes were wrong."}, told_on=day
            )


def _minute(telling: Telling, day: date, earliest: int) -> int:
    """Mostly in office hours, at times at any hour of the day or night (R109), and about when the clocks change."""
    chance = telling.chance
    clocks_change = moment_of(day, 0).utcoffset() != moment_of(day, 12 * 60).utcoffset()
    if earliest == 0 and clocks_change and chance.random() < 0.5:
        return chance.randrange(15, 4 * 60, 15)
    if earliest == 0 and chance.random() < 0.03:
        return chance.randrange(0, _DAY_MINUTES - 61)
    return max(earliest, chance.randrange(9 * 60, 19 * 60, 15))


def _plan(telling: Telling) -> Event:
    chosen = telling.chance.sample(_ACTIVITIES, telling.chance.randint(2, 5))
    return {"activities": sorted(chosen), "weekly_minutes": weekly_minutes(telling)}


def _indirect(telling: Telling, episode_id: str, on: date) -> Event:
    chance = telling.chance
    agency = {"agency": chance.choice(_AGENCIES)} if chance.random() < 0.4 else {}
    return {
        "episode_id": episode_id,
        "on": on.isoformat(),
        "minutes": chance.choice(_LENGTHS),
        "worker_id": some_worker(telling),
        **agency,
        "activity": chance.choice(("RECORD_KEEPING", "PLANNING_MEETING", "ONWARD_REFERRAL")),
    }
