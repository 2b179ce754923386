"""The supervisor itself: told to stop at any moment, and starting while its broker is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.log.system import FILE, NotRunning, Running, find
from services.stack.claims import Claim
from tests.faults.system import System

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

TIMES = 4
COMES_UP_WITHIN = 180.0


@contextmanager
def supervisor(system: System) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor in the foreground, as `sis up` runs it, asked to stop at the end."""
    system.data.mkdir(exist_ok=True)
    with (system.data / "supervisor.log").open("ab") as log:
        given = {**system.environment, "SIS_DATA": str(system.data)}
        process = subprocess.Popen([sys.executable, "-m", "services.stack"], env=given, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def held_claims(data: Path) -> list[str]:
    """The processes of a data folder that live."""
    claims = [data / "broker" / "running.lock", *sorted((data / "running").glob("*"))]
    return [path.name for path in claims if Claim(path).is_held()]


def wait_for(system: System, wanted: Callable[[Running], bool]) -> Running:
    """Its word of itself, once that says what is wanted."""
    until = time.monotonic() + COMES_UP_WITHIN
    while time.monotonic() < until:
        try:
            running = find(system.data)
        except NotRunning:
            time.sleep(0.02)
            continue
        if wanted(running):
            return running
        time.sleep(0.02)
    raise AssertionError((system.data / "supervisor.log").read_text("utf-8"))


def wait_for_words(system: System, words: str, number_of_times: int) -> None:
    """Wait until the supervisors of a data folder have said something so many times."""
    until = time.monotonic() + COMES_UP_WITHIN
    while (system.data / "supervisor.log").read_text("utf-8").count(words) < number_of_times:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_stop_at_any_moment_it_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    """Whenever it is told to stop, twice even, it ends all that it started, and says in one line that it does."""
    system, chance = System(tmp_path / "data"), random.Random(int(number))
    for trial in range(1, TIMES + 1):
        with supervisor(system) as process:
            wait_for_words(system, "starting the broker", number_of_times=trial)
            time.sleep(chance.uniform(0.0, 15.0))
            process.send_signal(number)
            process.send_signal(number)
            assert process.wait(60) == 0
        assert held_claims(system.data) == []
        assert not (system.data / FILE).exists()
    assert "Traceback" not in (system.data / "supervisor.log").read_text("utf-8")


def test_a_broker_killed_while_the_system_starts_is_started_again(tmp_path: Path) -> None:
    """The supervisor starts its broker again and goes on with what it was doing."""
    system = System(tmp_path / "data")
    with supervisor(system):
        first = wait_for(system, lambda word: "broker" in word.services).services["broker"]
        os.kill(first, signal.SIGKILL)
        second = wait_for(system, lambda word: "recorder" in word.services).services["broker"]
        os.kill(second, signal.SIGKILL)
        third = wait_for(system, lambda word: word.ready).services["broker"]
        assert len({first, second, third}) == 3
    assert held_claims(system.data) == []
