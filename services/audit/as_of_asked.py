"""A point answered: its stored fold is brought up to date, or made, and read in the shapes of the live commands.

Knows which points cannot be answered, and says why. Must never touch the live view.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.exc import DatabaseError

from services.audit.as_of import fold, ledgers
from services.audit.as_of_stored import StoredFolds
from services.audit.new_folder import NotWritten
from services.audit.own_day import own_day
from services.audit.partition_reading import ReaderOf
from services.audit.point import NoSuchPoint, Point
from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import ChainBroken
from services.episodes.view_folder import url_of
from services.log.full_disk import is_full
from services.log.kept import read_kept
from services.log.ports import Place
from services.words.calendar import DayBegan

_FEW = 100
"""Records asked for at once."""
Standing = dict[str, Any]
"""`{as_of, known_at, caseload, handovers, contracts}`: day, instant, and rows in the shapes of the live commands."""


class Points:
    """Answers points of one system. `folds` is where folds are stored; `say` hears what takes time, and why.

    `from_scratch`: no stored fold is trusted, for whoever can write to the folder could have changed one.
    """

    def __init__(
        self,
        reader_of: ReaderOf,
        partitions: int,
        folds: StoredFolds,
        say: Callable[[str], None],
        pool: Executor | None = None,
        *,
        from_scratch: bool = False,
    ) -> None:
        self._reader_of = reader_of
        self._partitions = partitions
        self._folds = folds
        self._say = say
        self._pool = pool
        self._from_scratch = from_scratch

    async def standing(self, point: Point, *, ended_too: bool = False) -> Standing:
        """How things stood. Raises `NotWritten`, and `NoSuchPoint` if that day had not begun, or nothing was known."""
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
        stored = None if until is not None or self._from_scratch else self._folds.of(point)
        if stored is not None and stored.exists() and await self._is_level(stored, point):
            return stored
        made = await self._made(point, until)
        if until is not None:
            return made
        stored = self._folds.keep(made, point)
        self._folds.prune()
        return stored

    async def _is_level(self, stored: Path, point: Point) -> bool:
        """Bring a stored fold up to date; whether that could be done."""
        try:
            await fold(self._reader_of, self._partitions, stored, point, pool=None)
            os.utime(stored)
        except ChainBroken as broken:
            self._say(f"the stored fold is not of this ledger as it is ({broken}); folding from the first record")
            return False
        except DatabaseError as damaged:
            if is_full(damaged):
                raise self._full() from damaged
            self._say(f"the stored fold {stored.name} is damaged; folding from the first record")
            return False
        return True

    async def _made(self, point: Point, until: Mapping[Place, int] | None) -> Path:
        """A fold from the first record; nothing of it is left if it could not be made whole."""
        made = self._folds.begun(point)
        self._say("folding every ledger from its first record")
        try:
            count = await fold(self._reader_of, self._partitions, made, point, until, self._pool)
        except BaseException as fault:
            self._folds.drop(made)
            if isinstance(fault, Exception) and is_full(fault):
                raise self._full() from fault
            raise
        self._say(f"{count:,} records read")
        return made

    def _full(self) -> NotWritten:
        return NotWritten(f"the disk is full: a fold needs room in {self._folds.folder}; make some, then ask again")

    async def _must_have_begun(self, point: Point, today: str | None) -> None:
        if today is not None and (point.day is None or today >= point.day.isoformat()):
            return
        first = await self._first_known()
        if first is None:
            raise NoSuchPoint("nothing was recorded yet: there is nothing to look back on")
        if today is None:
            raise NoSuchPoint(f"{point} lies before the first day on record{first.said_for(point)}")
        known = "" if point.known_at is None else " by what was known then"
        raise NoSuchPoint(f"{point.day} had not begun{known}: the last day on record is {today}")

    async def _first_known(self) -> _First | None:
        found = [first for place in ledgers(self._partitions) if (first := await self._first_of(place)) is not None]
        days = [first.day for first in found if first.day is not None]
        return _First(min(first.known_ms for first in found), min(days, default=None)) if found else None

    async def _first_of(self, place: Place) -> _First | None:
        """Of one ledger: read up to its first day, which nearly begins it."""
        reader, first = self._reader_of({place: 0}), None
        try:
            await reader.start()
            end = (await reader.end_offsets([place]))[place]
            while await reader.position(place) < end:
                for record in (await reader.read(_FEW, 0.2)).get(place, ()):
                    fact = read_kept(record)
                    first = first or _First(fact.known_ms, None)
                    if fact.type == DayBegan.TYPE:
                        return first._replace(day=own_day(fact))
            return first
        finally:
            await reader.close()


class _First(NamedTuple):
    """When the first fact was appended (milliseconds since 1970), and the first day that began."""

    known_ms: int
    day: date | None

    def said_for(self, point: Point) -> str:
        """Both, as far as they say why there is nothing at the point."""
        named = f", {self.day}" if point.day is not None and self.day is not None and point.day < self.day else ""
        at = datetime.fromtimestamp(self.known_ms / 1000, UTC)
        return f"{named}; the first fact was recorded at {at:%Y-%m-%dT%H:%M:%S.%fZ}"


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
