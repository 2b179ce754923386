"""Working days in England: Monday to Friday without bank holidays.

Knows England's holidays of every year, extra ones such as jubilees too. Never knows today, nor what a deadline is for.
"""

from datetime import date, timedelta
from functools import cache, lru_cache

import holidays

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=1024)  # every acceptance asks, and most of them for the same few days
def add_working_days(day: date, n: int) -> date:
    """Return the n-th England working day after `day`, which itself does not count; ValueError if n is below 1."""
    if n < 1:
        raise ValueError("count at least one working day")
    for _ in range(n):
        day = _next_working_day(day)
    return day


def is_working_day(day: date) -> bool:
    """Tell whether offices in England work on that day."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Return England's public holidays of that year, both the day itself and the day observed instead."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def _next_working_day(day: date) -> date:
    day += _ONE_DAY
    while not is_working_day(day):
        day += _ONE_DAY
    return day
