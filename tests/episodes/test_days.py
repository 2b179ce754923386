"""Rulings 2, 22 and 23: the county's days."""

from __future__ import annotations

import pytest

from services.words.calendar import DayBegan
from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    accepted,
    charged_from,
    checked,
    completed,
    contact,
    corrected,
    d,
    declined,
    died,
    enablement_ended,
    ended,
    exempted,
    held,
    legacy,
    moved_to_team,
    onward,
    referred,
    registered,
    rehoused,
    reviewed,
    started,
    worker,
)


def test_r22_a_day_begins() -> None:
    """A day is copied into the ledger, and is today from then on."""
    story = Story().day("2012-10-01")
    assert story.county.today == d("2012-10-01")
    assert [(fact.key, fact.subject, fact.copied) for fact in story.facts] == [("calendar", "", True)]


@pytest.mark.parametrize("again", ["2012-10-05", "2012-10-04", "1999-12-31"])
def test_r22_a_day_not_after_today_does_nothing(again: str) -> None:
    """Ruling 22: the same day, or one that is over, is neither recorded nor refused."""
    story = Story().day("2012-10-05").day(again)
    assert story.decisions[-1].facts == ()
    assert story.county.today == d("2012-10-05")


def test_r22_days_may_be_skipped() -> None:
    """Ruling 22: what fell due on the days between is written with its true dates."""
    skipping = under_way().given(reviewed("2012-10-01")).day("2012-11-30")
    punctual = under_way().given(reviewed("2012-10-01")).days("2012-10-02", "2012-11-30")
    expected = [enablement_ended("2012-11-11"), charged_from("2012-11-12")]
    assert skipping.followed == expected
    assert [fact.word for fact in punctual.facts if fact.word in expected] == expected


@pytest.mark.parametrize(
    ("received_on", "day", "code"),
    [
        ("2012-10-01", "2012-10-01", None),
        ("2012-10-01", "2012-10-02", "IN_THE_FUTURE"),
        ("2012-10-01", "2112-10-02", "IN_THE_FUTURE"),
        ("2012-10-02", "2012-10-01", None),
    ],
)
def test_r22_no_day_later_than_its_own_append_time(received_on: str, day: str, code: str | None) -> None:
    """Ruling 22: one wrong day cannot run the county into the future."""
    story = Story(received_on=d(received_on)).when(DayBegan(date=d(day)), of="")
    if code is None:
        story.then()
    else:
        story.then_refused(code)
        assert story.county.today is None


@pytest.mark.parametrize(
    "word",
    [
        referred("1999-01-01"),
        referred("2012-01-01"),
        legacy("1999-01-01"),
        died("1999-01-01"),
        rehoused("1999-01-01"),
        checked("1999-01-01"),
    ],
)
def test_r22_before_the_first_day_everything_lies_ahead(word: Word) -> None:
    """Ruling 22: before the first day every dated event is in the future; only STR before 2003 is named first."""
    early = "STR_BEFORE_2003" if word == referred("1999-01-01") else "IN_THE_FUTURE"
    Story().given(registered()).when(word).then_refused(early)


def test_r22_undated_words_need_no_day() -> None:
    """Ruling 22: a registration and a correction have no date, and are recorded before any day."""
    Story().when(registered()).then_recorded().when(corrected()).then_recorded()


@pytest.mark.parametrize(
    "word",
    [
        died("2012-10-02"),
        rehoused("2012-10-02"),
        checked("2012-10-02"),
        worker("2012-10-02"),
        completed("2012-10-02"),
        reviewed("2012-10-02"),
        reviewed("2012-10-02", "LONG_TERM_SUPPORT"),
        held("2012-10-02"),
        moved_to_team("2012-10-02"),
        onward("2012-10-02"),
        ended("2012-10-02"),
        contact("2012-10-02", time="T00:00:00+01:00"),
    ],
)
def test_r23_nothing_is_dated_tomorrow(word: Word) -> None:
    """Ruling 23: every `on`, `last_day` and start of a contact lies not after today."""
    under_way().when(word).then_refused("IN_THE_FUTURE")
    under_way().day("2012-10-02").given(word)


@pytest.mark.parametrize(("steps", "step"), [(1, accepted), (2, started)])
def test_r23_no_step_tomorrow(steps: int, step: object) -> None:
    """Ruling 23: an acceptance and a start lie not after today either."""
    story = county_on("2012-10-01").given(*(word("2012-10-01") for word in (referred, accepted)[:steps]))
    assert callable(step)
    story.when(step("2012-10-02")).then_refused("IN_THE_FUTURE")


def test_r23_a_person_declines_today() -> None:
    """Ruling 23: nobody declines tomorrow."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"))
    story.when(declined("2012-10-02")).then_refused("IN_THE_FUTURE")


def test_r23_a_legacy_case_since_tomorrow() -> None:
    """Ruling 23: `since` lies not after today."""
    county_on("2012-09-10").when(legacy("2012-09-11")).then_refused("IN_THE_FUTURE")


def test_r23_an_exemption_may_lie_ahead() -> None:
    """Ruling 23: an exemption's day is not judged."""
    under_way().when(exempted("2100-01-01")).then_recorded().then_phase("ENABLEMENT", EPISODE)
