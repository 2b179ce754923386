"""The ticker at work: says each day when it has begun, and today's at every start, for it may be missing.

Said again it changes nothing: the id is the day's. The clock is handed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from services.doors import ticker
from services.doors.speaking import Speaker
from services.log.ports import Log

_LOOK_SECONDS = 1.0


class Ticker:
    """The ticker of a county that lives by the clock; `now` gives the instant, with its offset."""

    def __init__(self, log: Log, key: bytes, kick: Callable[[str], None], now: Callable[[], datetime]) -> None:
        self._log = log
        self._kick = kick
        self._now = now
        self._speaker = Speaker(ticker.NAME, log, key)
        self._last: date | None = None

    async def start(self) -> None:
        """Connect."""
        self._kick("connect")
        reader = self._log.reader({})
        await reader.start()
        await self._speaker.start(reader)
        await reader.close()

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.step()
            await asyncio.sleep(_LOOK_SECONDS)

    async def step(self) -> None:
        """Look at the clock, and say the day if it was not said since the start. Days that were missed are not said."""
        self._kick("look at the clock")
        today = ticker.day_at(self._now())
        if self._last is None or today > self._last:
            await self._speaker.say(ticker.said(today))
            self._last = today

    async def close(self) -> None:
        """Let go of the connections."""
        await self._speaker.close()
