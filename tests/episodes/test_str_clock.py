"""S1 and S2: the free weeks and the six months, to the day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.county.policy import policy_on
from services.episodes.str_clock import cap_on, continues, enablement_last_day, free_until, warning_on
from tests.episodes.words_said import d

STARTS = st.dates(date(2003, 1, 1), date(2100, 12, 31))
VECTORS = [
    # start, last free day, last permitted day, what "clamp, then subtract one" would say
    ("2012-10-01", "2012-11-11", "2013-03-31", "2013-03-31"),
    ("2012-08-28", "2012-10-08", "2013-02-27", "2013-02-27"),
    ("2012-08-29", "2012-10-09", "2013-02-28", "2013-02-27"),
    ("2012-08-31", "2012-10-11", "2013-02-28", "2013-02-27"),
    ("2012-09-01", "2012-10-12", "2013-02-28", "2013-02-28"),
    ("2023-08-31", "2023-10-11", "2024-02-29", "2024-02-28"),
    ("2012-12-31", "2013-02-10", "2013-06-30", "2013-06-29"),
    ("2012-07-31", "2012-09-10", "2013-01-30", "2013-01-30"),
    ("2011-08-30", "2011-10-10", "2012-02-29", "2012-02-28"),
    ("2012-03-31", "2012-05-11", "2012-09-30", "2012-09-29"),
    ("2013-01-01", "2013-02-11", "2013-06-30", "2013-06-30"),
]


def clamped_then_less_one(s: date) -> date:
    """The wrong rule: six months later, clamped to the month's last day, less one day."""
    months = s.month + 5
    year, month = s.year + months // 12, months % 12 + 1
    return date(year, month, min(s.day, monthrange(year, month)[1])) - timedelta(days=1)


@pytest.mark.parametrize(("start", "free", "cap", "naive"), VECTORS)
def test_s1_s2_the_county_s_dates(start: str, free: str, cap: str, naive: str) -> None:
    """Free weeks and six months end on the days that the county worked out by hand."""
    assert free_until(d(start)) == d(free)
    assert cap_on(d(start)) == d(cap)
    assert clamped_then_less_one(d(start)) == d(naive)


def test_s2_clamp_then_subtract_one_is_wrong_on_54_days() -> None:
    """Of the 2,922 starts of 2012 to 2019 the wrong rule takes a day from 54."""
    starts = [date(2012, 1, 1) + timedelta(days=n) for n in range(2922)]
    assert starts[-1] == date(2019, 12, 31)
    assert sum(clamped_then_less_one(s) != cap_on(s) for s in starts) == 54


@given(STARTS, STARTS)
def test_s1_s2_a_later_start_never_ends_earlier(one: date, other: date) -> None:
    """Whoever starts later is neither free nor supported for less long into the year."""
    first, second = sorted((one, other))
    assert free_until(first) <= free_until(second)
    assert cap_on(first) <= cap_on(second)


@given(STARTS)
@example(date(2012, 10, 1))  # the clocks go back within the free weeks
@example(date(2013, 3, 1))  # the clocks go forward within them
@example(date(2012, 2, 1))  # a leap day lies within them
def test_s1_the_free_weeks_are_42_days(s: date) -> None:
    """Day 1 counts and day 42 is the last, whatever clocks and leap years do."""
    assert (free_until(s) - s).days + 1 == 42


@given(STARTS)
@example(date(2012, 8, 31))
@example(date(2012, 8, 29))
@example(date(2011, 8, 30))
def test_s2_the_corresponding_date(s: date) -> None:
    """The first day not permitted has the same day number six months later, or is the first of the month after."""
    after = cap_on(s) + timedelta(days=1)
    months = (after.year - s.year) * 12 + after.month - s.month
    assert (after.day, months) in {(s.day, 6), (1, 7)}
    if months == 7:
        assert s.day > monthrange(cap_on(s).year, cap_on(s).month)[1]


@given(STARTS)
def test_s2_six_months_are_181_to_184_days(s: date) -> None:
    """Six months are neither 26 weeks nor 182 days, and outlast the free weeks."""
    assert 181 <= (cap_on(s) - s).days + 1 <= 184
    assert free_until(s) < warning_on(s) < cap_on(s)


@given(STARTS)
def test_s5_the_cap_is_near_28_days_before(s: date) -> None:
    """The county is warned four weeks ahead."""
    assert (cap_on(s) - warning_on(s)).days == 28


@given(STARTS, st.integers(0, 60))
def test_s3_enablement_never_outlasts_the_free_weeks(s: date, days: int) -> None:
    """Enablement ends when it is completed, at the latest with the free weeks."""
    completed_on = s + timedelta(days=days)
    assert enablement_last_day(s, completed_on) == min(completed_on, free_until(s))
    assert enablement_last_day(s, None) == free_until(s)


@pytest.mark.parametrize(("gap", "goes_on"), [(-3, True), (0, True), (1, True), (5, True), (6, False), (400, False)])
def test_s9_a_clock_goes_on_within_five_days(gap: int, goes_on: bool) -> None:
    """Ruling 39: the gap is the new start less the last day, at most 5, negative too."""
    last_day = d("2012-11-01")
    assert continues(last_day, last_day + timedelta(days=gap), policy_on(last_day)) is goes_on
