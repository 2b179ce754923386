"""S9: whoever comes back soon goes on with the clock they had."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.episodes.episode import Course
from services.episodes.request import handover_id_of
from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    SECOND,
    accepted,
    an_id,
    cap_near,
    cap_reached,
    charged_from,
    completed,
    contact,
    contact_corrected,
    d,
    enablement_ended,
    ended,
    in_error,
    legacy,
    referred,
    rejected,
    reviewed,
    start_confirmed,
    started,
)

THIRD = an_id("the third episode")


def again(story: Story, on: str, episode: str = SECOND) -> Story:
    """The person comes back, and support begins on that day."""
    return story.given(referred(on, episode), accepted(on, episode), started(on, episode))


def course(story: Story, episode: str = SECOND) -> Course:
    """The course of an episode that has begun."""
    found = story.person().episode(episode)
    assert found is not None
    assert found.course is not None
    return found.course


def ended_on(last_day: str, today: str | None = None) -> Story:
    """Somebody's first episode ran from 1 October 2012 to this day."""
    return under_way().day(today or last_day).given(ended(last_day))


@pytest.mark.parametrize(
    ("last_day", "back", "s"),
    [
        ("2012-10-20", "2012-10-20", "2012-10-01"),
        ("2012-10-20", "2012-10-25", "2012-10-01"),
        ("2012-10-20", "2012-10-26", "2012-10-26"),
        ("2012-10-20", "2012-12-01", "2012-12-01"),
    ],
)
def test_s9_within_five_days_the_clock_goes_on(last_day: str, back: str, s: str) -> None:
    """Back within five days: the clock of the first episode; later: a new one."""
    story = again(ended_on(last_day, today=back), back)
    assert (course(story).started_on, course(story).s) == (d(back), d(s))


@given(st.integers(0, 30))
def test_r39_the_gap_may_be_negative(days: int) -> None:
    """Ruling 39: an end told late may lie after the new start; then too the clock goes on."""
    story = under_way().day("2012-11-10")
    last_day = d("2012-11-10") - timedelta(days=0)
    story.given(ended(last_day.isoformat()))
    story = again(story, (last_day - timedelta(days=days)).isoformat())
    assert course(story).s == d("2012-10-01")


def test_r40_free_weeks_that_are_left() -> None:
    """Ruling 40: what is left of the free weeks is left, and no more."""
    story = again(ended_on("2012-10-20", today="2012-10-23"), "2012-10-23").then().then_phase("ENABLEMENT", SECOND)
    story.day("2012-11-12").then(enablement_ended("2012-11-11", SECOND))


def test_r40_free_weeks_used_up() -> None:
    """Ruling 40: with the free weeks used up the new episode awaits its review at once."""
    story = under_way().days("2012-10-02", "2012-11-20").given(reviewed("2012-11-01"), ended("2012-11-20"))
    again(story, "2012-11-20").then(enablement_ended("2012-11-11", SECOND)).then_phase("AWAITING_REVIEW", SECOND)
    story.day("2012-11-25").when(reviewed("2012-11-25", episode=SECOND)).then(charged_from("2012-11-25", SECOND))


def test_r40_the_cap_of_the_first_clock() -> None:
    """Ruling 40: coming back does not move the cap, and one that is passed is reached at once."""
    story = under_way().day("2013-03-30").given(ended("2013-03-30")).day("2013-04-03")
    again(story, "2013-04-03").then(
        enablement_ended("2012-11-11", SECOND),
        cap_near("2013-03-03", "2013-03-31", SECOND),
        cap_reached("2013-03-31", SECOND),
    ).then_phase("CAP_REACHED", SECOND)
    story.when(contact("2013-04-03", episode=SECOND)).then_refused("AFTER_CAP")


def test_r40_reviews_stay_with_the_old_episode() -> None:
    """Ruling 40: further support that was agreed in the old episode charges nobody in the new one."""
    story = under_way().given(reviewed("2012-10-01"), ended("2012-10-01"))
    again(story, "2012-10-01").day("2012-11-12").then(enablement_ended("2012-11-11", SECOND))


