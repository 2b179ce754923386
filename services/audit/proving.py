"""Proofs that can be checked without the ledger: that a fact is in it, and that it only ever grew.

Knows ids, hashes and checkpoints. Must never show what a fact says.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.audit.checkpoint import origin_of, place_of
from services.audit.checkpoint_choice import Checkpoints
from services.audit.merkle import consistency, inclusion
from services.audit.partition_reading import ReaderOf, flows, read_whole, watched
from services.log.chain import record_hash
from services.log.ports import Place
from services.log.record import Record
from services.words import envelope as named

_AT = re.compile(r"(?P<topic>[a-z0-9.-]{1,200})/(?P<partition>[0-9]{1,5})@(?P<offset>[0-9]{1,18})")
_NO_PARTITION = (
    "{} is no inbox, ledger or refused topic's partition of this system, and only these are proved so; for the vault's "
    "log of openings sis audit verify does it"
)
_NONE_HELD = (
    "no checkpoint of {} is held: the notary has signed none yet, or the folder of checkpoints was emptied; sis audit "
    "verify says which"
)
_NONE_SIGNED = "no checkpoint of {} is signed by this key, so nothing can be proved by it"
_NOT_SO = "{} is not what was signed at {} records: sis audit verify says what was changed"
IsWanted = Callable[[Record], bool]


class NothingToProve(Exception):
    """There is no such fact or checkpoint, or the ledger does not bear it out; the text says which."""


async def inclusion_proof(
    reader_of: ReaderOf, partitions: int, checkpoints: Checkpoints, wanted: str
) -> dict[str, Any]:
    """Proof that a record is in the newest checkpoint of its partition that can be trusted. Raises `NothingToProve`.

    `wanted` is the id of a fact or refusal, or where any record lies: topic/partition@offset.
    """
    for place, is_wanted in _sought(partitions, wanted):
        hashes, found = await _hashes(reader_of, place, is_wanted)
        if found is None:
            continue
        index, record = found
        origin = origin_of(place)
        size, note = _newest(checkpoints, origin, hashes)
        if index >= size:
            later = _later(checkpoints, size)
            raise NothingToProve(f"{origin} offset {record.offset} is in no checkpoint yet: {later}")
        return {
            "fact_id": (dict(record.headers).get(named.ID) or b"").decode(errors="replace"),
            "origin": origin,
            "offset": record.offset,
            "index": index,
            "record_hash": _text(hashes[index]),
            "path": [_text(step) for step in inclusion(hashes[:size], index)],
            "checkpoint": note,
        }
    raise NothingToProve(_nowhere(partitions, wanted))


def _nowhere(partitions: int, wanted: str) -> str:
    """Why there is no such record."""
    if (at := _AT.fullmatch(wanted)) is not None and (at["topic"], int(at["partition"])) in watched(partitions):
        where = f"{at['topic']}/{at['partition']} holds no record at offset {at['offset']}"
        return f"{where}: it is beyond the end, or a transaction's mark; sis audit history --json says where facts lie"
    return "no partition holds it: give the id of a fact or refusal, or topic/partition@offset"


def _sought(partitions: int, wanted: str) -> Iterator[tuple[Place, IsWanted]]:
    """Where to look, and for what."""
    if (at := _AT.fullmatch(wanted)) is None:
        bearing = (named.ID, wanted.encode())
        for flow, number in flows(partitions):
            for place in ((flow.ledger, number), (flow.refused, number)):
                yield place, lambda record: bearing in record.headers
        return
    place, offset = (at["topic"], int(at["partition"])), int(at["offset"])
    if place in watched(partitions):
        yield place, lambda record: record.offset == offset


async def consistency_proof(
    reader_of: ReaderOf, partitions: int, checkpoints: Checkpoints, origin: str, older: int, newer: int
) -> dict[str, Any]:
    """Proof that the newer checkpoint of a partition continues the older. Raises `NothingToProve`."""
    if origin not in map(origin_of, watched(partitions)):
        raise NothingToProve(_NO_PARTITION.format(origin))
    signed = checkpoints.of(origin)
    sizes = sorted({one.size for one in signed})
    if not {older, newer} <= set(sizes) or not 0 < older <= newer:
        raise NothingToProve(f"two checkpoints of {origin} are needed, the older first; there are {sizes or 'none'}")
    hashes, _ = await _hashes(reader_of, place_of(origin), lambda _: False)
    true = checkpoints.true_of(hashes, (one for one in signed if one.size in (older, newer)))
    for size in (older, newer):
        if size not in true:
            raise NothingToProve(_NOT_SO.format(origin, size))
    return {
        "origin": origin,
        "path": [_text(step) for step in consistency(hashes[:newer], older)],
        "from": true[older],
        "to": true[newer],
    }


def _newest(checkpoints: Checkpoints, origin: str, hashes: Sequence[bytes]) -> tuple[int, str]:
    """The largest checkpoint that a proof may rest on: its size and its note. Raises `NothingToProve`."""
    signed = checkpoints.of(origin)
    if not signed:
        raise NothingToProve((_NONE_SIGNED if checkpoints.passed_over else _NONE_HELD).format(origin))
    true = checkpoints.true_of(hashes, signed)
    if not true:
        raise NothingToProve(_NOT_SO.format(origin, signed[-1].size))
    return list(true.items())[-1]


def _later(checkpoints: Checkpoints, size: int) -> str:
    """What is to be done about a record that lies beyond the newest checkpoint."""
    if checkpoints.passed_over:
        return f"of its checkpoints the newest that a proof may rest on binds {size} records"
    return "ask again in a minute"


async def _hashes(
    reader_of: ReaderOf, place: Place, is_wanted: IsWanted
) -> tuple[list[bytes], tuple[int, Record] | None]:
    """H(record) of a whole partition; the record that is wanted, and its index."""
    hashes: list[bytes] = []
    found = None
    async for records in read_whole(reader_of, place):
        for record in records:
            if is_wanted(record):
                found = len(hashes), record
            hashes.append(record_hash(record.key, record.headers, record.value))
    return hashes, found


def _text(content: bytes) -> str:
    return b64encode(content).decode()
