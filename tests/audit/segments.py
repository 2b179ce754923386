"""Segment files of a stopped broker, changed by somebody who can write to its disk and knows the format.

The checksum of a changed batch is repaired (CRC-32C; Kafka protocol, record batch version 2), so that Kafka finds
nothing wrong, and indexes are left for Kafka to make anew.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from services.log.memory import MemoryRecord
from services.log.ports import Place
from tests.audit.tampering import Change

_EPOCH_AT, _CRC_AT, _COVERED_FROM = 12, 17, 21
_LOG_APPEND_TIME = 0x08
_AT_ONCE = 25
"""Records of a batch."""


def segment_of(broker: Path, place: Place) -> Path:
    """The one segment of a partition, in the data of a broker."""
    (segment,) = broker.rglob(f"{place[0]}-{place[1]}/*.log")
    return segment


def records_in(segment: Path, place: Place) -> list[MemoryRecord]:
    """Every record of a segment."""
    batches, records = MemoryRecords(segment.read_bytes()), list[MemoryRecord]()
    while batches.has_next():
        records += [
            MemoryRecord(*place, one.offset, one.timestamp, one.key, tuple(one.headers), one.value)
            for one in batches.next_batch()
        ]
    return records


def change_segment(segment: Path, place: Place, change: Change) -> None:
    """Put other records in a segment's place."""
    (epoch,) = struct.unpack_from(">i", segment.read_bytes(), _EPOCH_AT)
    records = change(records_in(segment, place))
    batches = [_batch(records[at : at + _AT_ONCE], epoch) for at in range(0, len(records), _AT_ONCE)]
    segment.write_bytes(b"".join(batches))
    for index in segment.parent.glob("*index"):
        index.unlink()


def cut_beginning(segment: Path, place: Place, at: int) -> None:
    """Leave out the first records, as if Kafka had let them go."""
    change_segment(segment, place, lambda records: records[at:])
    segment.rename(segment.with_name(f"{at:020}.log"))


def edit_unrepaired(segment: Path, value: bytes) -> None:
    """Change the last byte of a record's value, and leave the checksum of its batch as it was."""
    content = bytearray(segment.read_bytes())
    content[content.index(value) + len(value) - 1] ^= 1
    segment.write_bytes(content)


def _batch(records: Sequence[MemoryRecord], epoch: int) -> bytes:
    """A batch as a broker keeps it: the builder makes it as a client sends it."""
    base = records[0].offset
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 30)
    for one in records:
        builder.append(one.offset - base, one.timestamp, one.key, one.value, list(one.headers))
    batch = bytearray(builder.build())
    struct.pack_into(">q", batch, 0, base)
    struct.pack_into(">i", batch, _EPOCH_AT, epoch)
    (attributes,) = struct.unpack_from(">h", batch, _COVERED_FROM)
    struct.pack_into(">h", batch, _COVERED_FROM, attributes | _LOG_APPEND_TIME)
    struct.pack_into(">I", batch, _CRC_AT, calc_crc32c(bytes(batch[_COVERED_FROM:])))
    return bytes(batch)
