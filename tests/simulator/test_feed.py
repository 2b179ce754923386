"""The feed of a synthetic county: its envelope, its order, and that it follows from its seed."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import islice

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.county.civil_dates import london_day, parse_instant
from services.simulator.feed import tell, write_feed
from services.simulator.people import MOST_PEOPLE
from services.simulator.seeded import County
from services.simulator.told import Event, Told
from services.words.fields import is_uuid

FIRST, LAST = date(2012, 8, 1), date(2013, 7, 31)
DAY = "kmpt.calendar.v1.DayBegan"


def as_bytes(people: int, first: date, last: date, seed: int) -> bytes:
    """Return the feed as it is written to a file."""
    return b"\n".join(orjson.dumps(event) for event in write_feed(people, first, last, seed))


def of_people(people: int, seed: int) -> list[Event]:
    """Return what teams tell in a quarter, without days and commissioner, by person and in order."""
    told = (one.event for one in tell(County(people, FIRST, date(2012, 10, 31), seed)))
    return sorted((event for event in told if "episodes" in event["type"]), key=lambda event: event["subject"])


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 30), st.dates(date(2012, 1, 1), date(2014, 1, 1)), st.integers(0, 120), st.integers(0, 10**9))
def test_the_same_seed_gives_the_same_bytes(people: int, first: date, days: int, seed: int) -> None:
    """Whoever simulates the same county again gets the same feed, byte for byte."""
    last = first + timedelta(days=days)
    assert as_bytes(people, first, last, seed) == as_bytes(people, first, last, seed)


def test_another_seed_gives_another_county() -> None:
    """Two seeds share no event, not even a day's id."""
    one, other = ({event["id"] for event in write_feed(20, FIRST, LAST, seed)} for seed in (1, 2))
    assert one
    assert not one & other


def test_one_persons_life_does_not_hang_on_how_many_there_are() -> None:
    """A larger county is the smaller one with more people in it."""
    few, many = of_people(15, seed=4), of_people(30, seed=4)
    known = {event["subject"] for event in few}
    assert few == [event for event in many if event["subject"] in known]


def test_every_event_has_the_envelope_that_emitting_demands(year: tuple[Told, ...]) -> None:
    """Each line is a CloudEvents object with specversion, id, source, type, subject (but for days), time and data."""
    for told in year:
        event = told.event
        subject = [] if event["type"] == DAY else ["subject"]
        assert list(event) == ["specversion", "id", "source", "type", *subject, "time", "data"]
        assert event["specversion"] == "1.0"
        assert is_uuid(event["id"])
        assert all(event[name] and isinstance(event[name], str) for name in ("source", "type", *subject))
        assert isinstance(event["data"], dict)
        parse_instant(event["time"])


def test_every_day_begins_once_and_in_order(year: tuple[Told, ...]) -> None:
    """Every day of the period begins once, at midnight in London, with the same id wherever it is sent."""
    days = [told.event for told in year if told.event["type"] == DAY]
    expected = [FIRST + timedelta(days=n) for n in range(365)]
    assert [date.fromisoformat(event["data"]["date"]) for event in days] == expected
    assert {event["source"] for event in days} == {"/county/calendar"}
    assert all(re.fullmatch(r"20..-..-..T00:00:00\+0[01]:00", event["time"]) for event in days)


def test_nothing_is_told_before_it_happens(year: tuple[Told, ...]) -> None:
    """What is told on a day speaks of that day or an earlier one, unless it was planted as something yet to come."""
    today = date.min
    for told in year:
        if told.event["type"] == DAY:
            today = date.fromisoformat(told.event["data"]["date"])
        assert told.day == today
        assert london_day(parse_instant(told.event["time"])) <= today
        if told.planted != "IN_THE_FUTURE" and told.on is not None:
            assert told.on <= today


def test_ids_are_given_once(year: tuple[Told, ...]) -> None:
    """An id comes twice only with the same content, or where one of the two was planted."""
    seen: dict[tuple[str, str], Event] = {}
    for told in year:
        if told.planted is None:
            key = (told.event.get("subject", ""), told.event["id"])
            assert seen.setdefault(key, told.event) == told.event


def test_a_year_of_2000_people_is_about_60000_events(year: tuple[Told, ...]) -> None:
    """A demonstration stays quick: about 60,000 events, of which most are contacts."""
    names = Counter(told.name for told in year)
    assert 57_000 < len(year) < 66_000
    assert names["ContactRecorded"] > 0.6 * len(year)


@pytest.mark.parametrize(
    ("seed", "events", "contacts", "refused"),
    [(1, 2413, 1350, 17), (2, 2326, 1269, 20), (3, 2230, 1183, 17)],
)
def test_counts_by_seed_are_stable(seed: int, events: int, contacts: int, refused: int) -> None:
    """A county once simulated keeps its counts: whoever changes them changes every demonstration."""
    told = list(tell(County(60, FIRST, LAST, seed)))
    counted = (
        len(told),
        sum(one.name == "ContactRecorded" for one in told),
        sum(one.planted is not None for one in told),
    )
    assert counted == (events, contacts, refused)


@pytest.mark.parametrize(
    ("people", "last"), [(0, LAST), (-1, LAST), (MOST_PEOPLE + 1, LAST), (1, FIRST - timedelta(days=1))]
)
def test_a_county_without_people_or_days_is_not_simulated(people: int, last: date) -> None:
    """Nobody, too many for the synthetic numbers, or a last day before the first: said before anything is written."""
    with pytest.raises(ValueError, match="county"):
        write_feed(people, FIRST, last, seed=1)


def test_the_feed_is_a_stream() -> None:
    """The first day of a large county is told without inventing all lives before."""
    first = list(islice(write_feed(5_000, FIRST, LAST, seed=1), 3))
    assert first[0]["type"] == DAY
