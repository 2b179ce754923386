"""S8: a hold stops nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.words.recorded import HandoverRequested
from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    accepted,
    cap_near,
    cap_reached,
    charged_from,
    d,
    died,
    enablement_ended,
    ended,
    held,
    in_error,
    legacy,
    referred,
    resumed,
    reviewed,
    started,
)


def is_held(story: Story, episode: str = EPISODE) -> bool:
    """Whether an episode is on hold."""
    found = story.person().episode(episode)
    assert found is not None
    return found.held


def test_s8_the_clock_runs_on() -> None:
    """Free weeks, charge, warning and cap come on the days on which they would have come."""
    story = under_way().given(reviewed("2012-10-01"), held("2012-10-01"))
    story.day("2012-11-12").then(enablement_ended("2012-11-11"), charged_from("2012-11-12"))
    story.day("2013-03-03").then(cap_near("2013-03-03", "2013-03-31"))
    story.day("2013-04-01").then(cap_reached("2013-03-31")).then_phase("CAP_REACHED", EPISODE)
    assert is_held(story)


@settings(max_examples=10)
@given(st.lists(st.integers(1, 200), max_size=6, unique=True))
def test_s8_holds_change_no_fact(days: list[int]) -> None:
    """However often support is held and resumed, the same falls due on the same days."""
    plain, paused = (under_way().given(reviewed("2012-10-01")) for _ in range(2))
    for number in range(1, 200):
        today = (date(2012, 10, 1) + timedelta(days=number)).isoformat()
        assert plain.day(today).followed == paused.day(today).followed
        if number in days:
            paused.given(resumed(today) if is_held(paused) else held(today))


def test_s8_hold_and_resume_take_turns() -> None:
    """Ruling 28: what is held cannot be held, what is not held cannot be resumed."""
    story = under_way().when(resumed("2012-10-01")).then_refused("WRONG_PHASE")
    story.when(held("2012-10-01")).then_recorded()
    story.when(held("2012-10-01")).then_refused("WRONG_PHASE")
    story.when(resumed("2012-10-01")).then_recorded()
    story.when(resumed("2012-10-01")).then_refused("WRONG_PHASE")
    story.when(held("2012-10-01")).then_recorded()
    assert is_held(story)


def test_r42_holds_go_by_order_of_recording() -> None:
    """Ruling 42: a hold told last holds, whatever its day."""
    story = under_way().day("2012-10-20").given(held("2012-10-10"), resumed("2012-10-15"), held("2012-10-05"))
    assert is_held(story)


@pytest.mark.parametrize("closing", [ended("2012-10-01"), died("2012-10-01"), in_error()])
def test_r42_the_end_lifts_a_hold(closing: Word) -> None:
    """Ruling 42: what is over is not on hold."""
    assert not is_held(under_way().given(held("2012-10-01"), closing))


@pytest.mark.parametrize(
    ("steps", "phase"),
    [(1, "REFERRED"), (2, "ACCEPTED"), (3, "ENABLEMENT")],
)
def test_r42_the_phase_is_as_without(steps: int, phase: str) -> None:
    """Rulings 28 and 42: a hold has its place in any open phase, and leaves it as it is."""
    story = county_on("2012-10-01")
    story.given(*(word("2012-10-01") for word in (referred, accepted, started)[:steps]))
    story.when(held("2012-10-01")).then_recorded().then_phase(phase, EPISODE)
    story.when(resumed("2012-10-01")).then_recorded().then_phase(phase, EPISODE)


def test_r28_a_legacy_case_can_be_held() -> None:
    """Ruling 28: long-term support in house pauses like any other."""
    story = county_on("2012-09-01").given(legacy("2008-01-01"))
    assert isinstance(story.followed[0], HandoverRequested)
    story.when(held("2012-09-01", LEGACY)).then_recorded()
    assert is_held(story, LEGACY)


def test_s8_a_held_episode_goes_on() -> None:
    """A review and the end have their place while support is on hold."""
    story = under_way().given(held("2012-10-01"))
    story.when(reviewed("2012-10-01")).then_recorded()
    assert is_held(story)
    story.when(ended("2012-10-01")).then_recorded()
    assert story.person().next_due() == date.max
    assert d("2012-10-01") == story.county.today
