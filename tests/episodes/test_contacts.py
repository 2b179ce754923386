"""S10: when a contact counts, and what may be said of it later."""

from __future__ import annotations

import pytest

from services.words.word import Word
from tests.episodes.story import county_on, under_way
from tests.episodes.words_said import (
    CONTACT,
    EPISODE,
    LEGACY,
    SECOND,
    accepted,
    an_id,
    contact,
    contact_corrected,
    contact_in_error,
    ended,
    in_error,
    legacy,
    referred,
    rejected,
    started,
)

OTHER_CONTACT = an_id("another contact")


@pytest.mark.parametrize(
    ("day", "time"),
    [
        ("2012-10-01", "T00:00:00+01:00"),
        ("2012-10-06", "T03:30:00+01:00"),
        ("2012-10-07", "T23:59:59+01:00"),
        ("2012-10-28", "T01:30:00+01:00"),
        ("2012-10-28", "T01:30:00Z"),
        ("2012-12-25", "T12:00:00Z"),
    ],
)
def test_s10_any_hour_of_any_day(day: str, time: str) -> None:
    """Support is given at night, at weekends, at Christmas, and twice at half past one when the clocks go back."""
    under_way().day("2012-12-31").when(contact(day, time=time)).then_recorded()


@pytest.mark.parametrize(
    ("day", "time", "code"),
    [
        ("2012-09-30", "T22:59:59Z", "BEFORE_START"),
        ("2012-09-30", "T23:00:00Z", None),  # midnight of 1 October in London
        ("2012-10-05", "T22:59:59Z", None),
        ("2012-10-05", "T23:00:00Z", "IN_THE_FUTURE"),  # already the sixth in London
        ("2012-10-06", "T01:00:00+02:00", "IN_THE_FUTURE"),
        ("2012-10-06", "T00:30:00+02:00", None),  # still the fifth in London
    ],
)
def test_s10_from_the_start_to_today_in_london(day: str, time: str, code: str | None) -> None:
    """A contact lies on its London day: not before the start of support, not after today."""
    story = under_way().day("2012-10-05").when(contact(day, time=time))
    if code is None:
        story.then_recorded()
    else:
        story.then_refused(code)


@pytest.mark.parametrize("steps", [[], [accepted("2012-10-01")]])
def test_r29_no_contact_before_support_has_begun(steps: list[Word]) -> None:
    """Ruling 29: a contact with no start yet lies before it."""
    story = county_on("2012-10-01").given(referred("2012-10-01"), *steps)
    story.when(contact("2012-10-01")).then_refused("BEFORE_START")


def test_r29_no_contact_in_an_episode_that_never_began() -> None:
    """Ruling 29: a rejected referral has no start, so nothing ever took place in it."""
    story = county_on("2012-10-05").given(referred("2012-10-01"), rejected("2012-10-05"))
    story.when(contact("2012-10-03")).then_refused("BEFORE_START")


def test_r29_the_episode_s_own_start_counts() -> None:
    """Ruling 29: a clock that goes on does not let contacts in before the new episode's own start."""
    story = under_way().given(ended("2012-10-01")).day("2012-10-05")
    story.given(*(word("2012-10-01", SECOND) for word in (referred, accepted)), started("2012-10-04", SECOND))
    story.when(contact("2012-10-03", episode=SECOND)).then_refused("BEFORE_START")
    story.when(contact("2012-10-04", episode=SECOND)).then_recorded()


def test_s10_a_contact_told_late_counts() -> None:
    """A contact of an episode that has ended is recorded if it took place before the end."""
    story = under_way().day("2012-10-20").given(ended("2012-10-15"))
    story.when(contact("2012-10-15")).then_recorded()
    story.when(contact("2012-10-16", OTHER_CONTACT)).then_refused("AFTER_END")


def test_s10_legacy_cases_have_contacts() -> None:
    """Long-term support in house is work too, from the day since when it is given."""
    story = county_on("2012-09-10").given(legacy("2012-09-05"))
    story.when(contact("2012-09-05", episode=LEGACY)).then_recorded()
    story.when(contact("2012-09-04", OTHER_CONTACT, LEGACY)).then_refused("BEFORE_START")


def test_r11_correcting_a_contact_that_is_not_there() -> None:
    """Ruling 11: what was never recorded cannot be corrected."""
    story = under_way().when(contact_corrected()).then_refused("UNKNOWN_CONTACT")
    story.when(contact_in_error()).then_refused("UNKNOWN_CONTACT")


def test_r12_a_contact_s_id_is_used_once_in_an_episode() -> None:
    """Ruling 12: a second contact under the id of the first is refused, also if it says the same."""
    story = under_way().given(contact("2012-10-01"))
    story.when(contact("2012-10-01")).then_refused("ID_REUSED")
    story.when(contact("2012-10-01", OTHER_CONTACT)).then_recorded()


def test_r12_another_episode_may_use_the_id_again() -> None:
    """Ruling 12: contact ids are judged within their episode."""
    story = county_on("2012-09-10").given(legacy("2008-01-01"), contact("2012-09-10", episode=LEGACY))
    story.given(*(word("2012-09-10") for word in (referred, accepted, started)))
    story.when(contact("2012-09-10")).then_recorded()


def test_r98_a_contact_entered_in_error() -> None:
    """Ruling 98: it counts no more, its id stays taken, and a further word on it is UNKNOWN_CONTACT."""
    story = under_way().given(contact("2012-10-01")).when(contact_in_error()).then_recorded()
    story.when(contact("2012-10-01")).then_refused("ID_REUSED")
    story.when(contact_corrected()).then_refused("UNKNOWN_CONTACT")
    story.when(contact_in_error()).then_refused("UNKNOWN_CONTACT")


def test_r26_undated_words_on_contacts_of_an_ended_episode() -> None:
    """Rulings 26 and 98: a contact may be corrected, and entered in error, after the episode has ended."""
    story = under_way().given(contact("2012-10-01"), ended("2012-10-01"))
    story.when(contact_corrected()).then_recorded()
    story.when(contact_in_error()).then_recorded()


def test_r27_nothing_of_an_episode_in_error() -> None:
    """Ruling 27: a contact of an episode that was entered in error cannot be corrected, and none be added."""
    story = under_way().given(contact("2012-10-01"), in_error())
    for word in (contact_corrected(), contact_in_error(), contact("2012-10-01", OTHER_CONTACT)):
        story.when(word).then_refused("EPISODE_NOT_OPEN")


def test_r12_ids_that_overlap_in_storage_are_different() -> None:
    """Ids are compared whole: one that ends as another begins is not that other."""
    first, second = "00000000-0000-4000-8000-0000000000ab", "ab000000-0000-4000-8000-000000000000"
    story = under_way().given(contact("2012-10-01", first), contact("2012-10-01", second))
    found = story.person().episode(EPISODE)
    assert found is not None
    assert found.has_contact(first)
    assert found.has_contact(second)
    assert not found.has_contact(CONTACT)
    middle = (bytes.fromhex(first.replace("-", "")) + bytes.fromhex(second.replace("-", "")))[8:24].hex()
    straddling = f"{middle[:8]}-{middle[8:12]}-{middle[12:16]}-{middle[16:20]}-{middle[20:]}"
    assert not found.has_contact(straddling)
    story.when(contact("2012-10-01", straddling)).then_recorded()
