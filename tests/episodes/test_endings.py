"""Rulings 26, 27 and 98: what an episode that is over still takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    SECOND,
    accepted,
    assessed,
    completed,
    contact,
    contact_corrected,
    contact_in_error,
    declined,
    ended,
    exempted,
    held,
    in_error,
    indirect,
    moved_to_team,
    onward,
    planned,
    referred,
    rejected,
    resumed,
    reviewed,
    started,
    worker,
)

Saying = Callable[[str], Word]
"""A word that needs only its day."""
LAST_DAY, AFTER, TODAY = "2012-10-10", "2012-10-11", "2012-10-20"
STEPS: tuple[Saying, ...] = (
    rejected,
    accepted,
    started,
    completed,
    reviewed,
    held,
    resumed,
    moved_to_team,
    declined,
    ended,
)
WORK: tuple[Saying, ...] = (worker, assessed, planned, indirect, onward)


def over(last_day: str = LAST_DAY) -> Story:
    """An episode with a contact ran from 1 October to this day."""
    return under_way().given(contact("2012-10-01")).day(TODAY).given(ended(last_day))


@pytest.mark.parametrize("on", ["2012-10-05", LAST_DAY, AFTER, "2012-09-01", "2012-12-01"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_r26_no_step_after_the_end_whatever_its_date(step: Saying, on: str) -> None:
    """Rulings 26 and 98: steps are refused even if dated before the end, before the start, or tomorrow."""
    over().when(step(on)).then_refused("EPISODE_NOT_OPEN")


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("2012-10-01", None),
        (LAST_DAY, None),
        (AFTER, "AFTER_END"),
        ("2012-12-01", "AFTER_END"),
        ("2012-09-30", "BEFORE_START"),
    ],
)
@pytest.mark.parametrize("record", [*WORK, contact], ids=lambda record: record.__name__)
def test_r26_work_up_to_the_end(record: Saying, on: str, code: str | None) -> None:
    """Ruling 26: records of work told late are taken if dated not after the end."""
    word = contact(on, SECOND) if record is contact else record(on)
    story = over().when(word)
    if code is None:
        story.then_recorded()
    else:
        story.then_refused(code)


@pytest.mark.parametrize("word", [contact_corrected(), contact_in_error(), exempted("2013-01-01"), in_error()])
def test_r26_undated_words_after_the_end(word: Word) -> None:
    """Ruling 26: a correction, an exemption and entry in error have no date, and are taken."""
    over().when(word).then_recorded()


@pytest.mark.parametrize(
    "word",
    [
        *(step("2012-10-05") for step in STEPS),
        *(record("2012-10-05") for record in WORK),
        contact("2012-10-05", SECOND),
        contact_corrected(),
        contact_in_error(),
        exempted("2013-01-01"),
        in_error(),
    ],
)
@pytest.mark.parametrize("was_over", [False, True])
def test_r27_nothing_further_for_what_was_entered_in_error(word: Word, was_over: bool) -> None:
    """Ruling 27: an episode entered in error takes nothing, whether it had ended or not."""
    story = over() if was_over else under_way().given(contact("2012-10-01")).day(TODAY)
    story.given(in_error()).when(word).then_refused("EPISODE_NOT_OPEN")


def test_r26_work_on_a_rejected_referral() -> None:
    """Ruling 26: a rejected referral ended on the day of its rejection; work on it up to that day is taken."""
    story = county_on(TODAY).given(referred("2012-10-01"), rejected(LAST_DAY))
    story.when(assessed(LAST_DAY)).then_recorded()
    story.when(assessed(AFTER)).then_refused("AFTER_END")
    story.when(accepted(LAST_DAY)).then_refused("EPISODE_NOT_OPEN")


@pytest.mark.parametrize("steps", [[], [accepted("2012-10-02")]])
def test_r28_an_episode_may_end_before_it_began(steps: list[Word]) -> None:
    """Ruling 28: the end has its place in any open phase; before a start it lies not before the referral."""
    story = county_on(TODAY).given(referred("2012-10-01"), *steps)
    story.when(ended("2012-09-30")).then_refused("BEFORE_START")
    story.when(ended("2012-10-01")).then_recorded().then_phase("ENDED", EPISODE)


def test_r29_an_episode_does_not_end_before_it_began() -> None:
    """Ruling 29: once support has begun the end is not before it, though after the referral."""
    story = county_on(TODAY).given(referred("2012-10-01"), accepted("2012-10-02"), started("2012-10-05"))
    story.when(ended("2012-10-04")).then_refused("BEFORE_START")
    story.when(ended("2012-10-05")).then_recorded()


@pytest.mark.parametrize("early", [reviewed, completed], ids=lambda word: word.__name__)
def test_r29_reviews_and_completion_not_before_the_start(early: Saying) -> None:
    """Ruling 29: reviews and completion lie on or after the episode's own start."""
    story = county_on(TODAY).given(referred("2012-10-01"), accepted("2012-10-02"), started("2012-10-05"))
    story.when(early("2012-10-04")).then_refused("BEFORE_START")
    story.given(early("2012-10-05"))


@pytest.mark.parametrize("word", [*WORK, held, moved_to_team, accepted], ids=lambda word: word.__name__)
def test_r29_nothing_before_the_referral(word: Saying) -> None:
    """Ruling 29: no dated event lies before the referral, and work may precede the start."""
    story = county_on(TODAY).given(referred("2012-10-05"))
    story.when(word("2012-10-04")).then_refused("BEFORE_START")
    story.when(word("2012-10-05")).then_recorded()


def test_r98_a_team_hands_the_episode_on() -> None:
    """Ruling 98: moving to another team is a step of any open episode."""
    county_on(TODAY).given(referred("2012-10-01")).when(moved_to_team("2012-10-02")).then_recorded()
    under_way().when(moved_to_team("2012-10-01", "no-such-team")).then_refused("UNKNOWN_TEAM")


def test_r28_a_late_completion_is_settled_with_the_review() -> None:
    """A completion told late ends enablement when it is told, also if an early review waits for it."""
    story = under_way().day("2012-10-20").given(reviewed("2012-10-08"))
    story.when(completed("2012-10-10"))
    assert [type(word).__name__ for word in story.followed] == ["EnablementEnded", "ChargeablePeriodStarted"]
