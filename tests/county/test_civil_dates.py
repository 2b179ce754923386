"""Dates and instants in events, and the London day of an instant (ruling 16, design section 5)."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.county.civil_dates import london_day, parse_date, parse_instant

OFFSETS = st.integers(min_value=-23 * 60 - 59, max_value=23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
INSTANTS = st.datetimes(
    min_value=datetime.fromisoformat("0002-01-01T00:00:00"),
    max_value=datetime.fromisoformat("9998-12-31T23:59:59"),
    timezones=OFFSETS,
)


@given(st.dates())
def test_every_date_is_read_as_it_is_written(day: date) -> None:
    """Any civil date written YYYY-MM-DD is that date."""
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "2012-1-2",
        "20120102",
        "2012-W01-1",
        "2012W011",
        "2012-002",
        "2012-01-02T00:00:00Z",
        "2012/01/02",
        "02-01-2012",
        " 2012-01-02",
        "2012-01-02\n",
        "+2012-01-02",
        "12012-01-02",
        "\uff12\uff10\uff11\uff12-01-02",
        "",
    ],
)
def test_other_forms_of_a_date_are_refused(text: str) -> None:
    """Ruling 16: a date is written exactly YYYY-MM-DD; no other form of the standard is taken."""
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        parse_date(text)


@pytest.mark.parametrize("text", ["2013-02-29", "2012-02-30", "2012-13-01", "2012-00-10", "2012-04-31", "0000-01-01"])
def test_days_that_never_were_are_refused(text: str) -> None:
    """A date that is not in the calendar is refused and not repeated."""
    with pytest.raises(ValueError, match="no such day") as refused:
        parse_date(text)

    assert text not in str(refused.value)


@given(st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True) | st.text(alphabet="0129-W", max_size=11))
def test_a_text_is_a_date_only_if_the_date_writes_it_so(text: str) -> None:
    """Whatever is read as a date is written back letter by letter; everything else is refused."""
    with suppress(ValueError):
        assert parse_date(text).isoformat() == text


@given(INSTANTS)
def test_every_instant_is_read_as_it_is_written(instant: datetime) -> None:
    """Any instant with seconds and offset is read to the microsecond and keeps its offset."""
    read = parse_instant(instant.isoformat())

    assert read == instant
    assert read.utcoffset() == instant.utcoffset()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2012-07-02T09:30:00+01:00", datetime(2012, 7, 2, 8, 30, tzinfo=UTC)),
        ("2012-07-02T08:30:00Z", datetime(2012, 7, 2, 8, 30, tzinfo=UTC)),
        ("2012-07-02T08:30:00-00:00", datetime(2012, 7, 2, 8, 30, tzinfo=UTC)),
        ("2012-07-02T08:30:00.5Z", datetime(2012, 7, 2, 8, 30, 0, 500000, tzinfo=UTC)),
        ("2012-07-02T08:30:00.123456789Z", datetime(2012, 7, 2, 8, 30, 0, 123456, tzinfo=UTC)),
        ("2012-07-02T00:15:00+05:45", datetime(2012, 7, 1, 18, 30, tzinfo=UTC)),
    ],
)
def test_the_forms_of_an_instant_that_are_taken(text: str, utc: datetime) -> None:
    """Ruling 16: RFC 3339 with seconds and offset; a fraction of a second may stand."""
    assert parse_instant(text) == utc


@pytest.mark.parametrize(
    "text",
    [
        "2012-07-02T09:30:00",
        "2012-07-02T09:30+01:00",
        "2012-07-02T09+01:00",
        "2012-07-02",
        "2012-07-02 09:30:00Z",
        "2012-07-02t09:30:00Z",
        "2012-07-02T09:30:00z",
        "2012-07-02T09:30:00+0100",
        "2012-07-02T09:30:00+01",
        "2012-07-02T09:30:00+24:00",
        "2012-07-02T09:30:00+01:60",
        "2012-07-02T09:30:00+01:00:30",
        "2012-07-02T09:30:00,5Z",
        "2012-07-02T09:30:00.Z",
        "2012-07-02T24:00:00Z",
        "2012-07-02T09:60:00Z",
        "2012-06-30T23:59:60Z",
        "20120702T093000Z",
        "2012-W27-1T09:30:00Z",
        "2012-07-02T09:30:00Z\n",
        "",
    ],
)
def test_other_forms_of_an_instant_are_refused(text: str) -> None:
    """Ruling 16: without seconds or offset, with small letters or in another notation, it is not an instant."""
    with pytest.raises(ValueError, match="an instant is written"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2013-02-29T09:30:00Z", "no such day"),
        ("2012-13-01T09:30:00Z", "no such day"),
        ("0000-01-01T00:00:00Z", "no such day"),
        ("0001-01-01T00:00:00+01:00", "0002 to 9998"),
        ("9999-12-31T23:59:59-01:00", "0002 to 9998"),
    ],
)
def test_instants_off_the_calendar_are_refused_without_an_echo(text: str, reason: str) -> None:
    """An instant that no calendar has is refused with a reason that does not repeat it."""
    with pytest.raises(ValueError, match=reason) as refused:
        parse_instant(text)

    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2012-07-01T00:30:00+01:00", date(2012, 7, 1)),
        ("2012-06-30T23:03:00Z", date(2012, 7, 1)),
        ("2012-06-30T22:59:59Z", date(2012, 6, 30)),
        ("2013-06-30T23:03:00Z", date(2013, 7, 1)),
        ("2012-12-31T23:59:59Z", date(2012, 12, 31)),
        ("2013-01-01T00:00:00Z", date(2013, 1, 1)),
        ("2012-10-28T00:59:59+01:00", date(2012, 10, 28)),
        ("2012-10-27T22:59:59Z", date(2012, 10, 27)),
        ("2012-10-27T23:00:00Z", date(2012, 10, 28)),
        ("2012-10-28T23:59:59Z", date(2012, 10, 28)),
        ("2013-03-30T23:59:59Z", date(2013, 3, 30)),
        ("2013-03-31T22:59:59Z", date(2013, 3, 31)),
        ("2013-03-31T23:00:00Z", date(2013, 4, 1)),
        ("2012-07-01T05:00:00+05:45", date(2012, 7, 1)),
    ],
)
def test_the_day_of_an_instant_is_the_day_in_london(text: str, day: date) -> None:
    """Design section 5: a contact at half past midnight in summer belongs to that day, whatever UTC says."""
    assert london_day(parse_instant(text)) == day


@given(INSTANTS, OFFSETS)
def test_the_london_day_does_not_depend_on_the_offset_it_was_written_in(instant: datetime, zone: timezone) -> None:
    """The same instant has the same day, in whatever zone somebody wrote it down."""
    assume(2 < instant.year < 9998)

    assert london_day(instant) == london_day(instant.astimezone(zone))


@given(INSTANTS)
def test_every_instant_has_a_london_day_near_its_utc_day(instant: datetime) -> None:
    """London's day is UTC's day or a neighbour of it."""
    assert abs(london_day(instant) - instant.astimezone(UTC).date()) <= timedelta(days=1)


def test_an_instant_without_an_offset_has_no_day() -> None:
    """Without an offset nobody knows which instant is meant."""
    naive = parse_instant("2012-07-02T09:30:00Z").replace(tzinfo=None)

    with pytest.raises(ValueError, match="offset"):
        london_day(naive)
