"""How the first six weeks of an episode go out, and what is agreed at its reviews (S4, S6).

Knows how often each outcome comes, and how long support goes on after it. Must never know the work itself.
"""

from __future__ import annotations

from datetime import date, timedelta

from services.county.places import Area, area_of
from services.simulator.contacts import needs, weekly_minutes
from services.simulator.course import Course, Until
from services.simulator.telling import Telling

_ONE_DAY = timedelta(days=1)


def reviewed(telling: Telling, course: Course) -> Until:
    """How the first six weeks go out: most reviewed in time, some late, some never; a few complete early (S4, S6)."""
    chance, kind = telling.chance, telling.chance.random()
    if kind < 0.08 and course.clock == course.started:
        return _completed_early(telling, course)
    if kind < 0.20:
        return Until(course.started + chance.randint(45, 150) * _ONE_DAY, chance.random() < 0.75)
    days = chance.randint(34, 41) if kind < 0.8 else chance.randint(44, 65)
    return _first_review(telling, course, max(course.clock + days * _ONE_DAY, course.started + 7 * _ONE_DAY))


def _completed_early(telling: Telling, course: Course) -> Until:
    last_day = course.started + telling.chance.randint(14, 35) * _ONE_DAY
    reason = telling.chance.choice(("GOALS_MET", "FURTHER_SUPPORT"))
    data = {"episode_id": course.episode_id, "last_day": last_day.isoformat(), "reason": reason}
    telling.say("EnablementCompleted", data, on=last_day)
    if reason == "GOALS_MET":
        return Until(last_day + telling.chance.randint(1, 6) * _ONE_DAY, ends=True)
    return _first_review(telling, course, last_day + telling.chance.randint(0, 12) * _ONE_DAY)


def _first_review(telling: Telling, course: Course, on: date) -> Until:
    chance = telling.chance
    told_on = on + (chance.randint(2, 9) if chance.random() < 0.1 else 0) * _ONE_DAY
    match chance.choices(("GOALS_MET", "FURTHER_SUPPORT", "LONG_TERM_SUPPORT"), (33, 59, 8))[0]:
        case "GOALS_MET":
            _review(telling, course, "GOALS_MET", on, told_on)
            return Until(told_on + chance.randint(1, 10) * _ONE_DAY, chance.random() < 0.92)
        case "FURTHER_SUPPORT":
            _review(telling, course, "FURTHER_SUPPORT", on, told_on)
            return _further(telling, course, told_on)
        case _:
            return _ask_for_handover(telling, course, on, told_on)


def _further(telling: Telling, course: Course, reviewed: date) -> Until:
    """Support goes on: to goals met, to long-term support asked for before the cap, or to the cap and beyond."""
    chance, fate = telling.chance, telling.chance.random()
    if fate < 0.55:
        on = reviewed + chance.randint(21, 90) * _ONE_DAY
        _review(telling, course, "GOALS_MET", on, on)
        return Until(on + chance.randint(1, 10) * _ONE_DAY, ends=True)
    if fate < 0.72:
        on = max(course.cap - chance.randint(25, 55) * _ONE_DAY, reviewed + 7 * _ONE_DAY)
        return _ask_for_handover(telling, course, on, on)
    last_day = course.cap + chance.choice((-9, -3, 0, 0, 0, 6)) * _ONE_DAY
    return Until(max(last_day, reviewed + _ONE_DAY), chance.random() < 0.7)


def _ask_for_handover(telling: Telling, course: Course, on: date, told_on: date) -> Until:
    """Long-term support is agreed; the team stays, but not for ever, while a provider is sought."""
    chance = telling.chance
    _review(telling, course, "LONG_TERM_SUPPORT", on, told_on)
    if area_of(telling.person.district) is Area.MEDWAY or chance.random() > 0.15:
        last_day = min(course.cap, on + chance.randint(28, 56) * _ONE_DAY)
        return Until(max(last_day, course.started), ends=False)
    declined = told_on + chance.randint(2, 9) * _ONE_DAY
    telling.say(
        "HandoverDeclinedByPerson",
        {"episode_id": course.episode_id, "on": declined.isoformat(), "reason": "Wants no other people in the house."},
        on=declined,
    )
    return Until(declined + chance.randint(3, 20) * _ONE_DAY, ends=True)


def _review(telling: Telling, course: Course, outcome: str, on: date, told_on: date) -> None:
    asked = {"weekly_minutes": weekly_minutes(telling), **needs(telling)} if outcome == "LONG_TERM_SUPPORT" else {}
    data = {"episode_id": course.episode_id, "on": on.isoformat(), "outcome": outcome, **asked}
    telling.say("ReviewHeld", data, on=on, told_on=told_on)
