"""The supervised processes of a system: started, watched, started again with back-off, stopped in order.

Knows commands, exit codes and log files. Must never know what a service does.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from services.log.serving import NEVER_AGAIN
from services.stack.back_off import BackOff
from services.stack.claims import Claim


def claim_of(data: Path, name: str) -> Claim:
    """The claim that a service's process holds while it lives."""
    return Claim(data / "running" / name)


class Service:
    """One process: `python -m module *arguments`, its output in a log file of its own."""

    def __init__(self, name: str, module: str, *arguments: str) -> None:
        self.name = name
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: Mapping[str, str] = {}
        self._data = Path()
        self._back_off = BackOff()
        self.starts = 0

    @property
    def pid(self) -> int:
        """Process id of the newest start; 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def given_up(self) -> bool:
        """Whether it ended in a way that starting again would not help."""
        return self._process is not None and self._process.poll() == NEVER_AGAIN

    def start(self, environment: Mapping[str, str], data: Path) -> None:
        """Start it on a data folder, in a session of its own so that a Ctrl-C for the supervisor is not one for it."""
        self._environment, self._data = environment, data
        claim = claim_of(data, self.name)
        with (data / "logs" / f"{self.name}.log").open("ab") as output, claim.take() as held:
            self._process = subprocess.Popen(
                claim.command(self._command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[held.fileno()],
            )
        self._back_off.started()
        self.starts += 1

    def mend(self) -> bool:
        """Start it again if it has ended and waited long enough; whether that was done now."""
        if self._process is None or self._process.poll() is None or self.given_up or not self._back_off.over:
            return False
        self.start(self._environment, self._data)
        return True

    def stop(self, within: float = 5.0) -> None:
        """End it: asked first, killed after so many seconds. Every service is crash-only, so both are safe."""
        if self._process is None:
            return
        for number, limit in ((signal.SIGTERM, 0.0), (signal.SIGCONT, within), (signal.SIGKILL, 10.0)):
            if self._process.poll() is None:
                self._process.send_signal(number)
                self._await_end(limit)

    def _await_end(self, limit: float) -> None:
        assert self._process is not None
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            return
