"""What an owner must know before it decides: folded from the ledger and refused partitions, never from the inbox.

Knows how facts and refusals become state, memory and chain again. Must never announce anything: it has nothing to send.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from services.log.chain import record_hash
from services.log.desk import Memory
from services.log.kept import Kept, read_kept
from services.log.record import Record
from services.log.remembered import entry_of, name_of
from services.log.rules import Rules, S, must_know
from services.log.writing import Partition
from services.words.deciding import Fact

SETTLED_BY_NOTHING = frozenset({"UNREADABLE", "MISROUTED"})
"""Refusals that are not remembered: each such record is refused anew (ruling 3)."""


class BrokenLedger(Exception):
    """A ledger does not chain: somebody altered it, or it is not the one that was written here."""


class Past(Protocol):
    """What a partition's owner has written so far."""

    def ledger(self) -> AsyncIterator[Sequence[Record]]:
        """Records of the ledger partition, in order, in batches."""

    def refused(self) -> AsyncIterator[Sequence[Record]]:
        """The same of the refused partition."""


async def rebuild(memory: Memory[S], rules: Rules[S], turns: Past, kick: Callable[[str], None]) -> None:
    """Fill a memory. Raises `BrokenLedger`, `UnknownRelease`."""
    last_input = -1
    async for batch in turns.ledger():
        kick("rebuild from the ledger")
        for record in batch:
            kept = _next(record, memory.ledger)
            if kept.inbox_offset > last_input:  # the first fact of an input bears the input's subject
                _remember(memory, kept.subject, kept.causation_id, kept.content_digest, recorded=True)
            last_input = max(last_input, kept.inbox_offset)
            memory.state = rules.evolve(memory.state, _fact(kept, rules))
    async for batch in turns.refused():
        kick("rebuild from the refused")
        for record in batch:
            kept = _next(record, memory.refused)
            _remember_refusal(memory, kept)
            last_input = max(last_input, kept.inbox_offset)
    memory.next_offset = last_input + 1


def _next(record: Record, partition: Partition) -> Kept:
    kept = read_kept(record)
    if kept.previous_hash != partition.last_hash:
        raise BrokenLedger(f"{record.topic} partition {record.partition} does not chain at offset {record.offset}")
    partition.last_hash = record_hash(record.key, record.headers, record.value)
    partition.sequences[kept.key] = kept.sequence
    return kept


def _fact(kept: Kept, rules: Rules[Any]) -> Fact:
    word = kept.word()
    must_know(word, rules)
    return Fact(kept.key, kept.subject, word, kept.correlation_id, kept.causation_id, kept.source)


def _remember_refusal(memory: Memory[Any], kept: Kept) -> None:
    if kept.data["code"] in SETTLED_BY_NOTHING:
        return
    _remember(memory, kept.subject, kept.causation_id, kept.content_digest, recorded=False)
    if kept.data["redrive_id"] is not None:
        _remember(memory, kept.subject, kept.data["redrive_id"], kept.data["redrive_digest"], recorded=False)


def _remember(memory: Memory[Any], subject: str, id: str, digest: bytes, *, recorded: bool) -> None:
    memory.remembered.remember(name_of(subject, id), entry_of(digest, recorded=recorded))
