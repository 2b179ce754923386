"""Working days in England: how long a provider has to answer (H2, ruling 83)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.county.working_days import add_working_days, bank_holidays, is_working_day

DAYS = st.dates(min_value=date(2003, 1, 1), max_value=date(2060, 12, 31))
COUNTS = st.integers(min_value=1, max_value=60)

# As the government published them, weekdays only
WEEKDAY_HOLIDAYS = {
    2012: "2012-01-02 2012-04-06 2012-04-09 2012-05-07 2012-06-04 2012-06-05 2012-08-27 2012-12-25 2012-12-26",
    2013: "2013-01-01 2013-03-29 2013-04-01 2013-05-06 2013-05-27 2013-08-26 2013-12-25 2013-12-26",
    2022: "2022-01-03 2022-04-15 2022-04-18 2022-05-02 2022-06-02 2022-06-03 2022-08-29 2022-09-19 2022-12-26"
    " 2022-12-27",
}


@pytest.mark.parametrize(("year", "published"), WEEKDAY_HOLIDAYS.items())
def test_bank_holidays_are_those_the_government_published(year: int, published: str) -> None:
    """England's own holidays count, with jubilees and a state funeral; Scotland's and Northern Ireland's do not."""
    weekdays = sorted(day.isoformat() for day in bank_holidays(year) if day.weekday() < 5)

    assert weekdays == published.split()


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2012-10-01", 1, "2012-10-02"),
        ("2012-10-01", 5, "2012-10-08"),
        ("2012-10-05", 1, "2012-10-08"),
        ("2012-10-06", 1, "2012-10-08"),
        ("2012-10-07", 5, "2012-10-12"),
        ("2012-12-24", 1, "2012-12-27"),
        ("2012-12-24", 5, "2013-01-03"),
        ("2013-03-28", 1, "2013-04-02"),
        ("2013-03-25", 5, "2013-04-03"),
        ("2012-06-01", 1, "2012-06-06"),
        ("2012-06-01", 5, "2012-06-12"),
        ("2012-06-04", 1, "2012-06-06"),
        ("2021-12-31", 1, "2022-01-04"),
    ],
)
def test_deadlines_pass_over_weekends_and_bank_holidays(day: str, n: int, expected: str) -> None:
    """Christmas 2012, Easter 2013 and the Jubilee of June 2012 give nobody less time to answer."""
    assert add_working_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


@given(DAYS, COUNTS)
def test_exactly_n_working_days_lie_after_the_day(day: date, n: int) -> None:
    """The n-th working day is a working day, and n of them lie after the day and up to it."""
    last = add_working_days(day, n)
    after = (day + timedelta(days=k) for k in range(1, (last - day).days + 1))

    assert is_working_day(last)
    assert sum(map(is_working_day, after)) == n


@given(DAYS, COUNTS, COUNTS)
def test_counting_in_two_goes_is_counting_in_one(day: date, first: int, second: int) -> None:
    """Counting on from a working day reaches the same day as counting through."""
    assert add_working_days(add_working_days(day, first), second) == add_working_days(day, first + second)


@given(DAYS, COUNTS)
def test_a_later_day_never_has_an_earlier_deadline(day: date, n: int) -> None:
    """Who is asked a day later never has to answer a day earlier."""
    assert add_working_days(day, n) <= add_working_days(day + timedelta(days=1), n)


@given(DAYS)
def test_no_weekend_is_a_working_day(day: date) -> None:
    """Saturdays and Sundays are never working days; other days are, unless they are bank holidays."""
    weekend = day.isoweekday() >= 6

    assert is_working_day(day) is (not weekend and day not in bank_holidays(day.year))


@given(DAYS, st.integers(max_value=0))
def test_counting_no_days_is_an_error(day: date, n: int) -> None:
    """A deadline lies at least one working day ahead."""
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(day, n)
