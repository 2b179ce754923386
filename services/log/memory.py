"""The log in memory: topics, partitions, transactions, fencing and group offsets, as a broker keeps them.

Tests and the simulation run on it. It keeps Kafka's arithmetic: an aborted record keeps its offset and is never
seen, every transaction leaves one marker in each partition it touched, and an open transaction hides all behind it.
Must never know a Kafka client, nor what the bytes say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count

from services.log.errors import UnknownTopic
from services.log.ports import Place
from services.log.record import Draft, Headers, Record
from services.log.size import must_fit
from services.log.turns import Fenced


class Fate(Enum):
    """What became of a transaction."""

    OPEN = auto()
    COMMITTED = auto()
    ABORTED = auto()


@dataclass(slots=True)
class Transaction:
    """One transaction of one owner; its records are seen when its fate is COMMITTED."""

    owner: Owner
    fate: Fate = Fate.OPEN
    places: set[Place] = field(default_factory=set)
    offsets: dict[tuple[str, Place], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owner:
    """A holder of a transactional id; only the one with the newest epoch may write."""

    transactional_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """One record as it lies in a partition."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: Headers
    value: bytes | None


@dataclass(frozen=True, slots=True)
class _Slot:
    """One offset of a partition: a record, or (None) a transaction's marker."""

    record: MemoryRecord | None
    transaction: Transaction | None

    def is_seen(self) -> bool:
        return self.record is not None and (self.transaction is None or self.transaction.fate is Fate.COMMITTED)


class MemoryLog:
    """Topics by name. `clock` gives append times in milliseconds; by default a counter 1, 2, 3, ..."""

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self._clock = clock or count(1).__next__
        self._slots: dict[Place, list[_Slot]] = {}
        self._partitions: dict[str, int] = {}
        self._epochs: dict[str, int] = {}
        self._open: dict[str, Transaction] = {}
        self._group_offsets: dict[tuple[str, Place], int] = {}

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic that is not there yet."""
        self._partitions[topic] = partitions
        self._slots.update({(topic, partition): [] for partition in range(partitions)})

    def partitions_of(self, topic: str) -> int | None:
        """Number of partitions; None if there is no such topic."""
        return self._partitions.get(topic)

    def append(self, draft: Draft, transaction: Transaction | None = None) -> int:
        """Append one record and return its offset; it is seen at once, or when its transaction commits."""
        must_fit(draft)
        if transaction is not None:
            self._must_own(transaction.owner)
            transaction.places.add((draft.topic, draft.partition))
        slots = self._slots_of((draft.topic, draft.partition))
        record = MemoryRecord(
            draft.topic, draft.partition, len(slots), self._clock(), draft.key, tuple(draft.headers), draft.value
        )
        slots.append(_Slot(record, transaction))
        return record.offset

    def take_over(self, transactional_id: str) -> Owner:
        """Become the newest owner of a transactional id: the former one's open transaction is aborted."""
        former = self._open.pop(transactional_id, None)
        if former is not None:
            self._end(former, Fate.ABORTED)
        self._epochs[transactional_id] = self._epochs.get(transactional_id, -1) + 1
        return Owner(transactional_id, self._epochs[transactional_id])

    def begin(self, owner: Owner) -> Transaction:
        """Open a transaction. Raises `Fenced` if there is a newer owner."""
        self._must_own(owner)
        self._open[owner.transactional_id] = Transaction(owner)
        return self._open[owner.transactional_id]

    def store_offset(self, transaction: Transaction, group: str, place: Place, offset: int) -> None:
        """Store a group's offset when the transaction commits."""
        self._must_own(transaction.owner)
        transaction.offsets[group, place] = offset

    def commit(self, transaction: Transaction) -> None:
        """Show all records of the transaction and store its offsets, together."""
        self._must_own(transaction.owner)
        del self._open[transaction.owner.transactional_id]
        self._end(transaction, Fate.COMMITTED)
        self._group_offsets.update(transaction.offsets)

    def abort(self, transaction: Transaction) -> None:
        """Let the records of the transaction lie unseen for ever."""
        self._must_own(transaction.owner)
        del self._open[transaction.owner.transactional_id]
        self._end(transaction, Fate.ABORTED)

    def group_offset(self, group: str, place: Place) -> int | None:
        """The offset last committed for a group; None if there is none."""
        return self._group_offsets.get((group, place))

    def group_offsets(self, group: str) -> dict[Place, int]:
        """Everything that is stored for a group."""
        return {place: offset for (name, place), offset in self._group_offsets.items() if name == group}

    def store_group_offsets(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Store offsets of a group outside any transaction."""
        self._group_offsets.update({(group, place): offset for place, offset in offsets.items()})

    def has_open_transaction(self, place: Place) -> bool:
        """Whether a transaction that wrote to the partition has not ended."""
        return any(place in transaction.places for transaction in self._open.values())

    def end_offset(self, place: Place) -> int:
        """The offset after all that is settled: the end, or the first record of an open transaction."""
        slots = self._slots_of(place)
        for transaction in self._open.values():
            if place in transaction.places:
                return next(at for at, slot in enumerate(slots) if slot.transaction is transaction)
        return len(slots)

    def seen(self, place: Place, start: int, at_most: int) -> tuple[list[Record], int]:
        """Committed records from `start` on, at most so many, and the offset from which reading goes on."""
        slots, end = self._slots_of(place), self.end_offset(place)
        found: list[Record] = []
        while start < end and len(found) < at_most:
            slot = slots[start]
            if slot.record is not None and slot.is_seen():
                found.append(slot.record)
            start += 1
        return found, start

    def _slots_of(self, place: Place) -> list[_Slot]:
        try:
            return self._slots[place]
        except KeyError:
            raise UnknownTopic(f"there is no partition {place[1]} of topic {place[0]}") from None

    def _must_own(self, owner: Owner) -> None:
        if self._epochs[owner.transactional_id] != owner.epoch:
            raise Fenced(f"another process has taken over {owner.transactional_id}")

    def _end(self, transaction: Transaction, fate: Fate) -> None:
        transaction.fate = fate
        for place in sorted(transaction.places):
            self._slots[place].append(_Slot(None, transaction))


def all_seen(log: MemoryLog, topic: str, partition: int) -> Sequence[Record]:
    """Every committed record of a partition, in order."""
    return log.seen((topic, partition), 0, log.end_offset((topic, partition)))[0]
