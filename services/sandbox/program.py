"""The provider's own program, started as its owner would start it, killed and started again.

Knows one process and its log. Must never know what the program says.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

SETTINGS, FOLDER = "{settings}", "{exchange}"
"""Stand in the command for the provider's file of settings, and for its folder of the file exchange."""


class ProgramMissing(Exception):
    """The command cannot be started; the text says why."""


class Program:
    """A command line; `{settings}` and `{exchange}` in it are replaced for each trial.

    Raises `ProgramMissing` if there is no program in it.
    """

    def __init__(self, command: str, log: Path) -> None:
        self._words = _words(command)
        self.log = log
        self._typed: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, settings: Path, folder: Path) -> None:
        """Start it with these settings. Raises `ProgramMissing`."""
        self._typed = [word.replace(SETTINGS, str(settings)).replace(FOLDER, str(folder)) for word in self._words]
        self.again()

    def again(self) -> None:
        """Start it as before. Raises `ProgramMissing`."""
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self._typed, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            except OSError as fault:
                raise ProgramMissing(f"{self._typed[0]} cannot be started: {fault.strerror}") from fault

    def kill(self) -> None:
        """End it at once, and all that it has started, as a crash of its machine would."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    @property
    def ended(self) -> bool:
        """Whether it has ended of itself."""
        return self._process is not None and self._process.poll() is not None


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as fault:
        raise ProgramMissing(f"the command cannot be read: {fault}") from fault
    if not words:
        raise ProgramMissing("the command names no program")
    return words
