"""S7: one open STR episode a person, none before 2003, and no new in-house long-term case from October 2012."""

from __future__ import annotations

import pytest

from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    OTHER_NUMBER,
    SECOND,
    accepted,
    an_id,
    ended,
    in_error,
    legacy,
    referred,
    registered,
    rejected,
    started,
)

ON = "2012-09-10"
OTHER = an_id("another person")


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_s7_no_second_str_while_one_is_open(steps: int) -> None:
    """Whether referred, accepted or begun, an open episode leaves no room for a second."""
    story = county_on(ON).given(referred(ON), *(accepted(ON), started(ON))[:steps])
    story.when(referred(ON, SECOND)).then_refused("STR_ALREADY_OPEN")


@pytest.mark.parametrize("closing", [rejected(ON), ended(ON), in_error()])
def test_s7_a_second_str_after_the_first(closing: Word) -> None:
    """Once the first is rejected, ended or entered in error, the next may be asked for, the same day too."""
    county_on(ON).given(referred(ON), closing).when(referred(ON, SECOND)).then_recorded()


def test_r41_a_referral_never_answered_stays_open() -> None:
    """Ruling 41: what nobody answers stays as it is, and in the way."""
    story = county_on(ON).given(referred(ON)).day("2014-01-01").then()
    story.then_phase("REFERRED", EPISODE).when(referred("2014-01-01", SECOND)).then_refused("STR_ALREADY_OPEN")


def test_r41_an_episode_never_started_stays_accepted() -> None:
    """Ruling 41: what is accepted and never begun falls due for nothing."""
    story = county_on(ON).given(referred(ON), accepted(ON)).day("2014-01-01").then()
    story.then_phase("ACCEPTED", EPISODE)


def test_s7_another_person_has_an_episode_of_their_own() -> None:
    """One open episode for each person, not for the county."""
    story = under_way(ON)
    story.given(registered(OTHER_NUMBER), of=OTHER)
    story.when(referred(ON, SECOND), of=OTHER).then_recorded()


def test_r32_str_and_legacy_may_be_open_at_once() -> None:
    """Ruling 32: they are different lines of support."""
    story = county_on(ON).given(legacy("2008-01-01"))
    story.when(referred(ON)).then_recorded()
    story = under_way(ON).when(legacy("2008-01-01"))
    assert not story.decisions[-1].refusals


def test_r32_several_legacy_cases_are_not_refused() -> None:
    """Ruling 32: a person may have more than one long-term case in house."""
    story = county_on(ON).given(legacy("2008-01-01"))
    story.given(legacy("2009-01-01", SECOND)).then_phase("LEGACY_CSS", SECOND)


@pytest.mark.parametrize(
    ("today", "since", "code"),
    [
        ("2012-09-30", "2012-09-30", None),
        ("2012-09-30", "1998-01-01", None),
        ("2012-10-01", "2012-10-01", "CSS_CLOSED"),
        ("2012-10-01", "2008-01-01", "CSS_CLOSED"),
        ("2013-05-01", "1998-01-01", "CSS_CLOSED"),
        ("2012-09-30", "2012-10-01", "IN_THE_FUTURE"),
    ],
)
def test_r32_css_is_closed_from_october_2012(today: str, since: str, code: str | None) -> None:
    """Ruling 32: from 1 October 2012 no legacy case is identified any more, however old it is."""
    story = county_on(today).when(legacy(since))
    if code is None:
        assert not story.decisions[-1].refusals
    else:
        story.then_refused(code)


def test_s7_legacy_cases_stay_after_october_2012() -> None:
    """Existing cases stay until they are transferred: the day itself ends nothing."""
    story = county_on("2012-09-30").given(legacy("2008-01-01")).days("2012-10-01", "2012-10-05")
    story.then_phase("LEGACY_CSS", LEGACY)


@pytest.mark.parametrize(
    ("on", "code"), [("2002-12-31", "STR_BEFORE_2003"), ("1990-01-01", "STR_BEFORE_2003"), ("2003-01-01", None)]
)
def test_r31_no_str_before_2003(on: str, code: str | None) -> None:
    """Ruling 31: the referral's day is what counts (R8)."""
    story = county_on(ON).when(referred(on))
    if code is None:
        story.then_recorded()
    else:
        story.then_refused(code)


@pytest.mark.parametrize("word", [referred(ON, EPISODE), legacy("2008-01-01", EPISODE)])
@pytest.mark.parametrize("closing", [None, ended(ON), in_error()])
def test_r10_an_episode_s_id_is_taken_for_ever(word: Word, closing: Word | None) -> None:
    """An id names one episode of a person, whatever became of it and whichever kind comes second."""
    story: Story = under_way(ON).given(*([] if closing is None else [closing]))
    story.when(word).then_refused("EPISODE_EXISTS")


def test_r10_ids_are_judged_within_the_person() -> None:
    """Ruling 10: another person's episode is unknown here, and its id may be used once more."""
    story = under_way(ON).given(registered(OTHER_NUMBER), of=OTHER)
    story.when(accepted(ON), of=OTHER).then_refused("UNKNOWN_EPISODE")
    story.when(referred(ON), of=OTHER).then_recorded()
