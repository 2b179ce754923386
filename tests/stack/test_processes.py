"""A supervised process: started again when it ends, given up when it says so, stopped whatever state it is in."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from services.log.serving import NEVER_AGAIN, TRY_AGAIN
from services.stack.processes import Service, claim_of


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which `python -m trial CODE` ends with that code, and without one sleeps."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "trial.py").write_text(
        "import sys, time\nsys.exit(int(sys.argv[1])) if sys.argv[1:] else time.sleep(60)\n"
    )
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def wait_until(wanted: Callable[[], bool]) -> None:
    """Wait for it, at most ten seconds."""
    until = time.monotonic() + 10
    while not wanted():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_service_that_ends_is_started_again(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """A service that ends with "try again" is started again and again, by a process of another id each time."""
    service = Service("trial", "trial", str(TRY_AGAIN))
    service.start(environment, tmp_path)
    pids = {service.pid}
    while service.starts < 3:
        wait_until(service.mend)
        pids.add(service.pid)
    assert len(pids) == 3
    service.stop()
    assert not claim_of(tmp_path, "trial").is_held()


def test_a_service_that_says_it_is_no_use_is_not_started_again(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """A service that ends with "never again" is left alone, for a person to look."""
    service = Service("trial", "trial", str(NEVER_AGAIN))
    service.start(environment, tmp_path)
    wait_until(lambda: service.given_up)
    time.sleep(0.5)  # longer than the first wait
    assert not service.mend()
    assert service.starts == 1


@pytest.mark.parametrize("frozen", [False, True])
def test_a_service_is_stopped(tmp_path: Path, environment: Mapping[str, str], frozen: bool) -> None:
    """A service that is told to stop ends at once, also one that was frozen, and holds its claim no longer."""
    service = Service("trial", "trial")
    service.start(environment, tmp_path)
    claim = claim_of(tmp_path, "trial")
    assert claim.is_held()
    if frozen:
        os.kill(service.pid, signal.SIGSTOP)
    began = time.monotonic()
    service.stop()
    assert time.monotonic() - began < 4
    assert not claim.is_held()
