"""Long work of auditors gives way to the system that people wait for.

Knows which commands read whole ledgers, and the priority of processes and sessions. Must never know what the work is.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import NoReturn

REPLAYS = frozenset(("as-of", "ask", "diff", "dump", "export", "prove", "recompute", "verify"))
"""Commands of `sis audit` that read ledgers from their first record."""
_LAST = 19
"""The last in turn. Linux's SCHED_IDLE would be later still, and got nothing at all of a busy processor when tried."""
_SESSION = Path("/proc/self/autogroup")


def is_replay(arguments: Sequence[str]) -> bool:
    """Whether a command line, as it was typed, reads whole ledgers."""
    return any(room == "audit" and name in REPLAYS for room, name in pairwise(arguments))


def give_way() -> None:
    """Take the processor only when nobody else wants it."""
    os.nice(_LAST)


def give_way_from_the_start() -> None:
    """Give way in all that this process will do and start, before it has loaded anything.

    The work goes on in a session of its own: where Linux shares the processor among sessions first (autogroup),
    niceness counts within a session only, and each service has its own. There the session gives way whole.
    """
    _go_on_in_another_session()
    give_way()
    with suppress(OSError):  # no such sharing
        _SESSION.write_text(str(_LAST), "ascii")


def _go_on_in_another_session() -> None:
    """Return in a child that leads a session; here wait for it, hand Ctrl-C on, and end as it ends."""
    gone, held = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(held)
        os.setsid()
        Thread(target=_end_when, args=(gone,), daemon=True).start()
        return

    def interrupt(number: int, _: FrameType | None) -> None:
        _tell_all(child, number)

    def end(number: int, _: FrameType | None) -> NoReturn:
        _tell_all(child, signal.SIGKILL)
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(code if code >= 0 else 128 - code)


def _tell_all(group: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        os.killpg(group, number)


def _end_when(gone: int) -> None:
    """End all at once when the process that was typed is gone, which was killed then."""
    os.read(gone, 1)
    _tell_all(os.getpgrp(), signal.SIGKILL)
