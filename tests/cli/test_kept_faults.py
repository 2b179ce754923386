"""What went wrong that should not is kept without a word of what it was about, where its system keeps its logs."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from services.cli import schemas
from tests.command_line import CommandLine

QUOTED = "9990079471 Sheila Relf"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command with a mistake in it, which quotes a person."""

    def mistaken(*_: object) -> list[str]:
        raise RuntimeError(QUOTED)

    monkeypatch.setattr(schemas, "faults", mistaken)


@pytest.mark.usefixtures("broken")
def test_a_mistake_is_kept_in_the_folder_that_was_named(command: CommandLine) -> None:
    """The log lies in the folder after --data, holds where it happened, and nobody's name or number."""
    command.data.mkdir()

    answer = command("schemas", "check")

    log = command.data / "logs" / "sis.log"
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == f"sis: something went wrong that should not; {log} says where\n"
    assert "RuntimeError" in log.read_text("utf-8")
    assert QUOTED not in log.read_text("utf-8")


@pytest.mark.usefixtures("broken")
def test_without_such_a_folder_it_is_kept_in_a_scratch_folder(command: CommandLine) -> None:
    """A folder that is not there is not made for a log."""
    answer = command("schemas", "check")

    kept = Path(answer.err.removeprefix("sis: something went wrong that should not; ").removesuffix(" says where\n"))
    assert not command.data.exists()
    assert "RuntimeError" in kept.read_text("utf-8")


def test_a_full_disk_is_said_to_be_full(command: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was being written: which file, what to do, and that asking again will do."""

    def full(*_: object) -> list[str]:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/some/file")

    monkeypatch.setattr(schemas, "faults", full)

    answer = command("schemas", "check")

    assert (answer.code, answer.out) == (75, "")
    assert answer.err == (
        "sis: the disk is full, /srv/some/file could not be written: make room on it, then type the same again\n"
    )


@pytest.mark.usefixtures("broken")
def test_where_nothing_can_be_kept_the_kind_of_mistake_is_told(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk has no room for the log either: no traceback, and nothing that was quoted."""

    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    command.data.mkdir()
    monkeypatch.setattr(Path, "open", no_room)

    answer = command("schemas", "check")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "sis: something went wrong that should not; it was a RuntimeError, and where it happened could not be kept: "
        "No space left on device\n"
    )
