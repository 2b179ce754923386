"""A point answered: its stored fold is brought up to date, or made, and read in the shapes of the live commands.

Knows which points cannot be answered, and says why. Must never touch the live view.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.audit.as_of import fold, ledgers
from services.audit.as_of_stored import StoredFolds
from services.audit.partition_reading import ReaderOf
from services.audit.point import NoSuchPoint, Point
from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import ChainBroken
from services.episodes.view_folder import url_of
from services.log.kept import read_kept
from services.log.ports import Place

Standing = dict[str, Any]
"""`{as_of, known_at, caseload, handovers, contracts}`: day, instant, and rows in the shapes of the live commands."""


class Points:
    """Answers points of one system. `folds` is where folds are stored; `say` hears what takes time, and why."""

    def __init__(
        self,
        reader_of: ReaderOf,
        partitions: int,
        folds: StoredFolds,
        say: Callable[[str], None],
        pool: Executor | None = None,
    ) -> None:
        self._reader_of = reader_of
        self._partitions = partitions
        self._folds = folds
        self._say = say
        self._pool = pool

    async def standing(self, point: Point, *, ended_too: bool = False) -> Standing:
        """How things stood. Raises `NoSuchPoint` if that day had not begun, or nothing was known."""
        path = await self.path_of(point)
        reading = Reading(url_of(path))
        try:
            today = reading.today()
            await self._must_have_begun(point, today)
            return standing_of(reading, point, ended_too=ended_too)
        finally:
            reading.close()

    async def path_of(self, point: Point, until: Mapping[Place, int] | None = None) -> Path:
        """The file of the point's fold, level with the ledgers, or with the offsets `until`."""
        if until is None and (stored := self._folds.of(point)).exists():
            try:
                await fold(self._reader_of, self._partitions, stored, point, pool=None)
                os.utime(stored)
            except ChainBroken as broken:
                self._say(f"the stored fold is not of this ledger as it is ({broken}); folding from the first record")
            else:
                return stored
        made = self._folds.begun(point)
        self._say("folding every ledger from its first record")
        count = await fold(self._reader_of, self._partitions, made, point, until, self._pool)
        self._say(f"{count:,} records read")
        if until is not None:
            return made
        stored = self._folds.keep(made, point)
        self._folds.prune()
        return stored

    async def _must_have_begun(self, point: Point, today: str | None) -> None:
        if today is not None and (point.day is None or today >= point.day.isoformat()):
            return
        first = await self._first_known()
        if first is None:
            raise NoSuchPoint("nothing was recorded yet: there is nothing to look back on")
        began = f"the first fact was recorded at {first:%Y-%m-%dT%H:%M:%S.%fZ}"
        if today is None:
            raise NoSuchPoint(f"{point} lies before the first day on record; {began}")
        known = "" if point.known_at is None else " by what was known then"
        raise NoSuchPoint(f"{point.day} had not begun{known}: the last day on record is {today}")

    async def _first_known(self) -> datetime | None:
        """When the first fact of all was appended."""
        times = [await self._first_of(place) for place in ledgers(self._partitions)]
        known = [time for time in times if time is not None]
        return datetime.fromtimestamp(min(known) / 1000, UTC) if known else None

    async def _first_of(self, place: Place) -> int | None:
        reader = self._reader_of({place: 0})
        try:
            await reader.start()
            end = (await reader.end_offsets([place]))[place]
            while await reader.position(place) < end:
                for record in (await reader.read(1, 0.2)).get(place, ()):
                    return read_kept(record).known_ms
            return None
        finally:
            await reader.close()


def standing_of(reading: Reading, point: Point, *, ended_too: bool) -> Standing:
    """What a view says, in the shapes of `sis caseload`, `sis handover list` and `sis contracts`."""
    known = point.known_at
    return {
        "as_of": reading.today(),
        "known_at": None if known is None else known.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "caseload": reading.caseload(Asked(ended_too=ended_too)),
        "handovers": reading.handovers(ended_too=ended_too),
        "contracts": reading.contracts(),
    }
