"""What the county decided, dated and under a version name."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.county.policy import POLICIES, Policy, in_force, policy_on

FIRST = Policy(
    version="2012.1",
    from_on=date.min,
    enablement_days=42,
    cap_months=6,
    cap_warning_days=28,
    same_clock_gap_days=5,
    protect_full_six_weeks=False,
    str_from=date(2003, 1, 1),
    css_closed_from=date(2012, 10, 1),
    respond_working_days=5,
    start_ahead_days=56,
    not_confirmed_working_days=5,
)
LATER = replace(FIRST, version="2013.1", from_on=date(2013, 4, 1), protect_full_six_weeks=True)


@pytest.mark.parametrize("day", [date.min, date(2002, 12, 31), date(2012, 10, 1), date(2026, 1, 1), date.max])
def test_the_first_policy_holds_on_every_day_so_far(day: date) -> None:
    """Six weeks free, six months in all, and the county's other numbers stand as first decided."""
    assert policy_on(day) == FIRST


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2012, 10, 1), "2012.1"),
        (date(2013, 3, 31), "2012.1"),
        (date(2013, 4, 1), "2013.1"),
        (date(2020, 1, 1), "2013.1"),
    ],
)
def test_a_new_policy_holds_from_its_first_day(day: date, version: str) -> None:
    """A later version changes nothing before its day and everything from it."""
    assert in_force((FIRST, LATER), day).version == version


@given(st.dates(max_value=date(2013, 3, 31)))
def test_no_policy_holds_before_the_first(day: date) -> None:
    """Where no version had begun, the county had decided nothing, and says so."""
    with pytest.raises(ValueError, match="no policy had begun"):
        in_force((LATER,), day)


def test_versions_follow_each_other() -> None:
    """The shipped versions are in order of their first days, each with a name of its own, the first from ever."""
    days = [policy.from_on for policy in POLICIES]

    assert days[0] == date.min
    assert days == sorted(set(days))
    assert len({policy.version for policy in POLICIES}) == len(POLICIES)


@given(st.dates(min_value=date(1900, 1, 2)))
def test_policies_only_move_forward(day: date) -> None:
    """The version of a day is never older than that of the day before."""
    assert policy_on(day - timedelta(days=1)).from_on <= policy_on(day).from_on
