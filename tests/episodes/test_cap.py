"""S5: the cap comes near and is reached; what lies after it is refused."""

from __future__ import annotations

import pytest

from tests.episodes.story import county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    assessed,
    cap_near,
    cap_reached,
    charged_from,
    contact,
    enablement_ended,
    ended,
    held,
    indirect,
    legacy,
    onward,
    planned,
    resumed,
    reviewed,
    worker,
)

# A start on 28 August 2012: the cap is 27 February 2013, the warning 30 January.


def test_s5_the_warning_and_the_cap() -> None:
    """28 days before the cap it is near; on the day after it, it was reached."""
    story = under_way("2012-08-28").days("2012-08-29", "2013-01-29")
    story.day("2013-01-30").then(cap_near("2013-01-30", "2013-02-27"))
    story.days("2013-01-31", "2013-02-27").then()
    story.day("2013-02-28").then(cap_reached("2013-02-27")).then_phase("CAP_REACHED", EPISODE)
    story.day("2013-03-01").then()


def test_s5_days_that_were_skipped() -> None:
    """A county that slept for half a year hears all that fell due, in the order of the days."""
    story = under_way("2012-08-28").given(reviewed("2012-08-28"))
    story.day("2013-03-05").then(
        enablement_ended("2012-10-08"),
        charged_from("2012-10-09"),
        cap_near("2013-01-30", "2013-02-27"),
        cap_reached("2013-02-27"),
    )


@pytest.mark.parametrize("attendance", ["2", "3", "4", "5", "6", "7"])
def test_r30_no_contact_after_the_cap_whatever_its_attendance(attendance: str) -> None:
    """Ruling 30: a contact on the last permitted day is taken, one on the next is refused, attended or not."""
    story = under_way("2012-08-28").day("2013-03-05")
    story.when(contact("2013-02-27", attendance=attendance)).then_recorded()
    story.when(contact("2013-02-28", LEGACY, attendance=attendance)).then_refused("AFTER_CAP")


def test_s5_a_contact_lies_on_its_london_day() -> None:
    """00:30 in London on 1 July is after the cap of 30 June, though UTC still calls it June; 23:30 is not."""
    story = under_way("2012-12-31").day("2013-07-02")
    story.when(contact("2013-06-30", time="T23:30:00Z")).then_refused("AFTER_CAP")
    story.when(contact("2013-06-30", time="T23:30:00+01:00")).then_recorded()


def test_r30_all_but_contacts_go_on_after_the_cap() -> None:
    """Ruling 30: reviews, holds, plans and the end are recorded after the cap, for something is to be done about it."""
    story = under_way("2012-08-28").day("2013-03-05")
    for word in (
        worker("2013-03-01"),
        assessed("2013-03-01"),
        planned("2013-03-01"),
        indirect("2013-03-01"),
        onward("2013-03-01"),
        held("2013-03-01"),
        resumed("2013-03-02"),
        reviewed("2013-03-02", "GOALS_MET"),
        ended("2013-03-05"),
    ):
        story.when(word).then_recorded()


def test_r8_the_cap_is_named_before_the_end() -> None:
    """Ruling 8: a contact after the cap of an episode that has ended lies, first of all, after the cap."""
    story = under_way("2012-08-28").day("2013-03-05").given(ended("2013-02-20"))
    story.when(contact("2013-02-28")).then_refused("AFTER_CAP")
    story.when(contact("2013-02-27")).then_refused("AFTER_END")


def test_s5_a_legacy_case_has_no_cap() -> None:
    """Long-term support in house has no six months."""
    story = county_on("2012-09-01").given(legacy("2008-01-01"))
    story.days("2012-09-02", "2012-09-05").when(contact("2012-09-05", episode=LEGACY)).then_recorded()


def test_s5_an_ended_episode_reaches_no_cap() -> None:
    """Nothing falls due in an episode that is over."""
    under_way("2012-08-28").day("2012-10-01").given(ended("2012-10-01")).day("2013-04-01").then()
