"""`sis person find`: from an NHS number to an opaque id, in house, logged, and without leaving the number anywhere."""

from __future__ import annotations

import getpass
import shutil
import sqlite3
from pathlib import Path

import pytest

from services.episodes.view import View
from services.episodes.view_folder import ViewFolder
from services.stack.ports import free_port
from services.vault.vault import Vault
from services.words.guarding import ErasureApproved, ErasureRequested, PersonErased
from services.words.topics import EPISODES_INBOX, EPISODES_LEDGER
from tests.command_line import CommandLine
from tests.episodes import words_said as say
from tests.episodes.words_said import an_id
from tests.ledgers import Ledger

NUMBER, OTHER = "9990079471", "9990000018"
PERSON = "0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11"


@pytest.fixture
def ledger() -> Ledger:
    """One person is registered."""
    ledger = Ledger()
    ledger.add(say.registered(), person=PERSON)
    return ledger


@pytest.fixture
def county(command: CommandLine, ledger: Ledger) -> CommandLine:
    """A county in which one person is registered, as its view shows."""
    vault = Vault(command.data)
    turn = vault.turn("test", "register")
    assert turn.claim(EPISODES_INBOX, 0, 0, NUMBER, PERSON, "an event", replaces=False)
    turn.commit()
    vault.close()
    shown(command, ledger)
    return command


def openings(data: Path) -> list[tuple[str, str, str]]:
    """Who opened what, and why, by the vault's log."""
    database = sqlite3.connect(data / "vault" / "vault.sqlite")
    rows = database.execute("SELECT who, why, what FROM opening ORDER BY seq").fetchall()
    database.close()
    return rows


@pytest.mark.parametrize("written", [NUMBER, "999 007 9471", f"  {NUMBER}  "])
def test_who_holds_a_number_is_found_and_the_look_is_logged(county: CommandLine, written: str) -> None:
    """Design §6: the number is read from standard input; who looked and why stands in the log of openings."""
    answer = county("person", "find", "--why", "referral by telephone", stdin=f"{written}\n".encode())

    assert (answer.code, answer.out, answer.err) == (0, f"{PERSON}\n", "")
    assert openings(county.data) == [(getpass.getuser(), "referral by telephone", "person by NHS number")]


def test_the_number_may_be_an_argument(county: CommandLine) -> None:
    """A number given on the command line is taken, for a program that has no terminal."""
    assert county("person", "find", NUMBER, "--why", "a check", "--json").json() == {"person_id": PERSON}


def test_a_number_that_nobody_holds_is_a_finding(county: CommandLine) -> None:
    """Nobody is an answer with exit code 1, and the look is logged all the same."""
    answer = county("person", "find", "--why", "a check", stdin=OTHER.encode())

    assert (answer.code, answer.out) == (1, "nobody\n")
    assert len(openings(county.data)) == 1


@pytest.mark.parametrize("carried_out", [False, True], ids=["approved", "carried out"])
def test_an_old_copy_of_the_vault_finds_nobody_who_is_erased(
    county: CommandLine, ledger: Ledger, carried_out: bool
) -> None:
    """The vault that was put back still knows the number; by the facts the person is erased, so nobody holds it."""
    signed = {"request_id": an_id("a request"), "public_key": "00", "signature": "00"}
    ledger.add(
        ErasureRequested(by="ann", purpose="RETENTION_EXPIRED", legal_basis="GDPR_5_1_E", **signed), person=PERSON
    )
    shown(county, ledger)
    assert county("person", "find", NUMBER, "--why", "a check").out == f"{PERSON}\n", "asked for, and not approved"

    ledger.add(ErasureApproved(by="ben", **signed), person=PERSON)
    if carried_out:
        ledger.add(PersonErased(request_id=signed["request_id"]), person=PERSON)
    shown(county, ledger)

    answer = county("person", "find", NUMBER, "--why", "a check")
    assert (answer.code, answer.out, answer.err) == (1, "nobody\n", "")
    assert len(openings(county.data)) == 2


def test_a_view_that_knows_nothing_of_the_person_cannot_say_that_nobody_erased_them(county: CommandLine) -> None:
    """A view that was lost and is being made anew, beside a vault that was put back: ask again, and no id is given."""
    shutil.rmtree(county.data / "view")

    answer = county("person", "find", NUMBER, "--why", "a check")

    assert (answer.code, answer.out) == (75, "")
    assert answer.err.startswith("sis: the read view has nothing of this person yet")


@pytest.mark.parametrize("number", [NUMBER, OTHER], ids=["held", "free"])
def test_with_the_view_s_database_away_it_is_said_and_nothing_is_looked_up(
    county: CommandLine, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    """Whoever holds the number, or nobody: which database is missing and which setting names it; no look, no entry."""
    port = free_port()
    monkeypatch.setenv("SIS_VIEW", f"postgresql+psycopg://sis:sesame-street@127.0.0.1:{port}/county")

    answer = county("person", "find", number, "--why", "a check")

    assert (answer.code, answer.out, openings(county.data)) == (75, "", [])
    assert answer.err.startswith(f"sis: the view's database 127.0.0.1:{port}/county does not answer")
    assert "SIS_VIEW" in answer.err
    assert "sesame-street" not in answer.err


def shown(county: CommandLine, ledger: Ledger) -> None:
    """The view folds what is new of a ledger."""
    view = View(ViewFolder(county.data / "view").current())
    new = ledger.records[view.reload().get((EPISODES_LEDGER, 0), 0) :]
    view.apply(EPISODES_LEDGER, 0, new)
    view.close()


@pytest.mark.parametrize("written", ["", "9990079470", "1", "999-007-9471", "4505577104", "nobody at all"])
def test_what_is_no_number_is_not_looked_up(county: CommandLine, written: str) -> None:
    """What cannot be an NHS number here ends with 2, is not repeated, and opens nothing."""
    answer = county("person", "find", "--why", "a check", stdin=written.encode())

    assert (answer.code, answer.out, openings(county.data)) == (2, "", [])
    assert not written or written not in answer.err.replace("10 digits", "")


@pytest.mark.parametrize("why", ["", "   "])
def test_a_look_needs_a_reason(county: CommandLine, why: str) -> None:
    """Nobody looks without saying why."""
    answer = county("person", "find", "--why", why, stdin=NUMBER.encode())

    assert (answer.code, answer.out, openings(county.data)) == (2, "", [])


def test_looking_makes_no_vault(command: CommandLine) -> None:
    """Where no system is, asking ends with 2 and leaves neither a vault nor keys behind."""
    answer = command("person", "find", "--why", "a check", stdin=NUMBER.encode())

    assert (answer.code, answer.out) == (2, "")
    assert not command.data.exists()


def test_a_key_that_others_may_read_is_told_plainly(county: CommandLine) -> None:
    """Design §6: with a key open to others nothing is opened; the answer says what to type."""
    key = county.data / "keys" / "register.key"
    key.chmod(0o644)

    answer = county("person", "find", "--why", "a check", stdin=NUMBER.encode())

    assert (answer.code, answer.out) == (1, "")
    assert f"chmod 600 {key}" in answer.err
