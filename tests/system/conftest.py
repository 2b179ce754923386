from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.log.system import NotRunning, find
from tests.command_line import SIS, Answer, environment, run, run_here


class Running:
    """A whole system that runs on a folder of its own, and the command line about it."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *arguments: str) -> Answer:
        """Run one command line about it."""
        return run_here("--data", str(self.data), *arguments)

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command line about it and do not wait; whatever it says is let go."""
        command = [*SIS, "--data", str(self.data), *arguments]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())

    def inbox_bytes(self) -> int:
        """How much lies in the inboxes by now."""
        logs = (self.data / "broker" / "data").glob("kmpt.*.inbox.v1-*/*.log")
        return sum(log.stat().st_size for log in logs)


@contextmanager
def running_county(data: Path, *options: str) -> Iterator[Running]:
    """A system started by `sis up --detach` with these options, on Kafka, and stopped by `sis down`."""
    running = Running(data)
    started = run("--data", str(data), "up", "--detach", *options)
    assert started.code == 0, started.err
    pids = [find(data).pid, *find(data).services.values()]
    try:
        yield running
        stopped = run("--data", str(data), "down")
        assert (stopped.code, stopped.out) == (0, "stopped\n")
        with pytest.raises(NotRunning):
            find(data)
    finally:
        for pid in pids:  # only what a failed stop has left behind
            if Path(f"/proc/{pid}").exists():
                subprocess.run(["kill", f"-{signal.SIGKILL}", str(pid)], check=False)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A system where everybody who reaches the broker may do anything."""
    with running_county(tmp_path_factory.mktemp("system") / "county") as running:
        yield running
