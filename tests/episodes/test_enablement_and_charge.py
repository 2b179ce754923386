"""S3 and S4: when enablement ends, who may be charged, and from which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.county.policy import policy_on
from services.episodes.str_clock import cap_on, chargeable_from, chargeable_under, free_until
from services.words.recorded import ChargeablePeriodStarted
from tests.episodes.story import under_way
from tests.episodes.words_said import (
    EPISODE,
    cap_near,
    charged_from,
    completed,
    d,
    enablement_ended,
    ended,
    reviewed,
    started,
)

# A start on 1 October 2012: free until 11 November, the cap is 31 March 2013.
STARTS = st.dates(date(2003, 1, 1), date(2100, 12, 31))


def test_s3_enablement_ends_on_the_day_after_the_free_weeks() -> None:
    """On day 43 the recorder writes that day 42 was the last; without a review nobody is charged."""
    story = under_way().day("2012-11-11").then()
    story.day("2012-11-12").then(enablement_ended("2012-11-11")).then_phase("AWAITING_REVIEW", EPISODE)
    story.day("2012-11-13").then()


def test_s3_enablement_ends_after_its_early_last_day() -> None:
    """After an early completion enablement ends on the day after its last day."""
    story = under_way().day("2012-10-20").when(completed("2012-10-20")).then()
    story.then_phase("ENABLEMENT", EPISODE)
    story.day("2012-10-21").then(enablement_ended("2012-10-20")).then_phase("AWAITING_REVIEW", EPISODE)


def test_s3_a_completion_told_late_ends_enablement_at_once() -> None:
    """A completion of last week is settled when it is told, with its true day."""
    story = under_way().day("2012-10-27")
    story.when(completed("2012-10-20")).then(enablement_ended("2012-10-20"))


def test_r37_a_completion_after_the_end_of_enablement() -> None:
    """Ruling 37: what is over cannot be completed."""
    under_way().day("2012-11-12").when(completed("2012-11-10")).then_refused("WRONG_PHASE")


def test_r28_enablement_is_completed_once() -> None:
    """Ruling 28: a second completion has no place, though enablement has not ended yet."""
    story = under_way().day("2012-10-20").given(completed("2012-10-20"))
    story.when(completed("2012-10-19")).then_refused("WRONG_PHASE")


@pytest.mark.parametrize(
    ("review", "told", "charged"),
    [
        ("2012-11-01", "2012-11-01", "2012-11-12"),  # agreed within the free weeks: from day 43
        ("2012-11-11", "2012-11-11", "2012-11-12"),  # on day 42: from day 43
        ("2012-11-12", "2012-11-12", "2012-11-12"),  # on day 43: from that day
        ("2012-12-03", "2012-12-03", "2012-12-03"),  # three weeks late: from the review, never in retrospect
        ("2012-11-01", "2012-12-03", "2012-11-12"),  # told late: as if it had been told in time
        ("2012-11-20", "2012-12-03", "2012-11-20"),  # held late and told late: from the day it was held
    ],
)
def test_s4_charged_from_the_later_day(review: str, told: str, charged: str) -> None:
    """Chargeable from the later of the day after enablement and the review that agreed further support."""
    story = under_way().days("2012-10-02", told).given(reviewed(review)).days(told, "2012-12-05")
    assert story.of_type(ChargeablePeriodStarted) == [charged_from(charged)]
    story.then_phase("CHARGEABLE", EPISODE)


def test_s4_the_charge_begins_on_its_day() -> None:
    """On day 43 both are written, the end of enablement first."""
    story = under_way().day("2012-11-01").when(reviewed("2012-11-01")).then()
    story.day("2012-11-12").then(enablement_ended("2012-11-11"), charged_from("2012-11-12"))


def test_s4_no_charge_without_a_review() -> None:
    """Nobody is charged because time has passed."""
    story = under_way().days("2012-10-02", "2012-12-31")
    assert story.of_type(ChargeablePeriodStarted) == []


def test_s4_no_charge_after_goals_were_met() -> None:
    """A review that agrees no further support begins no charge."""
    story = under_way().day("2012-11-01").when(reviewed("2012-11-01", "GOALS_MET")).then()
    story.day("2012-12-31").then(enablement_ended("2012-11-11")).then_phase("AWAITING_REVIEW", EPISODE)


def test_s4_an_early_end_of_enablement_brings_the_charge_forward() -> None:
    """R45: the charge may follow an enablement that ended early, once a review has agreed."""
    story = under_way().day("2012-10-20").given(completed("2012-10-20", "FURTHER_SUPPORT"))
    story.day("2012-10-23").when(reviewed("2012-10-23")).then(charged_from("2012-10-23"))


def test_r36_completing_with_further_support_is_no_review() -> None:
    """Ruling 36: what the team thinks at the end of enablement agrees nothing."""
    story = under_way().day("2012-10-20").given(completed("2012-10-20", "FURTHER_SUPPORT"))
    story.day("2012-12-01").then(enablement_ended("2012-10-20")).then_phase("AWAITING_REVIEW", EPISODE)


@pytest.mark.parametrize(
    ("reviews", "charged"),
    [
        ([("2012-10-20", "FURTHER_SUPPORT"), ("2012-11-05", "GOALS_MET")], None),  # the later says no
        ([("2012-10-20", "GOALS_MET"), ("2012-11-05", "FURTHER_SUPPORT")], "2012-11-12"),
        ([("2012-11-05", "GOALS_MET"), ("2012-10-20", "FURTHER_SUPPORT")], None),  # told in the other order
        ([("2012-11-05", "FURTHER_SUPPORT"), ("2012-10-20", "GOALS_MET")], "2012-11-12"),
        ([("2012-11-05", "FURTHER_SUPPORT"), ("2012-11-05", "GOALS_MET")], None),  # the same day: the later told
        ([("2012-11-05", "GOALS_MET"), ("2012-11-05", "FURTHER_SUPPORT")], "2012-11-12"),
    ],
)
def test_r34_the_latest_review_counts(reviews: list[tuple[str, str]], charged: str | None) -> None:
    """Ruling 34: until charging begins the review with the latest day counts; of equal days the later told."""
    story = under_way().day("2012-11-05").given(*(reviewed(on, outcome) for on, outcome in reviews))
    story.day("2012-11-12")
    assert story.of_type(ChargeablePeriodStarted) == ([charged_from(charged)] if charged else [])


@pytest.mark.parametrize("on", ["2012-11-12", "2012-11-01", "2012-11-11", "2012-11-20"])
@pytest.mark.parametrize("outcome", ["GOALS_MET", "FURTHER_SUPPORT"])
def test_r34_no_review_changes_a_charge_that_has_begun(on: str, outcome: str) -> None:
    """Ruling 34: after charging has begun no review changes it, whatever its day."""
    story = under_way().day("2012-11-10").given(reviewed("2012-11-10")).day("2012-11-20")
    story.when(reviewed(on, outcome)).then().then_phase("CHARGEABLE", EPISODE)
    assert story.of_type(ChargeablePeriodStarted) == [charged_from("2012-11-12")]


def test_r6_a_charge_is_never_taken_back() -> None:
    """Ruling 6: an end told late and dated before the charge leaves the fact where it is."""
    story = under_way().day("2012-11-10").given(reviewed("2012-11-10")).day("2012-11-20")
    story.when(ended("2012-11-08")).then()
    assert story.of_type(ChargeablePeriodStarted) == [charged_from("2012-11-12")]


def test_r35_no_day_before_the_review_is_charged() -> None:
    """Ruling 35: an early end of enablement does not charge the days before the review."""
    story = under_way().day("2012-10-20").given(completed("2012-10-20")).day("2012-11-02")
    story.when(reviewed("2012-10-30")).then(charged_from("2012-10-30"))


@pytest.mark.parametrize(("review", "charged"), [("2013-03-31", "2013-03-31"), ("2013-03-30", "2013-03-30")])
def test_r38_a_charge_up_to_the_cap_is_written_after_it(review: str, charged: str) -> None:
    """Ruling 38: a first chargeable day not after the cap is still written, and the phase stays CAP_REACHED."""
    story = under_way().days("2012-10-02", "2013-04-10")
    story.when(reviewed(review)).then(charged_from(charged)).then_phase("CAP_REACHED", EPISODE)


def test_r38_no_charge_after_the_cap() -> None:
    """Ruling 38: nothing is charged if the first chargeable day would lie after the cap."""
    story = under_way().days("2012-10-02", "2013-04-10")
    story.when(reviewed("2013-04-01")).then().then_phase("CAP_REACHED", EPISODE)
    story.day("2013-05-01").then()


def test_r38_the_later_review_after_the_cap_takes_the_charge_away() -> None:
    """Rulings 34 and 38: the latest review counts, so one after the cap that agrees leaves nothing to charge."""
    story = under_way().days("2012-10-02", "2013-04-10").given(reviewed("2013-04-01"))
    story.when(reviewed("2013-03-15")).then()


def test_s4_a_start_told_late_settles_all_at_once() -> None:
    """Design section 5: what is due when a start is told is written with it, each with its true date."""
    story = under_way("2012-10-01", today="2013-03-10")
    assert story.followed == [enablement_ended("2012-11-11"), cap_near("2013-03-03", "2013-03-31")]
    story.when(started("2012-10-01")).then_refused("WRONG_PHASE")


@given(STARTS, st.none() | st.integers(0, 200), st.integers(0, 250))
def test_s4_never_within_the_free_weeks_never_after_the_cap(s: date, completion: int | None, review: int) -> None:
    """Whatever is completed and agreed when, nobody is charged for enablement, before the review, or after the cap."""
    completed_on = None if completion is None else s + timedelta(days=completion)
    agreed_on = s + timedelta(days=review)
    first = chargeable_from(s, completed_on, agreed_on)
    last_day = min(free_until(s), completed_on or free_until(s))
    expected = max(last_day + timedelta(days=1), agreed_on)
    assert first == (expected if expected <= cap_on(s) else None)


@given(STARTS, st.none() | st.integers(0, 200), st.integers(0, 250))
def test_s4_protect_full_six_weeks(s: date, completion: int | None, review: int) -> None:
    """Under the policy `protect_full_six_weeks` no day of the six weeks is charged, however early enablement ended."""
    completed_on = None if completion is None else s + timedelta(days=completion)
    agreed_on = s + timedelta(days=review)
    protecting = replace(policy_on(s), protect_full_six_weeks=True)
    expected = max(s + timedelta(days=42), agreed_on)
    assert chargeable_under(protecting, s, completed_on, agreed_on) == (expected if expected <= cap_on(s) else None)
    assert not policy_on(d("2012-10-01")).protect_full_six_weeks
