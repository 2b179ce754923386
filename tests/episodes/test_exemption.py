"""S12: who is exempt goes through the same phases; what is not charged is settled when rows are read."""

from __future__ import annotations

import pytest

from services.words.word import Word
from tests.episodes.story import county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    accepted,
    charged_from,
    died,
    enablement_ended,
    ended,
    exempted,
    in_error,
    legacy,
    referred,
    rejected,
    reviewed,
)


@pytest.mark.parametrize("exemption", ["S117", "CJD", "NHS_CHC", "LOCAL_POLICY"])
def test_s12_the_phase_is_as_usual(exemption: str) -> None:
    """An exempt person's chargeable period starts on its day, in name."""
    story = under_way().when(exempted("2012-10-01", exemption)).then_recorded()
    story.given(reviewed("2012-10-01"))
    story.day("2012-11-12").then(enablement_ended("2012-11-11"), charged_from("2012-11-12"))
    story.then_phase("CHARGEABLE", EPISODE)


@pytest.mark.parametrize("from_on", ["1990-01-01", "2012-10-01", "2013-08-01", "2099-12-31"])
def test_r23_the_day_of_an_exemption_is_not_judged(from_on: str) -> None:
    """Ruling 23: an exemption may begin long ago or in years to come."""
    under_way().when(exempted(from_on)).then_recorded()


@pytest.mark.parametrize(
    "before",
    [
        [],
        [accepted("2012-09-01")],
        [rejected("2012-09-01")],
        [ended("2012-09-01")],
        [died("2012-09-01")],
    ],
)
def test_r26_an_exemption_is_undated(before: list[Word]) -> None:
    """Ruling 26: it is taken in any phase, and for an episode that is over."""
    county_on("2012-09-01").given(referred("2012-09-01"), *before).when(exempted("2012-09-02")).then_recorded()


def test_r28_legacy_cases_may_be_exempt() -> None:
    """Ruling 28: all that has no place of its own has its place in any open phase."""
    county_on("2012-09-01").given(legacy("2008-01-01")).when(exempted("2012-09-01", episode=LEGACY)).then_recorded()


def test_r27_no_exemption_from_what_never_was() -> None:
    """Ruling 27: an episode entered in error takes nothing further."""
    under_way().given(in_error()).when(exempted("2012-10-01")).then_refused("EPISODE_NOT_OPEN")


def test_s12_an_unknown_exemption() -> None:
    """What is not in the list of exemptions is refused."""
    under_way().when(exempted("2012-10-01", "KINDNESS")).then_refused("UNKNOWN_CODE")
