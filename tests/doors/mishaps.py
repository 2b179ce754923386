"""Logs on which something goes wrong at a named step."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from services.log.memory_turns import Crash
from services.log.ports import GroupOffsets, Log, Place, Reader, Sender
from services.words.topics import Topic


class DiesWhenStoring:
    """A log whose user dies when it stores a position for the second time: the first is that of its start."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def reader(self, starts: Mapping[Place, int]) -> Reader:
        """A reader."""
        return self._log.reader(starts)

    def sender(self) -> Sender:
        """A plain emitter."""
        return self._log.sender()

    def offsets(self) -> GroupOffsets:
        """Offsets that can be stored once."""
        return _StoredOnce(self._log.offsets())

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make topics."""
        await self._log.create(topics)


class _StoredOnce:
    def __init__(self, offsets: GroupOffsets) -> None:
        self._offsets = offsets
        self._times = 0

    async def start(self) -> None:
        await self._offsets.start()

    async def stored(self, groups: Sequence[str]) -> Mapping[str, Mapping[Place, int]]:
        return await self._offsets.stored(groups)

    async def store(self, group: str, offsets: Mapping[Place, int]) -> None:
        self._times += 1
        if self._times > 1:
            raise Crash
        await self._offsets.store(group, offsets)

    async def begins(self, places: Iterable[Place]) -> Mapping[Place, int]:
        return await self._offsets.begins(places)

    async def ends(self, places: Iterable[Place]) -> Mapping[Place, int | None]:
        return await self._offsets.ends(places)

    async def close(self) -> None:
        await self._offsets.close()


class HangsWhenCreating(DiesWhenStoring):
    """A log that never finishes making a topic; `hangs` is set when it was asked to."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.hangs = asyncio.Event()

    def offsets(self) -> GroupOffsets:
        """Offsets as they are."""
        return self._log.offsets()

    async def create(self, topics: Sequence[Topic]) -> None:
        """Never return."""
        self.hangs.set()
        await asyncio.Event().wait()