def test_r40_an_early_completion_stays_with_the_old_episode() -> None:
    """Ruling 40: the new episode has enablement for what is left of the six weeks, and may complete it itself."""
    story = under_way().day("2012-10-20").given(completed("2012-10-10"), ended("2012-10-20"))
    again(story, "2012-10-20").then().then_phase("ENABLEMENT", SECOND)
    story.when(completed("2012-10-20", episode=SECOND)).then_recorded()


def test_r40_contacts_stay_with_the_old_episode() -> None:
    """Ruling 40: a contact of the old episode is none of the new one."""
    story = under_way().given(contact("2012-10-01"), ended("2012-10-01"))
    again(story, "2012-10-01").when(contact_corrected(episode=SECOND)).then_refused("UNKNOWN_CONTACT")
    story.when(contact("2012-10-01", episode=SECOND)).then_recorded()


def test_r39_chains_carry_the_first_clock() -> None:
    """Ruling 39: whoever comes back twice still has the clock of the first episode."""
    story = again(ended_on("2012-10-20"), "2012-10-20").given(ended("2012-10-20", SECOND)).day("2012-10-25")
    assert course(again(story, "2012-10-25", THIRD), THIRD).s == d("2012-10-01")


def test_r39_the_last_is_the_one_that_ended_latest() -> None:
    """Ruling 39: of two former episodes the one that ended latest counts, whichever began or was told first."""
    story = under_way("2012-10-01").day("2012-12-10").given(ended("2012-12-05"))
    story = again(story, "2012-11-01").given(ended("2012-11-02", SECOND))
    assert course(story).s == d("2012-10-01")
    assert course(again(story, "2012-12-10", THIRD), THIRD).s == d("2012-10-01")


def test_r39_the_nearer_episode_alone_counts() -> None:
    """Ruling 39: a chain that broke is not mended by an older clock."""
    story = ended_on("2012-10-10").day("2012-10-20")
    story = again(story, "2012-10-20").given(ended("2012-10-20", SECOND)).day("2012-10-22")
    assert course(again(story, "2012-10-22", THIRD), THIRD).s == d("2012-10-20")


@pytest.mark.parametrize("closing", [[rejected("2012-10-20", SECOND)], [accepted("2012-10-20", SECOND)]])
def test_r39_what_never_started_does_not_count(closing: list[Word]) -> None:
    """Ruling 39: an episode that was rejected, or ended before it began, has no clock to go on with."""
    story = ended_on("2012-10-10", today="2012-10-20").given(referred("2012-10-20", SECOND), *closing)
    if closing == [accepted("2012-10-20", SECOND)]:
        story.given(ended("2012-10-20", SECOND))
    assert course(again(story, "2012-10-20", THIRD), THIRD).s == d("2012-10-20")


def test_r39_what_was_entered_in_error_does_not_count() -> None:
    """Ruling 39: an episode that should never have been recorded has no clock, before or after its end."""
    story = under_way().given(in_error())
    assert course(again(story, "2012-10-01")).s == d("2012-10-01")
    story = ended_on("2012-10-20").given(in_error())
    assert course(again(story, "2012-10-20")).s == d("2012-10-20")


def test_r39_a_legacy_case_has_no_clock() -> None:
    """Ruling 39: long-term support in house is no STR episode."""
    story = county_on("2012-09-01").given(legacy("2008-01-01"), ended("2012-09-01", LEGACY))
    assert course(again(story, "2012-09-01", EPISODE), EPISODE).s == d("2012-09-01")


def test_r88_after_external_support_the_last_str_day_counts() -> None:
    """Ruling 88: STR after external support measures from the last STR day, not from the last day outside."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day("2012-10-10")
    story.given(start_confirmed(handover_id_of(EPISODE), "2012-10-10")).day("2012-10-14")
    assert course(again(story, "2012-10-14")).s == d("2012-10-01")


def test_r6_an_end_told_after_the_new_start_changes_no_clock() -> None:
    """Ruling 6: the clock that was recorded stands, also if the former episode proves to be in error."""
    story = again(ended_on("2012-10-20"), "2012-10-20").given(in_error())
    assert course(story).s == d("2012-10-01")
