"""The watchdog: ends a process whose step does not end.

A thread, because a client that hangs for ever also hangs whatever waits for it in the same loop. Monotonic time,
which goes on while a process is stopped, so that one woken past its limit ends before it does anything more.
Knows names of steps and seconds. Must never know data: its one line goes to the standard error stream.
"""

from __future__ import annotations

import os
import threading
from time import monotonic
from types import TracebackType
from typing import Self

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h; the supervisor starts the process again."""


class Watchdog:
    """Ends the process with code 70 unless `kick` is called at least every `limit_seconds` while it is entered."""

    def __init__(self, limit_seconds: float, name: str) -> None:
        self._limit = limit_seconds
        self._name = name
        self._stopped = threading.Event()
        self._last = (monotonic(), "start")
        self._thread = threading.Thread(target=self._watch, name=f"watchdog of {name}", daemon=True)

    def __enter__(self) -> Self:
        self._last = (monotonic(), "start")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def kick(self, step: str) -> None:
        """Say which step begins now. A step that outlived the limit ends the process here, not only in the thread."""
        self._end_if_late()
        self._last = (monotonic(), step)

    def _watch(self) -> None:
        while not self._stopped.wait(self._left()):
            self._end_if_late()

    def _left(self) -> float:
        return max(0.0, self._last[0] + self._limit - monotonic())

    def _end_if_late(self) -> None:
        since, step = self._last
        took = monotonic() - since
        if took >= self._limit:
            line = f"{self._name}: step '{step}' has taken {took:.0f} s, limit {self._limit:g} s; the process ends\n"
            os.write(2, line.encode())
            os._exit(EXIT_CODE)
