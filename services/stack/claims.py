"""A claim: a lock on a file that a process holds for as long as it lives, with its process id in the file.

So whoever comes later knows of a process that outlived its supervisor, and never takes a stranger that was given the
same id for it. Knows locks, ids and signals. Must never know what a process does.
"""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import IO

_POLL = 0.02
_NAME_WITHIN = 5.0
"""Seconds in which a process that holds a claim has written its id."""


class Claimed(Exception):
    """Another process that lives holds the claim."""


class WillNotEnd(Exception):
    """A process left over from a former start could not be ended; the text says how to find it."""


class Claim:
    """The claim that lies at `path`; the folder is made when it is first taken."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The file that is locked, with the id of its holder in it."""
        return self._path

    def take(self) -> IO[bytes]:
        """Take it for a process that is to be started: hand it the file, and close it here. Raises `Claimed`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = self._path.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            lock.close()
            raise Claimed(f"{self._path} is held") from held
        lock.truncate(0)  # the id of the last holder
        return lock

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command line by which the process writes its own id before it begins.

        Were it written by whoever starts it, a kill between the two would leave a process that nobody knows.
        """
        return ["/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self._path), *arguments]

    def is_held(self) -> bool:
        """Whether a process that lives holds it."""
        if not self._path.exists():
            return False
        with self._path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def end_holder(self, within: float = 20.0) -> int | None:
        """End the process that holds it, asked first, killed after so many seconds; its id, None if there was none.

        The process leads a session of its own, and all of that is ended. Raises `WillNotEnd`.
        """
        if not self.is_held():
            return None
        pid = self._holder()
        for number, limit in ((signal.SIGTERM, 0.0), (signal.SIGCONT, within), (signal.SIGKILL, within)):
            if self.is_held():
                with suppress(ProcessLookupError):
                    os.killpg(pid, number)
                self._await_release(limit)
        if self.is_held():
            raise WillNotEnd(f"process {pid}, left over from a former start, cannot be ended; look at it: ps {pid}")
        return pid

    def _holder(self) -> int:
        until = monotonic() + _NAME_WITHIN
        while monotonic() < until:
            with suppress(ValueError):
                return int(self._path.read_bytes())
            sleep(_POLL)
        raise WillNotEnd(f"an unknown process holds {self._path}; find and end it: fuser {self._path}")

    def _await_release(self, limit: float) -> None:
        until = monotonic() + limit
        while self.is_held() and monotonic() < until:
            sleep(_POLL)
