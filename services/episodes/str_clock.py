"""The clock of an STR episode: six free weeks, six months in all, and when a charge may begin (S1 to S5).

Knows dates and the policy in force on the clock's first day. Must never know today, nor who the person is.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from services.county.policy import Policy, policy_on

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def free_until(s: date) -> date:
    """Last day of the free weeks of a clock that began on `s`, day 1 included (S1, R42): no pause stops it."""
    return s + timedelta(days=policy_on(s).enablement_days - 1)


@lru_cache(maxsize=4096)
def cap_on(s: date) -> date:
    """Last permitted day of a clock that began on `s` (S2, R44).

    The corresponding-date rule (Dodds v Walker [1981] UKHL; SI 2018/1082 art 1.4): the day before the same day number
    six months later, or the last day of that month if it has no such day.
    """
    months = s.month - 1 + policy_on(s).cap_months
    year, month = s.year + months // 12, months % 12 + 1
    if s.day > monthrange(year, month)[1]:
        return date(year, month, monthrange(year, month)[1])
    return date(year, month, s.day) - ONE_DAY


def enablement_last_day(s: date, completed_on: date | None) -> date:
    """Last day of enablement: of the free weeks, or earlier if enablement was completed before (S3)."""
    return free_until(s) if completed_on is None else min(free_until(s), completed_on)


def chargeable_from(s: date, completed_on: date | None, agreed_on: date) -> date | None:
    """First chargeable day, given the day of the review that agreed further support (S4, R45).

    None if it would lie after the cap: then nothing is charged (ruling 38). No day before the review itself is charged
    (ruling 35).
    """
    return chargeable_under(policy_on(s), s, completed_on, agreed_on)


def chargeable_under(policy: Policy, s: date, completed_on: date | None, agreed_on: date) -> date | None:
    """As `chargeable_from`, under a policy that need not be the one in force."""
    first = max(enablement_last_day(s, completed_on) + ONE_DAY, agreed_on)
    if policy.protect_full_six_weeks:
        first = max(first, free_until(s) + ONE_DAY)
    return first if first <= cap_on(s) else None


@lru_cache(maxsize=4096)
def warning_on(s: date) -> date:
    """The day from which the cap is near (S5)."""
    return cap_on(s) - timedelta(days=policy_on(s).cap_warning_days)


def continues(last_day: date, start: date, policy: Policy) -> bool:
    """Whether an episode starting on `start` goes on with the clock of one that ended on `last_day` (S9, ruling 39)."""
    return (start - last_day).days <= policy.same_clock_gap_days
