"""Reader and senders on a log in memory, with the methods of those on Kafka.

Knows the log in memory. Must never know a Kafka client, nor what a record says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from services.log.errors import UnknownTopic
from services.log.memory import MemoryLog
from services.log.ports import Place
from services.log.record import Draft, Record
from services.log.size import must_fit
from services.words.topics import Topic


class MemoryReader:
    """Reads committed records of the partitions named in `starts`, each from the offset given there."""

    def __init__(self, log: MemoryLog, starts: Mapping[Place, int]) -> None:
        self._log = log
        self._positions = dict(starts)

    async def start(self) -> None:
        """Raises `UnknownTopic` if a topic is absent."""
        for topic, _ in self._positions:
            if self._log.partitions_of(topic) is None:
                raise UnknownTopic(f"there is no topic {topic}")

    async def read(self, at_most: int, wait: float) -> Mapping[Place, Sequence[Record]]:
        """Next records by partition; lets others run once and never waits longer."""
        await asyncio.sleep(0)
        found: dict[Place, Sequence[Record]] = {}
        for place, position in self._positions.items():
            records, self._positions[place] = self._log.seen(place, position, at_most)
            at_most -= len(records)
            if records:
                found[place] = records
        return found

    async def position(self, place: Place) -> int:
        """The offset from which reading goes on."""
        return self._positions[place]

    async def end_offsets(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """For each partition the offset after all that is settled."""
        return {place: self._log.end_offset(place) for place in places}

    async def at_end(self, place: Place) -> bool:
        """Whether the position has reached the end, markers counted as passed."""
        return self._positions[place] >= self._log.end_offset(place)

    async def partitions_of(self, topic: str) -> int | None:
        """Number of partitions; None if there is no such topic."""
        return self._log.partitions_of(topic)

    async def group_offset(self, group: str, topic: str, partition: int) -> int | None:
        """Offset stored for a group; None: ask again."""
        return self._log.group_offset(group, (topic, partition))

    def seek(self, place: Place, offset: int) -> None:
        """Go on reading a partition from `offset`."""
        self._positions[place] = offset

    async def close(self) -> None:
        """Nothing is held."""


class MemorySender:
    """Appends drafts at `flush`, in the order in which they were added."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._added: list[Draft] = []

    async def start(self) -> None:
        """Nothing to connect to."""

    async def add(self, draft: Draft) -> None:
        """Take a draft. Raises `DraftTooLarge`."""
        must_fit(draft)
        self._added.append(draft)

    async def flush(self) -> Mapping[Place, Sequence[range]]:
        """Append all that was added; the offsets by partition."""
        added, self._added = self._added, []
        kept: dict[Place, list[range]] = {}
        for draft in added:
            offset = self._log.append(draft)
            kept.setdefault((draft.topic, draft.partition), []).append(range(offset, offset + 1))
        return kept

    async def close(self) -> None:
        """Forget what was not flushed."""
        self._added = []


class MemoryGroupOffsets:
    """Stored offsets of groups, and ends of partitions."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stored(self, groups: Sequence[str]) -> Mapping[str, Mapping[Place, int]]:
        """All that each group has stored."""
        return {group: self._log.group_offsets(group) for group in groups}

    async def store(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Store offsets of a group, together."""
        self._log.store_group_offsets(group, offsets)

    async def begins(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """Everything is kept."""
        return dict.fromkeys(places, 0)

    async def ends(self, places: Iterable[Place]) -> Mapping[Place, int | None]:
        """The offset after all of each partition; None while a transaction is open there."""
        return {
            place: None if self._log.has_open_transaction(place) else self._log.end_offset(place) for place in places
        }

    async def close(self) -> None:
        """Nothing is held."""


class InMemory:
    """A whole log in memory, for those who read one topic and emit to another."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def reader(self, starts: Mapping[Place, int]) -> MemoryReader:
        """A reader of these partitions, each from its offset on."""
        return MemoryReader(self._log, starts)

    def sender(self) -> MemorySender:
        """A plain emitter."""
        return MemorySender(self._log)

    def offsets(self) -> MemoryGroupOffsets:
        """What groups have stored."""
        return MemoryGroupOffsets(self._log)

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make these topics if they are not there."""
        for topic in topics:
            if self._log.partitions_of(topic.name) is None:
                self._log.create(topic.name, topic.partitions)


class MemoryDelivery:
    """The fate of one draft, known at once."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def offset(self, timeout: float) -> int:
        """The offset it got."""
        return self._offset


class MemorySteadySender:
    """Appends each draft when it is sent."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def send(self, draft: Draft) -> MemoryDelivery:
        """Append the draft. Raises `DraftTooLarge`."""
        return MemoryDelivery(self._log.append(draft))

    def flush(self, timeout: float) -> None:
        """All is kept already."""

    def close(self) -> None:
        """Nothing is held."""
