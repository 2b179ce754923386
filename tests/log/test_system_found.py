"""A running system is found by the word it left in its data folder, and only while it runs."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from services.log.system import NotRunning, find, leave_word
from tests.command_line import running_here


def test_a_system_that_runs_is_found(tmp_path: Path) -> None:
    """What it left word of is what is found."""
    leave_word(tmp_path, running_here("127.0.0.1:9092"))
    assert find(tmp_path) == running_here("127.0.0.1:9092")


def test_another_process_under_its_number_is_not_it(tmp_path: Path) -> None:
    """A process id is given again: a process that began at another time is somebody else's, and is not stopped."""
    leave_word(tmp_path, replace(running_here("127.0.0.1:9092"), began=1.0))
    with pytest.raises(NotRunning, match="is not running; start it"):
        find(tmp_path)


def test_no_process_under_its_number(tmp_path: Path) -> None:
    """A supervisor that was killed has left its word behind, and nothing runs."""
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    leave_word(tmp_path, replace(running_here("127.0.0.1:9092"), pid=ended.pid))
    with pytest.raises(NotRunning, match="is not running; start it"):
        find(tmp_path)


def test_no_word_at_all(tmp_path: Path) -> None:
    """Where no system ever ran, the line that starts one is said."""
    with pytest.raises(NotRunning, match="up --detach"):
        find(tmp_path)
