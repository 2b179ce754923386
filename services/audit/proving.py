"""Proofs that can be checked without the ledger: that a fact is in it, and that it only ever grew.

Knows ids, hashes and checkpoints. Must never show what a fact says.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from services.audit.checkpoint import Checkpoint, NotACheckpoint, origin_of, place_of, read_unverified
from services.audit.merkle import consistency, inclusion, root_of
from services.audit.partition_reading import ReaderOf, flows, read_whole
from services.log.chain import record_hash
from services.log.ports import Place
from services.words import envelope as named


class NothingToProve(Exception):
    """There is no such fact or checkpoint, or the ledger does not bear it out; the text says which."""


async def inclusion_proof(reader_of: ReaderOf, partitions: int, notes: Iterable[str], fact_id: str) -> dict[str, Any]:
    """Proof that a fact or refusal is in the newest checkpoint of its partition. Raises `NothingToProve`."""
    held = _read(notes)
    for flow, number in flows(partitions):
        for place in ((flow.ledger, number), (flow.refused, number)):
            hashes, found = await _hashes(reader_of, place, fact_id)
            if found is None:
                continue
            index, offset = found
            origin = origin_of(place)
            size = max((size for name, size in held if name == origin), default=0)
            if index >= size:
                raise NothingToProve(f"{origin} offset {offset} is in no checkpoint yet: ask again in a minute")
            note = _must_fit(held, origin, size, hashes)
            return {
                "fact_id": fact_id,
                "origin": origin,
                "offset": offset,
                "index": index,
                "record_hash": _text(hashes[index]),
                "path": [_text(step) for step in inclusion(hashes[:size], index)],
                "checkpoint": note,
            }
    raise NothingToProve("no ledger or refused partition holds a record with this id")


async def consistency_proof(
    reader_of: ReaderOf, notes: Iterable[str], origin: str, older: int, newer: int
) -> dict[str, Any]:
    """Proof that the newer checkpoint of a partition continues the older. Raises `NothingToProve`."""
    held = _read(notes)
    missing = [size for size in (older, newer) if (origin, size) not in held]
    if missing or not 0 < older <= newer:
        sizes = sorted(size for name, size in held if name == origin)
        raise NothingToProve(f"two checkpoints of {origin} are needed, the older first; there are {sizes or 'none'}")
    hashes, _ = await _hashes(reader_of, place_of(origin), None)
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


def _must_fit(held: dict[tuple[str, int], tuple[Checkpoint, str]], origin: str, size: int, hashes: list[bytes]) -> str:
    checkpoint, note = held[origin, size]
    if len(hashes) < size or root_of(hashes[:size]) != checkpoint.root:
        raise NothingToProve(
            f"{origin} is not what was signed at {size} records: sis audit verify says what was changed"
        )
    return note


async def _hashes(reader_of: ReaderOf, place: Place, fact_id: str | None) -> tuple[list[bytes], tuple[int, int] | None]:
    """H(record) of a whole partition; index and offset of the record with this id."""
    hashes: list[bytes] = []
    found = None
    wanted = (named.ID, fact_id.encode()) if fact_id else None
    async for records in read_whole(reader_of, place):
        for record in records:
            if wanted is not None and wanted in record.headers:
                found = len(hashes), record.offset
            hashes.append(record_hash(record.key, record.headers, record.value))
    return hashes, found


def _text(content: bytes) -> str:
    return b64encode(content).decode()
