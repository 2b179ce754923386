"""One STR episode as a plan of dated events: from the referral to its end, or to where the county loses sight of it.

Knows the course that support takes and in which order its steps are told. Must never decide what is due or charged.
"""

from __future__ import annotations

from datetime import date, timedelta

from services.county.codes import code_list
from services.county.policy import policy_on
from services.simulator.contacts import tell_contacts, tell_other_work
from services.simulator.course import Course, Past, last_permitted_day
from services.simulator.reviews import reviewed
from services.simulator.seeded import derived
from services.simulator.telling import Telling, some_team

_ONE_DAY = timedelta(days=1)
_SOURCES = tuple(sorted(code_list("source")))
_REASONS = tuple(sorted(code_list("reason")))
_REJECTIONS = tuple(sorted(code_list("rejection")))
_EXEMPTIONS = ("S117", "S117", "S117", "CJD", "NHS_CHC", "LOCAL_POLICY")
_CLOSURES = ("02", "02", "02", "03", "04", "05", "07", "09", "01")


def tell_episode(telling: Telling, episode_id: str, referred: date, past: Past) -> Past:
    """Tell an STR episode from its referral on; `past` is the last one with a clock."""
    chance = telling.chance
    _refer(telling, episode_id, referred)
    fate, answered = chance.random(), referred + chance.randint(0, 4) * _ONE_DAY
    dated = {"episode_id": episode_id, "on": answered.isoformat()}
    if fate < 0.03:
        return Past()
    if fate < 0.10:
        telling.say("ReferralRejected", {**dated, "reason": chance.choice(_REJECTIONS)}, on=answered)
        return Past(over_on=answered)
    telling.say("ReferralAccepted", dated, on=answered)
    if fate < 0.14:
        return _never_started(telling, episode_id, answered)
    return _supported(telling, episode_id, answered + chance.randint(0, 7) * _ONE_DAY, past)


def tell_wrong_entry(telling: Telling, referred: date) -> date:
    """An episode that should never have been entered; returns the day on which that is told."""
    episode_id = derived(telling.person.id, "wrong-entry")
    _refer(telling, episode_id, referred)
    named = {"episode_id": episode_id}
    telling.say("ReferralAccepted", {**named, "on": referred.isoformat()}, on=referred)
    if telling.chance.random() < 0.5:
        telling.say("EnablementStarted", {**named, "on": referred.isoformat()}, on=referred)
    told_on = referred + telling.chance.randint(1, 8) * _ONE_DAY
    telling.say("EpisodeEnteredInError", {**named, "reason": "Meant for somebody else."}, told_on=told_on)
    return told_on


def _refer(telling: Telling, episode_id: str, on: date) -> None:
    chance = telling.chance
    telling.say(
        "ReferralReceived",
        {
            "episode_id": episode_id,
            "team": telling.team,
            "on": on.isoformat(),
            "source": chance.choice(_SOURCES),
            "reason": chance.choice(_REASONS),
            "priority": chance.choices(("1", "2", "3", "4"), (1, 2, 8, 1))[0],
        },
        on=on,
    )


def _never_started(telling: Telling, episode_id: str, accepted: date) -> Past:
    if telling.chance.random() < 0.5:
        return Past()
    over = accepted + telling.chance.randint(3, 20) * _ONE_DAY
    telling.say("EpisodeEnded", {"episode_id": episode_id, "on": over.isoformat(), "reason": "07"}, on=over)
    return Past(over_on=over)


def _supported(telling: Telling, episode_id: str, started: date, past: Past) -> Past:
    telling.say("EnablementStarted", {"episode_id": episode_id, "on": started.isoformat()}, on=started)
    gap = None if past.last_day is None else (started - past.last_day).days
    continued = gap is not None and gap <= policy_on(started).same_clock_gap_days
    clock = past.clock if continued and past.clock is not None else started
    course = Course(episode_id, started, clock, last_permitted_day(clock))
    telling.caps[episode_id] = course.cap
    until = reviewed(telling, course)
    _tell_around(telling, course, until.day)
    if not until.ends:
        return Past(clock=clock)
    return _end(telling, course, until.day)


def _tell_around(telling: Telling, course: Course, until: date) -> None:
    """The work itself, and what happens beside it."""
    hold = _hold(telling, course, until)
    if telling.chance.random() < 0.04:
        told_on = course.started + telling.chance.randint(0, (until - course.started).days) * _ONE_DAY
        from_on = told_on + telling.chance.randint(-10, 30) * _ONE_DAY
        data = {"exemption": telling.chance.choice(_EXEMPTIONS), "from_on": from_on.isoformat()}
        telling.say("ChargeExemptionRecorded", {"episode_id": course.episode_id, **data}, told_on=told_on)
    last = min(until, course.cap)
    if last >= course.started:
        tell_contacts(telling, course.episode_id, course.started, last, hold)
        tell_other_work(telling, course.episode_id, course.started, last)
    if telling.chance.random() < 0.05 and (until - course.started).days > 10:
        _move_to_team(
            telling, course, course.started + telling.chance.randint(5, (until - course.started).days) * _ONE_DAY
        )


def _hold(telling: Telling, course: Course, until: date) -> tuple[date, date] | None:
    """Support pauses and mostly goes on again; the first and last day of the pause."""
    days = (until - course.started).days
    if telling.chance.random() > 0.09 or days < 20:
        return None
    begun = course.started + telling.chance.randint(5, days - 10) * _ONE_DAY
    over = begun + telling.chance.randint(4, 30) * _ONE_DAY
    reason = {"reason": "On the ward for some time."} if telling.chance.random() < 0.7 else {}
    named = {"episode_id": course.episode_id}
    telling.say("EpisodePlacedOnHold", {**named, "on": begun.isoformat(), **reason}, on=begun)
    if over < until:
        telling.say("EpisodeResumed", {**named, "on": over.isoformat()}, on=over)
    return begun, min(over, until)


def _move_to_team(telling: Telling, course: Course, on: date) -> None:
    telling.team = some_team(telling.chance, telling.person.district)
    data = {"episode_id": course.episode_id, "on": on.isoformat(), "team": telling.team}
    telling.say("EpisodeMovedToTeam", data, on=on)


def _end(telling: Telling, course: Course, last_day: date) -> Past:
    """The end, now and then told some days late."""
    chance = telling.chance
    told_on = last_day + (chance.randint(1, 6) if chance.random() < 0.15 else 0) * _ONE_DAY
    data = {"episode_id": course.episode_id, "on": last_day.isoformat(), "reason": chance.choice(_CLOSURES)}
    telling.say("EpisodeEnded", data, on=last_day, told_on=told_on)
    return Past(course.clock, last_day, told_on)
