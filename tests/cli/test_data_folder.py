"""What `--data` names may be anything: a command that cannot use it says so, and what to name instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine

COMMANDS = (
    "status",
    "down",
    "up",
    "handover due",
    "wave list",
    "wave close w1",
    "refused list",
    "access plan",
    "access rotate allocator",
    "emitters list",
    "provider oak inbox",
    "provider oak exchange folder --once",
    "topics plan",
    "view rebuild",
    "audit verify",
)


@pytest.mark.parametrize("typed", COMMANDS)
def test_a_file_is_no_folder_of_a_system(command: CommandLine, tmp_path: Path, typed: str) -> None:
    """Exit code 2, and nothing is made beside it."""
    command.data.touch()

    answer = command(*typed.split())

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"sis: {command.data} is no folder; name the one of a system: --data DIR\n"
    assert list(tmp_path.iterdir()) == [command.data]
