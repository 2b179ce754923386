"""The supervised processes of a system: started, watched, started again with back-off, stopped in order.

Knows commands, exit codes and log files. Must never know what a service does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from services.log.serving import NEVER_AGAIN

_SHORTEST_WAIT = 0.2
_LONGEST_WAIT = 5.0
_STEADY_AFTER = 30.0
"""A process that ran so many seconds had no trouble starting; the next wait begins short again."""


class Service:
    """One process: `python -m module *arguments`, its output in a log file of its own."""

    def __init__(self, name: str, module: str, *arguments: str) -> None:
        self.name = name
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: Mapping[str, str] = {}
        self._log = Path(os.devnull)
        self._started = 0.0
        self._wait = _SHORTEST_WAIT
        self.starts = 0

    @property
    def pid(self) -> int:
        """Process id of the newest start; 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def given_up(self) -> bool:
        """Whether it ended in a way that starting again would not help."""
        return self._process is not None and self._process.poll() == NEVER_AGAIN

    def start(self, environment: Mapping[str, str], log: Path) -> None:
        """Start it, in a session of its own so that a Ctrl-C for the supervisor is not one for it."""
        self._environment, self._log = environment, log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, env=dict(environment), stdout=output, stderr=output, start_new_session=True
            )
        self._started = monotonic()
        self.starts += 1

    def mend(self) -> bool:
        """Start it again if it has ended and waited long enough; whether that was done now."""
        if self._process is None or self._process.poll() is None or self.given_up:
            return False
        if monotonic() - self._started > _STEADY_AFTER:
            self._wait = _SHORTEST_WAIT
        if monotonic() - self._started < self._wait:
            return False
        self._wait = min(self._wait * 2, _LONGEST_WAIT)
        self.start(self._environment, self._log)
        return True

    def stop(self, within: float = 5.0) -> None:
        """End it: asked first, killed after so many seconds. Every service is crash-only, so both are safe."""
        if self._process is None:
            return
        for number, limit in ((signal.SIGTERM, within), (signal.SIGCONT, 0.0), (signal.SIGKILL, 10.0)):
            if self._process.poll() is None:
                self._process.send_signal(number)
                self._await_end(limit)

    def _await_end(self, limit: float) -> None:
        assert self._process is not None
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            return
