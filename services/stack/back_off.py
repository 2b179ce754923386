"""How long to wait before a process is started again: longer each time, short again after one that ran steadily.

Knows seconds. Must never know the process.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SHORTEST = 0.2
LONGEST = 5.0
STEADY_AFTER = 30.0
"""A process that ran so many seconds had no trouble starting."""


class BackOff:
    """The waits of one process, counted from its last start. `now` is a clock in seconds that never goes back."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._started: float | None = None
        self._wait = SHORTEST

    def started(self) -> None:
        """Note that it is started now."""
        if self._started is not None:
            steady = self._now() - self._started > STEADY_AFTER
            self._wait = SHORTEST if steady else min(self._wait * 2, LONGEST)
        self._started = self._now()

    @property
    def over(self) -> bool:
        """Whether one that has ended may be started now."""
        if self._started is None:
            return True
        ran = self._now() - self._started
        return ran > STEADY_AFTER or ran >= self._wait
