"""A provider as a witness: its replies say which checkpoints it has seen, so that they cannot be taken back.

Knows the three first lines of a checkpoint. Must never verify one: an auditor does.
"""

from __future__ import annotations

from base64 import b64decode

from services.log.ports import Log
from services.log.record import Record
from services.words.envelope import LONGEST_CHECKPOINTS
from services.words.topics import CHECKPOINTS

_NEWEST = 500
"""Records of the topic looked at: every partition's newest is among them unless it has long been idle."""


async def seen_checkpoints(log: Log) -> bytes:
    """The newest checkpoint of each partition, a line each: origin, size, first 8 bytes of the root (hexadecimal).

    Empty where there are none, or this provider may not see them. Raises `BrokerAway`.
    """
    place = (CHECKPOINTS, 0)
    asking = log.reader({})
    try:
        await asking.start()
        if await asking.partitions_of(CHECKPOINTS) is None:
            return b""
        end = (await asking.end_offsets([place]))[place]
    finally:
        await asking.close()
    reader, newest = log.reader({place: max(0, end - _NEWEST)}), dict[str, bytes]()
    try:
        await reader.start()
        while await reader.position(place) < end:
            for record in (await reader.read(_NEWEST, 0.2)).get(place, ()):
                newest |= _short(record)
    finally:
        await reader.close()
    return _that_fit(newest)


def _short(record: Record) -> dict[str, bytes]:
    """A checkpoint's short form by its origin; nothing of what is no checkpoint."""
    lines = (record.value or b"").decode(errors="replace").split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), b64decode(lines[2], validate=True)
    except (IndexError, ValueError):
        return {}
    return {origin: f"{origin} {size} {root[:8].hex()}".encode()}


def _that_fit(newest: dict[str, bytes]) -> bytes:
    """As many as a header holds."""
    lines, size = [], 0
    for line in newest.values():
        size += len(line) + 1
        if size > LONGEST_CHECKPOINTS:
            break
        lines.append(line)
    return b"\n".join(lines)
