"""How things stood on a day, by what was known at an instant: the live view's own fold, of the facts that count then.

Knows how partitions are shared out among processes, and that one fold may go on where a stored one stands. Must never
send, nor touch the live view.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from services.audit.as_of_page import view_at
from services.audit.partition_reading import AT_ONCE, ReaderOf, flows
from services.audit.point import Point
from services.episodes.view import ChainBroken, Position, View
from services.episodes.view_folder import url_of
from services.log.chain import record_hash
from services.log.collector import spare_the_collector
from services.log.ports import Place, Reader
from services.log.record import Record

_FOLD_AT_ONCE = 60_000
"""Records in one transaction."""
_WAIT = 0.2


class Share(NamedTuple):
    """Partitions to be folded into the file of a point, each up to the offset named for it or, if None, its end."""

    reader_of: ReaderOf
    ends: Mapping[Place, int | None]
    path: Path
    point: Point


def ledgers(partitions: int) -> list[Place]:
    """Every ledger partition."""
    return [(flow.ledger, number) for flow, number in flows(partitions)]


async def fold(
    reader_of: ReaderOf,
    partitions: int,
    path: Path,
    point: Point,
    until: Mapping[Place, int] | None = None,
    pool: Executor | None = None,
) -> int:
    """Fold all that counts at the point into the file, from where it stands; returns how many records were new.

    Raises `ChainBroken` if a ledger does not go on from where the file stands: it is another ledger, or was altered.
    """
    view_at(url_of(path), point).close()  # the tables, before several processes look for them
    ends = {place: None if until is None else until.get(place, 0) for place in ledgers(partitions)}
    if pool is None:
        return await fold_share(Share(reader_of, ends, path, point))
    loop = asyncio.get_running_loop()
    shares = [Share(reader_of, {place: end}, path, point) for place, end in ends.items()]
    work = [loop.run_in_executor(pool, fold_alone, share) for share in shares]
    await asyncio.wait(work)  # if one fails the others write on: whoever removes the file waits for them
    return sum(await asyncio.gather(*work))


def fold_alone(share: Share) -> int:
    """The same as `fold_share`, for a process that does nothing else."""
    spare_the_collector()
    return asyncio.run(fold_share(share))


async def fold_share(share: Share) -> int:
    """Fold some partitions, all read by one reader; returns how many records were new."""
    view = view_at(url_of(share.path), share.point)
    reader = share.reader_of({place: max(0, view.stands(place).next_offset - 1) for place in share.ends})
    try:
        await reader.start()
        ends = dict(await reader.end_offsets(share.ends))
        for place, until in share.ends.items():
            ends[place] = ends[place] if until is None else min(ends[place], until)
            if view.stands(place).next_offset > ends[place]:
                raise ChainBroken(f"{place[0]} partition {place[1]} is shorter than when it was folded last")
        return await _level(reader, view, ends)
    finally:
        await reader.close()
        view.close()


async def _level(reader: Reader, view: View, ends: Mapping[Place, int]) -> int:
    """Fold what is new up to these ends; the record before where the view stands must be the one that was there."""
    waiting, folded = {place: list[Record]() for place in ends}, 0
    while any([await reader.position(place) < end for place, end in ends.items()]):
        for place, records in (await reader.read(AT_ONCE, _WAIT)).items():
            waiting[place] += _fresh(records, view.stands(place), ends[place])
            if len(waiting[place]) >= _FOLD_AT_ONCE:
                folded += view.apply(*place, waiting.pop(place))
                waiting[place] = []
    return folded + sum(view.apply(*place, records) for place, records in waiting.items())


def _fresh(records: Sequence[Record], stands: Position, end: int) -> list[Record]:
    fresh = [record for record in records if record.offset < end]
    if fresh and fresh[0].offset == stands.next_offset - 1:
        _must_be_the_same(fresh.pop(0), stands.last_hash)
    return fresh


def _must_be_the_same(record: Record, last_hash: bytes) -> None:
    if record_hash(record.key, record.headers, record.value) != last_hash:
        where = f"{record.topic} partition {record.partition} offset {record.offset}"
        raise ChainBroken(f"{where} is not the record that was folded before")
