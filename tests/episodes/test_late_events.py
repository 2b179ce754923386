"""Rulings 6, 34 and 35: late and back-dated events give the same facts as punctual ones, with their true dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.county.policy import policy_on
from services.episodes.str_clock import cap_on, free_until, warning_on
from services.words.catalogue import DueWord
from services.words.course import EnablementCompleted, EnablementStarted, ReviewHeld
from services.words.recorded import CapApproaching, CapReached, ChargeablePeriodStarted, EnablementEnded
from services.words.word import Word
from tests.episodes.story import Story, county_on
from tests.episodes.words_said import EPISODE, accepted, completed, referred, reviewed, started

FIRST = date(2012, 10, 1)
DUE = (EnablementEnded, ChargeablePeriodStarted, CapApproaching, CapReached)
Said = tuple[int, Word]
"""On which day of the story (0 is the first) a word is said."""


def on(number: int) -> str:
    """A day of the story as people write it."""
    return (FIRST + timedelta(days=number)).isoformat()


def due_facts(story: Story) -> set[Word]:
    """What fell due, as a set: the facts and their dates, not when they were written."""
    return {fact.word for fact in story.facts if isinstance(fact.word, DUE)}


def told(words: Sequence[Said], days: Sequence[int]) -> Story:
    """A story in which these days begin, and each word is said as soon as its day has come."""
    story = county_on(on(0))
    waiting = list(words)
    for number in days:
        story.day(on(number))
        for said in [said for said in waiting if said[0] <= number]:
            story.given(said[1])
            waiting.remove(said)
    assert waiting == []
    return story


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Said], list[Said], int]:
    """An episode as it is told in time, the same told late but in an admissible order, and the last day."""
    begun = draw(st.integers(0, 20))
    review = draw(st.integers(begun, begun + 200))
    outcome = draw(st.sampled_from(["FURTHER_SUPPORT", "LONG_TERM_SUPPORT", "GOALS_MET"]))
    course: list[Said] = [(begun, referred(on(begun))), (begun, accepted(on(begun))), (begun, started(on(begun)))]
    late_by = draw(st.integers(0, 100))
    late: list[Said] = [(number + late_by, word) for number, word in course]
    # A completion must be told while enablement lasts (ruling 37), so it may be late only by what is left of it.
    if draw(st.booleans()):
        last_day = draw(st.integers(begun, begun + 41))
        latest = begun + 41
        course.append((last_day, completed(on(last_day))))
        if late_by <= latest - begun:
            told_on = draw(st.integers(max(last_day, begun + late_by), max(latest, begun + late_by)))
            late.append((told_on, course[-1][1]))
        else:
            course.pop()
    course.append((review, reviewed(on(review), outcome)))
    late.append((review + draw(st.integers(0, 100)), course[-1][1]))
    late[3:] = sorted(((max(number, begun + late_by), word) for number, word in late[3:]), key=lambda said: said[0])
    return course, late, max(number for number, _ in [*course, *late]) + 250


@settings(max_examples=25)
@given(lives(), st.data())
def test_r6_a_story_told_late_falls_due_alike(life: tuple[list[Said], list[Said], int], data: st.DataObject) -> None:
    """Told in time or late, with every day or with days skipped: the same facts with the same true dates."""
    punctual, late, last = life
    skipped = data.draw(st.sets(st.integers(1, last - 1)), label="days that were skipped") - _days_of(late)
    in_time = told(punctual, range(last + 1))
    at_last = told(late, [number for number in range(last + 1) if number not in skipped])
    assert due_facts(in_time) == due_facts(at_last)
    assert len([fact for fact in at_last.facts if isinstance(fact.word, DUE)]) == len(due_facts(at_last))


@settings(max_examples=25)
@given(lives())
def test_s3_to_s5_the_dates_are_those_of_the_rules(life: tuple[list[Said], list[Said], int]) -> None:
    """However late a story is told, what falls due has the days that the calendar gives it."""
    course, late, last = life
    s = next(word.on for _, word in course if isinstance(word, EnablementStarted))
    ended = next((word.last_day for _, word in course if isinstance(word, EnablementCompleted)), free_until(s))
    review = next(word for _, word in course if isinstance(word, ReviewHeld))
    policy = policy_on(s).version
    charged = max(ended + timedelta(days=1), review.on)
    expected: set[DueWord] = {
        EnablementEnded(episode_id=EPISODE, last_day=ended, policy=policy),
        CapApproaching(episode_id=EPISODE, on=warning_on(s), cap_on=cap_on(s), policy=policy),
        CapReached(episode_id=EPISODE, last_day=cap_on(s), policy=policy),
    }
    if review.outcome != "GOALS_MET" and charged <= cap_on(s):
        expected.add(ChargeablePeriodStarted(episode_id=EPISODE, on=charged, policy=policy))
    assert due_facts(told(late, sorted({*range(0, last, 7), *_days_of(late), last}))) == expected


@given(st.permutations([("2012-10-05", "GOALS_MET"), ("2012-10-20", "FURTHER_SUPPORT"), ("2012-11-02", "GOALS_MET")]))
def test_r34_the_order_of_telling_reviews_does_not_matter(reviews: list[tuple[str, str]]) -> None:
    """Ruling 34: before charging begins the review with the latest day counts, in whatever order they are told."""
    story = county_on("2012-10-01").given(*(word("2012-10-01") for word in (referred, accepted, started)))
    story.day("2012-11-10").given(*(reviewed(day, outcome) for day, outcome in reviews)).day("2012-12-31")
    assert not [word for word in due_facts(story) if isinstance(word, ChargeablePeriodStarted)]


def test_r6_what_is_written_is_never_taken_back() -> None:
    """Ruling 6: a review of before, told after the charge has begun, changes nothing, though in time it would have."""
    in_time = told([*_begun(), (10, reviewed(on(10))), (20, reviewed(on(20), "GOALS_MET"))], range(100))
    too_late = told([*_begun(), (10, reviewed(on(10))), (60, reviewed(on(20), "GOALS_MET"))], range(100))
    assert not [word for word in due_facts(in_time) if isinstance(word, ChargeablePeriodStarted)]
    assert [word for word in due_facts(too_late) if isinstance(word, ChargeablePeriodStarted)]


def _days_of(words: Sequence[Said]) -> set[int]:
    """The days on which something is said: were they skipped, it would be said later than it may be."""
    return {number for number, _ in words}


def _begun() -> list[Said]:
    return [(0, referred(on(0))), (0, accepted(on(0))), (0, started(on(0)))]
