"""Segment files of a stopped broker, changed by somebody who can write to its disk and knows the format.

The checksum of a changed batch is repaired (CRC-32C; Kafka protocol, record batch version 2), so that Kafka finds
nothing wrong. The files are read and changed as bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from aiokafka.record.util import calc_crc32c

_LENGTH_AT, _CRC_AT, _COVERED_FROM, _HEAD = 8, 17, 21, 12


def batches(segment: bytes) -> Iterator[range]:
    """Where each batch lies in a segment."""
    at = 0
    while at < len(segment):
        (length,) = struct.unpack_from(">i", segment, at + _LENGTH_AT)
        yield range(at, at + _HEAD + length)
        at += _HEAD + length


def edit_last_byte(path: Path, value: bytes) -> None:
    """Change the last byte of a record's value, and repair the checksum of its batch."""
    segment = bytearray(path.read_bytes())
    at = segment.index(value) + len(value) - 1
    segment[at] ^= 1
    (batch,) = [batch for batch in batches(bytes(segment)) if at in batch]
    crc = calc_crc32c(bytes(segment[batch.start + _COVERED_FROM : batch.stop]))
    struct.pack_into(">I", segment, batch.start + _CRC_AT, crc)
    path.write_bytes(segment)


def cut_last_batch(path: Path) -> None:
    """Leave out the last batch."""
    segment = path.read_bytes()
    *_, last = batches(segment)
    path.write_bytes(segment[: last.start])
