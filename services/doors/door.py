"""A door at work: read, translate, say, and only then store how far it has read.

Crash-only: whatever fails ends the process, and what was said since the last stored position is said again, under the
same ids with the same content. Knows positions. Must never know what is translated.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.doors.saying import Saying
from services.doors.speaking import Speaker, partitions_of
from services.log.ports import Log, Place
from services.log.record import Record
from services.words.topics import DOOR_READS, Topic, door_group

MOST_IN_A_STEP = 2_000
"""Records of a step; no more are said again after a crash."""
_WAIT = 0.05
"""Seconds without a record, after which a marker that was passed is noticed."""
_GATHER = 0.02
"""Seconds between two steps of a door that is not behind: one record costs the broker as much as many."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What one door makes of a record of what it reads (`DOOR_READS` names the ledger), all of it pure.

    `said` is what follows from it, `topics` what must exist before that is said, `follows` a topic of one partition
    that the door reads from then on as well.
    """

    name: str
    said: Callable[[Record], Sequence[Saying]]
    topics: Callable[[Record], Sequence[Topic]] | None = None
    follows: Callable[[Record], str | None] | None = None


class Door:
    """One door on a log; `key` signs what it says, `kick` hears of every step."""

    def __init__(self, translation: Translation, log: Log, key: bytes, kick: Callable[[str], None]) -> None:
        self._translation = translation
        self._log = log
        self._kick = kick
        self._speaker = Speaker(translation.name, log, key)
        self._offsets = log.offsets()
        self._reader = log.reader({})
        self._positions: Mapping[Place, int] = {}
        self.counts: Counter[str] = Counter()
        """Sayings by content type."""

    async def start(self) -> None:
        """Connect, and go to where the door last stood; to the beginning if it never stood anywhere."""
        self._kick("connect")
        await self._reader.start()
        await self._speaker.start(self._reader)
        await self._offsets.start()
        self._kick("ask for positions")
        group, ledger = door_group(self._translation.name), DOOR_READS[self._translation.name]
        places = [(ledger, number) for number in range(await partitions_of(self._reader, ledger))]
        stored = (await self._offsets.stored([group]))[group]
        await self._read_from({**dict.fromkeys(places, 0), **stored})
        await self._store()

    async def run(self) -> None:
        """Carry for ever."""
        while True:
            if 0 < await self.step(_WAIT) < MOST_IN_A_STEP:
                await asyncio.sleep(_GATHER)

    async def step(self, wait: float) -> int:
        """Read, say, store; returns the number of records read. Markers that were passed move the position too."""
        self._kick("read")
        records = [record for batch in (await self._reader.read(MOST_IN_A_STEP, wait)).values() for record in batch]
        if records:
            await self._carry(records)
        reached = {place: await self._reader.position(place) for place in self._positions}
        further = self._further(records)
        if further:
            await self._read_from({**reached, **dict.fromkeys(further, 0)})
            await self._store()
        elif reached != self._positions:
            self._positions = reached
            await self._store()
        return len(records)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._reader.close()
        await self._speaker.close()
        await self._offsets.close()

    async def _carry(self, records: Sequence[Record]) -> None:
        await self._make_topics(records)
        sayings = [saying for record in records for saying in self._translation.said(record)]
        if sayings:
            self._kick("say")
            await self._speaker.say(sayings)
            self.counts.update(saying.content_type.decode() for saying in sayings)

    async def _make_topics(self, records: Sequence[Record]) -> None:
        if self._translation.topics is None:
            return
        topics = {topic.name: topic for record in records for topic in self._translation.topics(record)}
        if topics:
            self._kick("make topics")
            await self._log.create(list(topics.values()))

    def _further(self, records: Iterable[Record]) -> set[Place]:
        if self._translation.follows is None:
            return set()
        topics = {self._translation.follows(record) for record in records}
        return {(topic, 0) for topic in topics if topic is not None} - self._positions.keys()

    async def _read_from(self, positions: Mapping[Place, int]) -> None:
        """Read on from here, or from where a partition begins by now: replies are kept for a year only."""
        self._kick("take up positions")
        begins = await self._offsets.begins(positions)
        self._positions = {place: max(offset, begins[place]) for place, offset in positions.items()}
        await self._reader.close()
        self._reader = self._log.reader(self._positions)
        await self._reader.start()

    async def _store(self) -> None:
        """Store all positions, always together: they also say what the door reads, so the broker may forget none."""
        self._kick("store positions")
        await self._offsets.store(door_group(self._translation.name), self._positions)
