"""What an insider with the broker's files could do to a partition, done to a log in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from services.log.chain import ZEROS, record_hash
from services.log.memory import MemoryLog, MemoryRecord, _Slot
from services.log.ports import Place
from services.words import envelope as named

Change = Callable[[list[MemoryRecord]], list[MemoryRecord]]


def records_of(log: MemoryLog, place: Place) -> list[MemoryRecord]:
    """All committed records."""
    return [slot.record for slot in log._slots[place] if slot.record is not None and slot.is_seen()]


def tamper(log: MemoryLog, place: Place, change: Change, *, rechained: bool) -> None:
    """Put other records in a partition's place; `rechained`: with every hash of the chain made to fit again."""
    records = change(records_of(log, place))
    log._slots[place] = [_Slot(one, None) for one in (with_chain(records) if rechained else records)]


def with_chain(records: Sequence[MemoryRecord]) -> list[MemoryRecord]:
    """The same records, each with the hash of the one before it."""
    last, chained = ZEROS, []
    for record in records:
        headers = [(name, last if name == named.PREVIOUS_HASH else content) for name, content in record.headers]
        chained.append(replace(record, headers=headers))
        last = record_hash(record.key, headers, record.value)
    return chained


def with_offsets(records: Sequence[MemoryRecord]) -> list[MemoryRecord]:
    """The same records, each at the offset of its place."""
    return [replace(record, offset=offset) for offset, record in enumerate(records)]


def one_byte(records: list[MemoryRecord], at: int) -> list[MemoryRecord]:
    """The last byte of a value is another."""
    value = records[at].value or b"?"
    return [*records[:at], replace(records[at], value=value[:-1] + bytes([value[-1] ^ 1])), *records[at + 1 :]]


def without(records: list[MemoryRecord], at: int) -> list[MemoryRecord]:
    """One record less."""
    return [*records[:at], *records[at + 1 :]]


def swapped(records: list[MemoryRecord], at: int) -> list[MemoryRecord]:
    """Two neighbours change places and keep the offsets of these."""
    one, two = records[at], records[at + 1]
    pair = [replace(two, offset=one.offset), replace(one, offset=two.offset)]
    return [*records[:at], *pair, *records[at + 2 :]]


def garbled(records: list[MemoryRecord], at: int, chance: random.Random) -> list[MemoryRecord]:
    """One record is made into something that no host writes: bytes, headers or key altered, emptied or taken away."""
    record = records[at]
    headers, value, key = list(record.headers), bytearray(record.value or b"?"), record.key
    which = chance.randrange(len(headers) or 1)
    match chance.randrange(7 if headers else 4):
        case 0:
            value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
        case 1:
            value.clear()
        case 2:
            key = None
        case 3:
            headers.clear()
        case 4:
            del headers[which]
        case 5:
            headers[which] = (headers[which][0], b"\xff" + headers[which][1])
        case _:
            headers[which] = (headers[which][0], None)  # type: ignore[assignment]  # Kafka allows it, no host does it
    other = replace(record, key=key, headers=headers, value=bytes(value) or None)
    return [*records[:at], other, *records[at + 1 :]]
