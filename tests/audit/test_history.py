"""A history tells every fact in words, and what it says was changed adds up to what the caseload shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.audit.history import Line, of_handover, of_person
from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.words.topics import EPISODES_LEDGER
from tests.audit.signed_county import year_of
from tests.episodes import words_said as said
from tests.episodes.words_said import EPISODE, PERSON, SECOND
from tests.handover.story import handover, with_providers
from tests.shown_caseload import ShownCaseload
from tests.shown_handovers import ledger_of, read

MOVED_BY_DAYS = ("day", "days_to_cap", "flags")
"""Fields that change by the day alone: no fact's doing."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """The read view of a county's year."""
    folder = tmp_path_factory.mktemp("year")
    log = year_of(folder / "county").county.log
    url = url_of(folder / "view.sqlite")
    view = View(url)
    view.apply(EPISODES_LEDGER, 0, log.seen((EPISODES_LEDGER, 0), 0, 10**9)[0])
    view.close()
    reading = Reading(url)
    yield reading
    reading.close()


def told(caseload: ShownCaseload, episode_id: str | None = EPISODE) -> list[Line]:
    """The history of an episode, or of the person."""
    reading = caseload.reading()
    try:
        return list(of_person(PERSON, reading.person_facts(PERSON), episode_id))
    finally:
        reading.close()


def changes(line: Line) -> dict[str, tuple[object, object]]:
    """What a fact changed, by field."""
    return {change.field: (change.before, change.after) for change in line.changed}


def begun(folder: Path) -> ShownCaseload:
    """Somebody is registered, referred, accepted, and enablement starts on 2 July 2012."""
    started = (said.registered(), said.referred("2012-07-02"), said.accepted("2012-07-02"), said.started("2012-07-02"))
    return ShownCaseload(folder).tell("2012-07-02", *started)


def test_the_changes_of_a_history_add_up_to_the_row_that_is_shown(year: Reading) -> None:
    """Whoever follows a history from its first line to its last arrives at the live caseload, field by field."""
    rows = year.caseload(Asked(ended_too=True))
    assert len(rows) > 20
    for row in rows:
        lines = list(of_person(row["person_id"], year.person_facts(row["person_id"])))
        arrived: dict[str, Any] = {}
        for line in lines:
            for change in line.changed:
                if change.of == row["episode_id"] and change.field not in MOVED_BY_DAYS:
                    assert arrived.get(change.field, change.before) == change.before
                    arrived[change.field] = change.after
        shown = {field: row[field] for field in arrived if field != "handover"}
        assert shown == {field: arrived[field] for field in shown}
        assert {"model", "phase", "holder"} <= shown.keys()


def test_every_handover_is_told_to_the_state_that_is_shown(tmp_path: Path) -> None:
    """A decline, an acceptance and a start: each state in its turn, the last as the list of handovers shows it."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.decline("oak", "ann")
    story.accept("ash", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("ash", "ann", "2012-10-02")
    story.support_started("ann")
    with read(tmp_path, ledger_of(story).records) as reading:
        found = reading.handover_facts(handover("ann"))
        (row,) = reading.handovers(ended_too=True)
    assert found is not None

    lines = list(of_handover(handover("ann"), *found))

    states = [changes(line)["state"][1] for line in lines if "state" in changes(line)]
    assert states == ["REQUESTED", "OFFERED", "REQUESTED", "OFFERED", "ACCEPTED", "STARTED", "COMPLETED"]
    assert states[-1] == row["state"]
    assert changes(lines[-1])["state"] == ("STARTED", "COMPLETED")


def test_a_line_says_when_by_whom_and_what_it_changed(tmp_path: Path) -> None:
    """An acceptance: its sentence, its own time, when it was recorded, the team, and the phase before and after."""
    line = told(begun(tmp_path))[2]

    assert line.type.endswith("ReferralAccepted")
    assert line.sentence.endswith(".")
    assert line.by == "/kmpt/maidstone-cmht"
    assert line.happened < line.recorded
    assert changes(line)["phase"] == ("REFERRED", "ACCEPTED")
    assert (line.correction, line.sealed) == (False, "")
    assert re.fullmatch(rf"{EPISODES_LEDGER}/0@\d+", line.at), "by this it can be proved"


def test_what_days_alone_change_is_no_facts_doing(tmp_path: Path) -> None:
    """A contact weeks later changes what is counted, not the days that have passed meanwhile."""
    caseload = begun(tmp_path).tell("2012-07-30", said.contact("2012-07-30"))

    assert changes(told(caseload)[-1]).keys() == {"contacts", "minutes", "last_contact_on"}


def test_a_correction_is_shown_as_one(tmp_path: Path) -> None:
    """A contact entered in error is a correction, and takes back what the contact had counted."""
    caseload = begun(tmp_path).tell("2012-07-03", said.contact("2012-07-03"), said.contact_in_error())

    recorded, corrected = told(caseload)[-2:]

    assert (recorded.correction, corrected.correction) == (False, True)
    taken_back = {field: (after, before) for field, (before, after) in changes(recorded).items()}
    assert changes(corrected) == taken_back


def test_the_history_of_an_episode_leaves_out_another_episode(tmp_path: Path) -> None:
    """Two episodes of one person: each history has its own facts and those of the person alone."""
    later = (said.ended("2012-08-01"), said.referred("2012-09-03", episode=SECOND))
    caseload = begun(tmp_path).tell("2012-09-03", *later)

    assert [line.type.rpartition(".")[2] for line in told(caseload, SECOND)] == ["PersonRegistered", "ReferralReceived"]
    assert len(told(caseload, None)) == len(told(caseload)) + 1


def test_sealed_content_is_said_to_be_sealed_and_never_shown(tmp_path: Path) -> None:
    """A registration has details that are sealed: the history says so and shows none of them."""
    first = told(begun(tmp_path))[0]

    assert first.sealed == "sealed"
    assert "Relf" not in str(first.as_json())
