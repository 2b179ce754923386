"""SIS_VIEW: the read view in PostgreSQL, for the commands that read it; its password is shown nowhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.episodes.view import View
from services.episodes.view_database import ViewDatabase
from services.episodes.views import Views, views_of
from services.stack.ports import free_port
from services.words.keeping import Refused
from services.words.topics import EPISODES_LEDGER, EPISODES_REFUSED
from tests.command_line import CommandLine, environment
from tests.episodes import words_said as say
from tests.episodes.words_said import an_id, d
from tests.ledgers import Ledger
from tests.postgres import PASSWORD, Postgres, let_go_of

SECRET = "sesame-street"
READING = (
    *(["caseload", "--all"], ["caseload", "--all", "--json"], ["refused", "list", "--json"], ["handover", "list"]),
    *(["episode", say.EPISODE, "--json"], ["refused", "show", "a\x1a\x01b"], ["contracts"]),
)


@pytest.fixture
def database(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[ViewDatabase]:
    """A database without views, which the setting names."""
    with let_go_of():
        database = ViewDatabase(postgres.new_database())
        monkeypatch.setenv("SIS_VIEW", database.url)
        yield database


def fold(views: Views) -> None:
    """An episode and a refusal."""
    ledger, refused = Ledger(), Ledger(EPISODES_REFUSED)
    ledger.day(d("2012-10-01"))
    for fact in (say.registered(), say.referred("2012-10-01"), say.accepted("2012-10-01"), say.started("2012-10-01")):
        ledger.add(fact)
    for name in (an_id("late"), "a\x1a\x01b", "a\0b"):
        refused.refuse(Refused(type=name, source="/kmpt/cjld", code="UNREADABLE", parameters={}), name)
    view = View(views.current())
    view.apply(EPISODES_LEDGER, 0, ledger.records)
    view.apply(EPISODES_REFUSED, 0, refused.records)
    view.close()


def test_reading_commands_answer_as_from_sqlite(
    command: CommandLine, database: ViewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a command prints does not say which database it read."""
    fold(database)
    there = [command(*arguments) for arguments in READING]
    monkeypatch.setenv("SIS_VIEW", "")
    fold(views_of("", command.data))

    assert [command(*arguments) for arguments in READING] == there
    assert [answer.code for answer in there] == [0] * len(READING)


def test_a_view_that_is_away_is_told_in_one_plain_line(command: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its database away a command ends with 75 and says which; the doctor says so too."""
    port = free_port()
    monkeypatch.setenv("SIS_VIEW", f"postgresql+psycopg://sis:{SECRET}@127.0.0.1:{port}/county")

    answer, doctor = command("caseload"), command("doctor")

    assert (answer.code, answer.out, answer.err.count("\n")) == (75, "", 1)
    assert answer.err.startswith(f"sis: the view's database 127.0.0.1:{port}/county does not answer")
    assert f"the view's database 127.0.0.1:{port}/county does not answer" in doctor.out
    assert SECRET not in answer.err + doctor.out + doctor.err


def test_the_doctor_asks_the_database(command: CommandLine, database: ViewDatabase) -> None:
    """A database that answers is well, and asking makes no view in it."""
    said = command("doctor").out

    assert "ok   view" in said
    assert PASSWORD not in said
    assert database.current().endswith("view_4_0001")


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://sis:{SECRET}@host/county",
        f"sqlite:///{SECRET}",
        f"postgresql://sis:{SECRET}@host/county",
        f"postgresql+psycopg://sis:{SECRET}",
        f"postgresql+psycopg://sis:{SECRET}@host",
        f"postgresql+psycopg://sis:at@{SECRET}@host/county",
        SECRET,
    ],
)
def test_a_url_of_another_kind_is_not_repeated(command: CommandLine, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """What is not a PostgreSQL URL ends with 2, and no part of it is said: it may be a password in a wrong place."""
    monkeypatch.setenv("SIS_VIEW", url)

    shown = command("config", "show")

    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("sis: SIS_VIEW: ")
    assert SECRET not in shown.err


def test_a_service_repeats_it_as_little(tmp_path: Path) -> None:
    """A service that cannot be set up so ends at once, and what it leaves in its log holds no password either."""
    settings = {"SIS_BOOTSTRAP": "localhost:1", "SIS_VIEW": f"mysql://sis:{SECRET}@host/county"}
    program = [sys.executable, "-m", "services.episodes", "projector"]

    done = subprocess.run(
        program, env=environment(**settings), cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "SIS_VIEW: this is not postgresql+psycopg://" in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.parametrize("url", [f"sis:{SECRET}@127.0.0.1:1/x", f"sis@127.0.0.1:1/x?password={SECRET}"])
@pytest.mark.parametrize("arguments", [["config", "show"], ["config", "show", "--json"], ["config", "schema"]])
def test_settings_are_shown_without_the_password(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch, url: str, arguments: list[str]
) -> None:
    """`sis config` shows which database it is, and never what opens it."""
    monkeypatch.setenv("SIS_VIEW", f"postgresql+psycopg://{url}")

    shown = command(*arguments)

    assert shown.code == 0
    assert SECRET not in shown.out + shown.err
    assert ("127.0.0.1:1/x" in shown.out) == ("show" in arguments)
