"""Claims: a supervisor that comes after one that was killed knows what still runs, and ends nothing else."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.stack.claims import Claim, Claimed
from services.stack.processes import claim_of
from services.stack.supervisor import AlreadyRunning, end_left_over

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
MEEK = "import time; print(flush=True); time.sleep(60)"


@contextmanager
def holder(claim: Claim, program: str = MEEK) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds a claim, started as the stack starts its own."""
    with claim.take() as held:
        process = subprocess.Popen(
            claim.command([sys.executable, "-c", program]),
            start_new_session=True,
            pass_fds=[held.fileno()],
            stdout=subprocess.PIPE,
        )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_claim_is_held_while_its_process_lives(tmp_path: Path) -> None:
    """A second process cannot take it, and knows when the first is gone, however that ended."""
    claim = Claim(tmp_path / "running" / "recorder")
    assert not claim.is_held()
    with holder(claim) as process:
        assert claim.is_held()
        with pytest.raises(Claimed):
            claim.take()
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not claim.is_held()


@pytest.mark.parametrize("program", [MEEK, STUBBORN])
@pytest.mark.parametrize("stopped", [False, True])
def test_a_left_over_process_is_ended(tmp_path: Path, program: str, stopped: bool) -> None:
    """A process that outlived its supervisor is ended, whether it heeds SIGTERM or not, stopped or running."""
    claim = Claim(tmp_path / "recorder")
    with holder(claim, program) as process:
        if stopped:
            process.send_signal(signal.SIGSTOP)
        assert claim.end_holder(within=0.5) == process.pid
        assert process.wait() == -(signal.SIGKILL if program == STUBBORN else signal.SIGTERM)
    assert claim.end_holder() is None


def test_a_stranger_with_the_same_process_id_is_let_alone(tmp_path: Path) -> None:
    """An id that the machine has given to another process since is not followed: that process holds no claim."""
    claim = Claim(tmp_path / "recorder")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (tmp_path / "recorder").write_text(f"{stranger.pid}\n")
        assert claim.end_holder() is None
        time.sleep(0.1)
        assert stranger.poll() is None
        stranger.kill()


def test_what_a_killed_supervisor_left_can_be_ended(tmp_path: Path) -> None:
    """What runs on a data folder without a supervisor is ended and named; beside one nothing is touched."""
    said: list[str] = []
    with holder(claim_of(tmp_path, "recorder")) as process:
        with (tmp_path / "supervisor.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(AlreadyRunning):
                end_left_over(tmp_path, said.append)
        assert process.poll() is None
        end_left_over(tmp_path, said.append)
        assert process.wait() == -signal.SIGTERM
    assert said == [f"recorder (process {process.pid}) still ran for a supervisor that is gone; it was ended"]
