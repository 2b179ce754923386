"""A system whose days come from the clock, as in production: its today is London's, and no feed can turn its pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from services.county.civil_dates import london_day
from tests.command_line import Answer, run

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]
SETTINGS = {"SIS_CALENDAR": "clock"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running system with the calendar `clock`."""
    folder = tmp_path_factory.mktemp("clock") / "county"
    started = run("--data", str(folder), "up", "--detach", settings=SETTINGS)
    assert started.code == 0, started.err
    yield folder
    assert run("--data", str(folder), "down", settings=SETTINGS).code == 0


def about(data: Path, *arguments: str, stdin: str = "") -> Answer:
    """One command line about the system."""
    return run("--data", str(data), *arguments, stdin=stdin, settings=SETTINGS)


def test_today_is_the_day_in_london(data: Path) -> None:
    """The ticker says the day at the start; nobody else has to."""
    deadline = time.monotonic() + 30
    today = None
    while today is None and time.monotonic() < deadline:
        today = about(data, "status", "--json").json()["today"]
    assert today in {london_day(datetime.now(UTC) - back).isoformat() for back in (timedelta(), timedelta(minutes=1))}


def test_a_day_of_a_feed_is_not_its_to_say(data: Path) -> None:
    """Design §4: with the calendar `clock` only the ticker's days count; a feed's are refused in every partition."""
    day = {"specversion": "1.0", "id": "a-day", "source": "/county/calendar", "type": "kmpt.calendar.v1.DayBegan"}
    feed = orjson.dumps({**day, "time": "2012-07-02T00:00:00+01:00", "data": {"date": "2012-07-02"}}).decode()

    answer = about(data, "emit", "--json", "-", stdin=feed)

    assert answer.code == 1, answer.err
    assert {refusal["code"] for refusal in answer.json()["refused"]} == {"NOT_YOURS"}
    assert [row["code"] for row in about(data, "refused", "list", "--json").json()] == ["NOT_YOURS"]
