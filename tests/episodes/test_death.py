"""S11: a death ends what is open, withdraws what was asked for, and lets nothing later in."""

from __future__ import annotations

import pytest

from services.episodes.outcome import sis_episode_id_of
from services.episodes.request import handover_id_of
from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    NUMBER,
    SECOND,
    accepted,
    charged_from,
    checked,
    completed,
    contact,
    contact_corrected,
    contact_in_error,
    corrected,
    died,
    ended,
    exempted,
    held,
    in_error,
    legacy,
    referred,
    registered,
    rehoused,
    reviewed,
    set_aside,
    sis_ended,
    start_confirmed,
    started,
    support_ended,
    withdrawn,
    worker,
)

HANDOVER = handover_id_of(EPISODE)
SIS = sis_episode_id_of(HANDOVER)


def dead(on: str = "2012-10-10", today: str = "2012-10-20") -> Story:
    """Somebody in support from 1 October, with a contact on that day, has died."""
    return under_way().given(contact("2012-10-01")).day(today).given(died(on))


def test_s11_a_death_ends_open_episodes() -> None:
    """Every open episode ends on the day of death with reason 06, in the order in which they were opened."""
    story = county_on("2012-09-01").given(legacy("2008-01-01"), referred("2012-09-01"))
    story.day("2012-09-10").when(died("2012-09-05")).then(
        ended("2012-09-05", LEGACY, "06"),
        withdrawn(handover_id_of(LEGACY), "2012-09-05", "DIED"),
        ended("2012-09-05", EPISODE, "06"),
    )


def test_s11_a_death_with_nothing_open() -> None:
    """A death is recorded also when there is nothing to end."""
    county_on("2012-09-01").when(died("2012-09-01")).then_recorded()
    under_way().given(ended("2012-10-01")).when(died("2012-10-01")).then_recorded()
    under_way().given(in_error()).when(died("2012-10-01")).then_recorded()


def test_s11_no_charge_after_a_death() -> None:
    """Nothing falls due for somebody who has died."""
    under_way().given(reviewed("2012-10-01"), died("2012-10-01")).day("2013-05-01").then()


def test_s11_what_was_due_before_a_death_was_due() -> None:
    """A charge that had begun before a death was told stays in the ledger (ruling 6)."""
    story = under_way().given(reviewed("2012-10-01")).day("2012-11-20")
    assert charged_from("2012-11-12") in story.followed
    story.when(died("2012-11-15")).then(ended("2012-11-15", reason="06"))


def test_s11_a_death_ends_a_hold() -> None:
    """What is over is not on hold, and a death can be told while it is."""
    story = under_way().given(held("2012-10-01")).when(died("2012-10-01")).then(ended("2012-10-01", reason="06"))
    found = story.person().episode(EPISODE)
    assert found is not None
    assert not found.held


def test_r87_a_death_ends_external_support() -> None:
    """Ruling 87: a death ends external support too, with reason 06."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day("2012-10-20")
    story.given(start_confirmed(HANDOVER, "2012-10-10"))
    story.when(died("2012-10-15")).then(sis_ended(HANDOVER, SIS, "2012-10-15", "06"))
    story.when(support_ended(HANDOVER, "2012-10-15")).then(set_aside(HANDOVER, "ENDED"))


def test_r43_a_death_before_the_episode_s_dates() -> None:
    """Ruling 43: a death before the referral ends the episode on the day of death all the same."""
    story = under_way("2012-10-10", today="2012-10-20").when(died("2012-10-05"))
    story.then(ended("2012-10-05", reason="06"))


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (referred("2012-10-05", SECOND), "PERSON_DIED"),
        (referred("2012-10-15", SECOND), "PERSON_DIED"),
        (legacy("2008-01-01"), "PERSON_DIED"),
        (died("2012-10-10"), "PERSON_DIED"),
        (died("2012-10-03"), "PERSON_DIED"),
        (contact("2012-10-11", SECOND), "PERSON_DIED"),
        (worker("2012-10-11"), "PERSON_DIED"),
        (ended("2012-10-11"), "PERSON_DIED"),
        (reviewed("2012-10-11"), "PERSON_DIED"),
        (rehoused("2012-10-11"), "PERSON_DIED"),
        (checked("2012-10-11"), "PERSON_DIED"),
        (ended("2012-10-10"), "EPISODE_NOT_OPEN"),
        (reviewed("2012-10-10"), "EPISODE_NOT_OPEN"),
        (completed("2012-10-05"), "EPISODE_NOT_OPEN"),
        (registered(NUMBER), "DUPLICATE_PERSON"),
        (contact("2012-09-30", SECOND), "BEFORE_START"),
        (contact_corrected(SECOND), "UNKNOWN_CONTACT"),
    ],
)
def test_r24_what_a_death_does_not_let_in(word: Word, code: str) -> None:
    """Ruling 24: a referral, a legacy case, a second death and anything later; the rest is judged as usual."""
    dead().when(word).then_refused(code)


@pytest.mark.parametrize(
    "word",
    [
        contact("2012-10-10", SECOND),
        worker("2012-10-09"),
        rehoused("2012-10-10"),
        checked("2012-10-10"),
        contact_corrected(),
        contact_in_error(),
        exempted("2012-12-01"),
        corrected(),
        in_error(),
    ],
)
def test_r24_what_a_death_still_lets_in(word: Word) -> None:
    """Ruling 24: what is dated not after the death, or not at all, is judged as usual, and recorded."""
    dead().when(word).then_recorded()


def test_r25_what_was_known_before_a_death_stands() -> None:
    """Ruling 25: a contact recorded before the death was known, and dated after it, stands and can be corrected."""
    story = under_way().day("2012-10-20").given(contact("2012-10-18"))
    story.given(died("2012-10-10")).when(contact_corrected()).then_recorded()


def test_r24_nothing_opens_again() -> None:
    """Ruling 24: whoever has died has no further step, however the episode stood."""
    story = county_on("2012-10-01").given(referred("2012-10-01"), died("2012-10-01"))
    story.when(accepted("2012-10-01")).then_refused("EPISODE_NOT_OPEN")
    story = county_on("2012-10-01").given(referred("2012-10-01"), accepted("2012-10-01"), died("2012-10-01"))
    story.when(started("2012-10-01")).then_refused("EPISODE_NOT_OPEN")


def test_r23_a_death_is_not_in_the_future() -> None:
    """Ruling 23: nobody dies tomorrow."""
    county_on("2012-10-01").when(died("2012-10-02")).then_refused("IN_THE_FUTURE")
