"""The whole system as the supervisor runs it, in a process of its own.

Knows how it is started, when it is ready and how it is stopped. Must never time anything.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

from services.log.system import NotRunning, Running, find

_WITHIN = 180.0
_LOOK_EVERY = 0.02


@contextmanager
def running(data: Path) -> Iterator[Running]:
    """A system on this data folder, ready; stopped in order at the end."""
    with (data / "supervisor.log").open("ab") as log:
        environment = {**os.environ, "SIS_DATA": str(data)}
        process = subprocess.Popen(
            [sys.executable, "-m", "services.stack"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield _ready(data, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _ready(data: Path, process: subprocess.Popen[bytes]) -> Running:
    deadline = perf_counter() + _WITHIN
    while process.poll() is None and perf_counter() < deadline:
        try:
            found = find(data)
        except NotRunning:
            found = None
        if found is not None and found.ready and found.pid == process.pid:
            return found
        sleep(_LOOK_EVERY)
    raise AssertionError(f"the system did not come up:\n{(data / 'supervisor.log').read_text('utf-8')}")
