"""The ports of those who read logs or emit to them without owning a partition: doors, audit, notary, commands.

Knows the methods. Must never know which log answers: `memory`, or `kafka_reader` and `kafka_sender`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from services.log.record import Draft, Record
from services.words.topics import Topic

Place = tuple[str, int]
"""A topic's name and a partition of it."""


class Reader(Protocol):
    """Reads committed records of named partitions, each from a stated offset on; belongs to no group."""

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`, or `UnknownTopic` if a topic is absent."""

    async def read(self, at_most: int, wait: float) -> Mapping[Place, Sequence[Record]]:
        """Next records by partition, at most so many in all; empty if none came within `wait` seconds."""

    async def position(self, place: Place) -> int:
        """The offset from which reading goes on."""

    async def end_offsets(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """For each partition the offset after all that is settled: records, aborted records and markers.

        While a transaction is open in a partition, its end lies where that transaction began.
        """

    async def at_end(self, place: Place) -> bool:
        """Whether the position has reached the end, markers and aborted records counted as passed."""

    async def partitions_of(self, topic: str) -> int | None:
        """Number of partitions; None if there is no such topic."""

    async def group_offset(self, group: str, topic: str, partition: int) -> int | None:
        """Offset stored for a group. None says nothing, not even that none is stored: ask again."""

    def seek(self, place: Place, offset: int) -> None:
        """Go on reading a partition from `offset`."""

    async def close(self) -> None:
        """Let go of the connections."""


class Sender(Protocol):
    """Appends drafts in bulk, in order within each partition; what `flush` has returned for is kept."""

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`."""

    async def add(self, draft: Draft) -> None:
        """Take a draft; waits when too much is under way. Raises `DraftTooLarge`, `BrokerAway`, `Spent`."""

    async def flush(self) -> Mapping[Place, Sequence[range]]:
        """Wait until all drafts added are kept; their offsets by partition, since the flush before, oldest first.

        Raises `BrokerAway` if the broker does not take them within the limit; the sender is then spent.
        """

    async def close(self) -> None:
        """Let go of the connections; waits for nothing that was not flushed."""


class GroupOffsets(Protocol):
    """What groups have stored of their positions, and where partitions end: many in few questions."""

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`."""

    async def stored(self, groups: Sequence[str]) -> Mapping[str, Mapping[Place, int]]:
        """All that each group has stored; what is not there was never stored. Raises `BrokerAway`."""

    async def store(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Store offsets of a group without members, together or not at all. Raises `BrokerAway`."""

    async def begins(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """The first offset that each partition still keeps."""

    async def ends(self, places: Iterable[Place]) -> Mapping[Place, int | None]:
        """The offset after all of each partition, markers too; None while a transaction is open there."""

    async def close(self) -> None:
        """Let go of the connections."""


class Log(Protocol):
    """A whole log, for those who read one topic and emit to another."""

    def reader(self, starts: Mapping[Place, int]) -> Reader:
        """A reader of these partitions, each from its offset on."""

    def sender(self) -> Sender:
        """A plain emitter."""

    def offsets(self) -> GroupOffsets:
        """What groups have stored."""

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make these topics if they are not there."""


class Delivery(Protocol):
    """The fate of one draft."""

    def offset(self, timeout: float) -> int:
        """The offset it got; waits at most so many seconds. Raises `BrokerAway` if it is not known to be kept."""


class SteadySender(Protocol):
    """Appends drafts one by one from any thread, for systems that are not asynchronous."""

    def send(self, draft: Draft) -> Delivery:
        """Hand a draft over; returns before it is kept. Raises `DraftTooLarge`, `BrokerAway`, `Spent`."""

    def flush(self, timeout: float) -> None:
        """Wait until all drafts sent are kept; else `BrokerAway` names every draft not known to be kept."""

    def close(self) -> None:
        """Let go of the connections; waits for nothing that was not flushed."""
