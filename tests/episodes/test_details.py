"""Rulings 18 to 21: who a person is, and whose an NHS number is."""

from __future__ import annotations

import pytest

from services.words.people import PersonDetailsCorrected, PersonRegistered
from services.words.word import Sealed
from tests.episodes.story import Story, county_on
from tests.episodes.words_said import (
    LEGACY,
    NUMBER,
    OTHER_NUMBER,
    PERSON,
    THIRD_NUMBER,
    an_id,
    corrected,
    legacy,
    referred,
    registered,
)

OTHER, THIRD = an_id("another person"), an_id("a third person")


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("9990000018", True),
        ("999 000 0018", True),
        ("9990000019", False),  # a wrong check digit
        ("9434765919", False),  # a real range
        ("9999999999", False),  # all the same
        ("999-000-0018", False),
        ("999  000 0018", False),
        ("999 0000018", False),
        (" 9990000018", False),
        ("999000001", False),
        ("99900000180", False),
        ("nine nine nine", False),
        ("٩٩٩٠٠٠٠٠١٨", False),  # digits, but not of this country
    ],
)
def test_r18_how_a_number_is_written(number: str, valid: bool) -> None:
    """Ruling 18: ten digits or 3-3-4 with single spaces; any other text is no NHS number."""
    story = Story().when(registered(number))
    if valid:
        story.then_recorded()
    else:
        story.then_refused("INVALID_NHS_NUMBER")
    if valid:
        story.when(corrected(number)).then_recorded()
    else:
        story.given(registered()).when(corrected(number)).then_refused("INVALID_NHS_NUMBER")


def test_r19_nobody_is_registered_twice() -> None:
    """Ruling 19: a second registration of the same person is a duplicate, under whichever number."""
    story = Story().given(registered())
    story.when(registered()).then_refused("DUPLICATE_PERSON")
    story.when(registered(OTHER_NUMBER)).then_refused("DUPLICATE_PERSON")


def test_r19_nobody_has_another_s_number() -> None:
    """One NHS number belongs to one person, in whichever way it is written."""
    story = Story().given(registered()).when(registered("999 000 0018"), of=OTHER).then_refused("DUPLICATE_PERSON")
    story.given(registered(OTHER_NUMBER), of=OTHER)
    story.when(corrected(NUMBER), of=OTHER).then_refused("DUPLICATE_PERSON")


def test_r1_a_number_that_was_refused_is_not_claimed() -> None:
    """Ruling 1: only what is recorded is claimed, so a refused registration takes nobody's number."""
    story = Story().when(registered(NUMBER, district="surrey")).then_refused("UNKNOWN_CODE")
    story.when(registered(NUMBER), of=OTHER).then_recorded()


def test_r20_a_corrected_number_frees_the_old_one() -> None:
    """Ruling 20: the details are complete and replace; the old number may be somebody else's."""
    story = Story().given(registered(NUMBER)).given(corrected(OTHER_NUMBER))
    story.when(registered(OTHER_NUMBER), of=OTHER).then_refused("DUPLICATE_PERSON")
    story.when(registered(NUMBER), of=OTHER).then_recorded()
    story.when(corrected(NUMBER)).then_refused("DUPLICATE_PERSON")
    story.when(corrected(THIRD_NUMBER)).then_recorded()
    story.when(registered(OTHER_NUMBER), of=THIRD).then_recorded()


def test_r20_correcting_with_one_s_own_number() -> None:
    """Ruling 20: a correction of the name repeats the number, which is one's own already."""
    story = Story().given(registered(NUMBER)).when(corrected(NUMBER)).then_recorded()
    story.when(registered(NUMBER), of=OTHER).then_refused("DUPLICATE_PERSON")


def test_r20_an_absent_district_is_unchanged() -> None:
    """Ruling 20: a correction without a district leaves it, one with a district replaces it."""
    story = Story().given(registered(district="dover")).given(corrected())
    assert story.person().district == "dover"
    story.given(corrected(district="thanet"))
    assert story.person().district == "thanet"


def test_r21_nothing_before_the_registration_is_kept() -> None:
    """Ruling 21: what is said of somebody unknown is refused, and forgotten when they are registered."""
    story = Story().day("2012-09-10").when(referred("2012-09-10")).then_refused("UNKNOWN_PERSON")
    story.when(corrected()).then_refused("UNKNOWN_PERSON")
    story.given(registered())
    assert story.person().episodes == ()


def test_the_ledger_holds_no_details() -> None:
    """Design section 6: of the sealed fields a fact has the sealing, and in clear the year of birth alone."""
    story = Story().when(registered(born="1950-12-31"))
    copy = story.copy
    assert isinstance(copy, PersonRegistered)
    assert (copy.details, copy.birth_year, copy.district) == (None, 1950, "maidstone")
    assert copy.sealed == Sealed(key_id=PERSON, key=b"wrapped", blob=b"sealed")
    story.when(corrected(born="1951-01-01"))
    copy = story.copy
    assert isinstance(copy, PersonDetailsCorrected)
    assert (copy.details, copy.reason, copy.birth_year) == (None, None, 1951)


def test_a_year_of_birth_follows_corrections() -> None:
    """The age band of a later request is made from the corrected year."""
    story = county_on("2012-09-10", born="1950-12-31").given(corrected(born="1990-01-01")).when(legacy("2008-01-01"))
    assert getattr(story.followed[0], "age_band", None) == "18-24"
    story.then_phase("LEGACY_CSS", LEGACY)
