"""Records are kept 20 years after support has ended, or 10 after death, and as long as a legal hold lasts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.episodes.retention import Kept
from services.words import guarding
from services.words.word import Word
from tests.episodes import words_said as said
from tests.episodes.words_said import PERSON, an_id, d
from tests.shown_caseload import ShownCaseload, sis_started

DAYS = st.dates(date(2003, 1, 1), date(2100, 1, 1))
SIGNED = {"by": "ann", "public_key": "00", "signature": "00"}


@pytest.mark.parametrize(
    ("last_on", "died_on", "due_on"),
    [
        ("2012-08-01", None, "2032-08-02"),
        ("2012-08-01", "2012-08-01", "2022-08-02"),
        ("2012-08-01", "2015-01-10", "2025-01-11"),
        ("2012-08-01", "2030-01-10", "2032-08-02"),
        ("2012-02-29", None, "2032-03-01"),
        ("2011-03-01", "2012-02-29", "2022-03-01"),
    ],
)
def test_the_first_day_after_the_years_of_retention(last_on: str, died_on: str | None, due_on: str) -> None:
    """Twenty years after the last day of support, ten after death, whichever is earlier; the next day it is due."""
    kept = Kept(PERSON, d(last_on), d(died_on) if died_on else None)

    assert kept.due_on == d(due_on)
    assert not kept.is_due(d(due_on) - timedelta(days=1))
    assert kept.is_due(d(due_on))


@given(DAYS, st.none() | DAYS, DAYS, st.booleans())
def test_nobody_who_is_supported_or_held_is_due(last_on: date, died_on: date | None, on: date, open: bool) -> None:
    """Whatever the years: support that goes on, or a legal hold, keeps the records."""
    assert not Kept(PERSON, last_on, died_on, open=open, held=True).is_due(on)
    assert not Kept(PERSON, last_on, died_on, open=True).is_due(on)


@given(DAYS, st.none() | DAYS, DAYS, DAYS)
def test_what_is_due_stays_due(last_on: date, died_on: date | None, on: date, later: date) -> None:
    """Days only pass: nothing that is due stops being so by itself."""
    kept = Kept(PERSON, last_on, died_on)
    assert not kept.is_due(min(on, later)) or kept.is_due(max(on, later))


def kept_of(folder: Path, *facts: Word) -> list[Kept]:
    """What the view says of one person, registered on 1 October 2012, after these facts."""
    reading = ShownCaseload(folder).tell("2012-10-01", said.registered(), *facts).reading()
    try:
        return reading.kept()
    finally:
        reading.close()


SUPPORTED = (said.referred("2012-07-02"), said.accepted("2012-07-02"), said.started("2012-07-02"))
HOLD = an_id("a hold")


def test_somebody_who_was_never_supported_is_kept_from_what_was_said_last(tmp_path: Path) -> None:
    """The registration alone: its day counts."""
    assert kept_of(tmp_path) == [Kept(PERSON, d("2012-10-01"))]


def test_support_that_goes_on_in_house_or_outside_keeps_the_records(tmp_path: Path) -> None:
    """In-house support has ended and external support goes on: the person's records are kept."""
    sis = sis_started(an_id("a handover"), an_id("a sis episode"), "2012-09-02")
    (kept,) = kept_of(tmp_path, *SUPPORTED, said.ended("2012-09-01"), sis)

    assert kept.open
    assert kept.due_on is None


def test_the_last_day_of_support_and_the_day_of_death_count(tmp_path: Path) -> None:
    """Support ended in September; death is on record as well."""
    (kept,) = kept_of(tmp_path, *SUPPORTED, said.ended("2012-09-01"), said.died("2012-09-20"))

    assert (kept.last_on, kept.died_on, kept.due_on) == (d("2012-09-01"), d("2012-09-20"), d("2022-09-21"))


def test_a_legal_hold_counts_until_it_is_lifted(tmp_path: Path) -> None:
    """Placed: held. Lifted: not held."""
    placed = guarding.LegalHoldPlaced(hold_id=HOLD, legal_basis="GDPR_9_2_F", **SIGNED)
    lifted = guarding.LegalHoldLifted(hold_id=HOLD, **SIGNED)
    (tmp_path / "lifted").mkdir()

    assert kept_of(tmp_path, placed)[0].held
    assert not kept_of(tmp_path / "lifted", placed, lifted)[0].held


def test_an_erased_person_is_not_listed(tmp_path: Path) -> None:
    """There is nothing left to erase."""
    assert kept_of(tmp_path, guarding.PersonErased(request_id=an_id("a request"))) == []
