"""The course of an STR episode as it is planned: its clock, its last permitted day, and how long support goes on.

Knows dates alone. Must never tell anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from services.county.policy import policy_on

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Past:
    """What an episode leaves behind: the first day of its clock, its last day, and when that was told.

    All are None for an episode without a clock or without an end.
    """

    clock: date | None = None
    last_day: date | None = None
    over_on: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """An episode that has started: its clock may be an earlier episode's (S9); no contact lies after `cap`."""

    episode_id: str
    started: date
    clock: date
    cap: date


@dataclass(frozen=True, slots=True)
class Until:
    """How long support goes on, and whether its end is ever told."""

    day: date
    ends: bool


def last_permitted_day(clock: date) -> date:
    """The day before the same day number six months later, or the last day of a month that has no such day (S2).

    Reckoned here once more, so that a feed does not share a mistake of those who decide it.
    """
    later = clock + relativedelta(months=policy_on(clock).cap_months)
    return later - _ONE_DAY if later.day == clock.day else later
