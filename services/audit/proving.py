"""Proofs that can be checked without the ledger: that a fact is in it, and that it only ever grew.

Knows ids, hashes and checkpoints. Must never show what a fact says.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from services.audit.checkpoint import Checkpoint, NotACheckpoint, origin_of, place_of, read_unverified
from services.audit.merkle import consistency, inclusion, root_of
from services.audit.partition_reading import ReaderOf, flows, read_whole, watched
from services.log.chain import record_hash
from services.log.ports import Place
from services.log.record import Record
from services.words import envelope as named

_AT = re.compile(r"(?P<topic>[a-z0-9.-]{1,200})/(?P<partition>[0-9]{1,5})@(?P<offset>[0-9]{1,18})")
IsWanted = Callable[[Record], bool]


class NothingToProve(Exception):
    """There is no such fact or checkpoint, or the ledger does not bear it out; the text says which."""


async def inclusion_proof(reader_of: ReaderOf, partitions: int, notes: Iterable[str], wanted: str) -> dict[str, Any]:
    """Proof that a record is in the newest checkpoint of its partition. Raises `NothingToProve`.

    `wanted` is the id of a fact or refusal, or where any record lies: topic/partition@offset.
    """
    held = _read(notes)
    for place, is_wanted in _sought(partitions, wanted):
        hashes, found = await _hashes(reader_of, place, is_wanted)
        if found is None:
            continue
        index, record = found
        origin = origin_of(place)
        size = _newest(held, origin)
        if index >= size:
            raise NothingToProve(f"{origin} offset {record.offset} is in no checkpoint yet: ask again in a minute")
        note = _must_fit(held, origin, size, hashes)
        return {
            "fact_id": (dict(record.headers).get(named.ID) or b"").decode(errors="replace"),
            "origin": origin,
            "offset": record.offset,
            "index": index,
            "record_hash": _text(hashes[index]),
            "path": [_text(step) for step in inclusion(hashes[:size], index)],
            "checkpoint": note,
        }
    raise NothingToProve("no partition holds it: give the id of a fact or refusal, or topic/partition@offset")


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
    reader_of: ReaderOf, notes: Iterable[str], origin: str, older: int, newer: int
) -> dict[str, Any]:
    """Proof that the newer checkpoint of a partition continues the older. Raises `NothingToProve`."""
    held = _read(notes)
    missing = [size for size in (older, newer) if (origin, size) not in held]
    if missing or not 0 < older <= newer:
        sizes = sorted(size for name, size in held if name == origin)
        raise NothingToProve(f"two checkpoints of {origin} are needed, the older first; there are {sizes or 'none'}")
    hashes, _ = await _hashes(reader_of, place_of(origin), lambda _: False)
    return {
        "origin": origin,
        "path": [_text(step) for step in consistency(hashes[:newer], older)],
        "from": _must_fit(held, origin, older, hashes),
        "to": _must_fit(held, origin, newer, hashes),
    }


def _read(notes: Iterable[str]) -> dict[tuple[str, int], tuple[Checkpoint, str]]:
    held = {}
    for note in notes:
        with suppress(NotACheckpoint):
            checkpoint = read_unverified(note)
            held[checkpoint.origin, checkpoint.size] = checkpoint, note
    return held


def _newest(held: Iterable[tuple[str, int]], origin: str) -> int:
    """The size of a partition's newest checkpoint. Raises `NothingToProve`."""
    sizes = [size for name, size in held if name == origin]
    if not sizes:
        raise NothingToProve(
            f"no checkpoint of {origin} is held: the notary has signed none yet, or the folder of checkpoints was "
            "emptied; sis audit verify says which"
        )
    return max(sizes)


def _must_fit(held: dict[tuple[str, int], tuple[Checkpoint, str]], origin: str, size: int, hashes: list[bytes]) -> str:
    checkpoint, note = held[origin, size]
    if len(hashes) < size or root_of(hashes[:size]) != checkpoint.root:
        raise NothingToProve(
            f"{origin} is not what was signed at {size} records: sis audit verify says what was changed"
        )
    return note


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
