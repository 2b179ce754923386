"""The people of a synthetic county and what happens to them."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.county.civil_dates import parse_instant
from services.county.codes import is_known
from services.county.nhs_number import is_valid
from services.simulator.course import last_permitted_day
from services.simulator.homes import TOWNS
from services.simulator.people import MOST_PEOPLE, person_of, wrong_number
from services.simulator.seeded import County
from services.simulator.told import Told
from services.words.catalogue import EVERY_WORD, TEAM_WORDS
from services.words.coded import coded_fields
from services.words.word import Word

ANY_COUNTY = County(MOST_PEOPLE, date(2012, 8, 1), date(2013, 7, 31), seed=5)


@pytest.fixture(scope="module")
def well_told(year: tuple[Told, ...]) -> list[tuple[Told, Word]]:
    """All that teams tell and that is to be recorded, with its word."""
    teams = (told for told in year if told.event["type"] in TEAM_WORDS and told.planted is None)
    return [(told, EVERY_WORD[told.event["type"]].model_validate(told.event["data"])) for told in teams]


def test_every_word_of_the_teams_is_said(well_told: list[tuple[Told, Word]]) -> None:
    """In a year of 2,000 people everything happens that a team can tell of."""
    assert {told.event["type"] for told, _ in well_told} == set(TEAM_WORDS)


def test_whatever_is_not_planted_is_well_formed(well_told: list[tuple[Told, Word]]) -> None:
    """Everything else has the shape of its word, with nothing missing and every code in its list."""
    for _, word in well_told:
        assert word.missing() == ()
        for coded in coded_fields(type(word)):
            assert all(is_known(coded.list_name, code) for code in coded.codes(word))


@given(st.integers(0, MOST_PEOPLE - 1))
def test_every_person_has_a_number_that_is_never_issued(index: int) -> None:
    """NHS numbers are valid and begin with 999, the one given up and the one given for it too (section 6)."""
    person = person_of(ANY_COUNTY, index)
    numbers = {person.details["nhs_number"], person.later_number}
    assert len(numbers) == 2
    assert all(is_valid(number, synthetic=True) for number in numbers)
    assert not is_valid(wrong_number(person.later_number), synthetic=True)


@given(st.integers(0, MOST_PEOPLE - 1))
def test_nobody_lives_where_somebody_could(index: int) -> None:
    """Postcodes end in 9ZZ, telephone numbers are of the range kept for drama, districts are of Kent or Medway."""
    person = person_of(ANY_COUNTY, index)
    assert is_known("district", person.district)
    assert person.details["postcode"] == f"{TOWNS[person.district][1]} 9ZZ"
    assert person.details["telephone"].startswith("01632 960")
    assert "1915" < person.details["birth_date"] < "1998"


def test_a_number_that_becomes_free_is_claimed_in_a_later_month(well_told: list[tuple[Told, Word]]) -> None:
    """A number belongs to one person at a time, and changes hands only across the first day of a month (ruling 1)."""
    holder: dict[str, str] = {}
    number_of: dict[str, str] = {}
    free_since: dict[str, date] = {}
    claimed = 0
    for told, word in well_told:
        details = told.event["data"].get("details")
        if details is None or (
            word.TYPE.endswith("Corrected") and details["nhs_number"] == number_of[told.event["subject"]]
        ):
            continue
        subject, number = told.event["subject"], details["nhs_number"]
        assert holder.setdefault(number, subject) == subject
        if number in free_since:
            claimed += 1
            assert free_since[number].replace(day=1) < told.day.replace(day=1)
        former = number_of.get(subject)
        if former is not None and former != number:
            del holder[former]
            free_since[former] = told.day
        number_of[subject] = number
    assert claimed > 10


def test_contacts_come_at_any_hour_and_about_the_nights_the_clocks_change(well_told: list[tuple[Told, Word]]) -> None:
    """R109: any hour of any day; in October an hour comes twice, in March one is missing."""
    begun = [parse_instant(told.event["data"]["started_at"]) for told, _ in well_told if told.name == "ContactRecorded"]
    assert {moment.hour for moment in begun} == set(range(24))
    assert {moment.weekday() for moment in begun} == set(range(7))
    nights = {moment.isoformat()[:13] + moment.isoformat()[-6:] for moment in begun}
    assert {"2012-10-28T01+01:00", "2012-10-28T01+00:00", "2013-03-31T00+00:00", "2013-03-31T02+01:00"} <= nights
    assert not any(night.startswith("2013-03-31T01+01") for night in nights)


@pytest.mark.parametrize("name", ["ReviewHeld", "EpisodeEnded", "PersonDied", "ContactRecorded"])
def test_some_things_are_told_late(well_told: list[tuple[Told, Word]], name: str) -> None:
    """Reviews, ends, deaths and contacts are at times told days after they happened."""
    assert any(told.on is not None and told.on < told.day for told, _ in well_told if told.name == name)


def test_people_come_back_within_five_days_and_later(well_told: list[tuple[Told, Word]]) -> None:
    """S9: some go on with the clock of their last episode, others begin anew."""
    steps: dict[str, list[tuple[str, date]]] = {}
    for told, _ in well_told:
        if told.name in {"EnablementStarted", "EpisodeEnded"} and told.on is not None:
            steps.setdefault(told.event["subject"], []).append((told.name, told.on))
    gaps = {
        (after - before).days
        for life in steps.values()
        for (ended, before), (started, after) in pairwise(life)
        if (ended, started) == ("EpisodeEnded", "EnablementStarted")
    }
    assert min(gaps) <= 5
    assert max(gaps) > 30


@pytest.mark.parametrize(
    ("clock", "last"),
    [
        (date(2012, 8, 31), date(2013, 2, 28)),
        (date(2012, 8, 28), date(2013, 2, 27)),
        (date(2012, 12, 31), date(2013, 6, 30)),
        (date(2012, 8, 29), date(2013, 2, 28)),
        (date(2013, 3, 1), date(2013, 8, 31)),
    ],
)
def test_plans_end_where_the_law_ends_them(clock: date, last: date) -> None:
    """S2: the corresponding-date rule, reckoned by the simulator on its own."""
    assert last_permitted_day(clock) == last
