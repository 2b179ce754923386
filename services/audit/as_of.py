"""How things stood on a day, by what was known at an instant: the live view's own fold, of the facts that count then.

Knows how partitions are shared out among processes, and that one fold may go on where a stored one stands. Must never
send, nor touch the live view.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from services.audit.as_of_page import view_at
from services.audit.partition_reading import AT_ONCE, ReaderOf, flows
from services.audit.point import Point
from services.episodes.view import ChainBroken, View
from services.episodes.view_folder import url_of
from services.log.chain import record_hash
from services.log.collector import spare_the_collector
from services.log.ports import Place, Reader
from services.log.record import Record

_FOLD_AT_ONCE = 60_000
"""Records in one transaction."""
_WAIT = 0.2


class Share(NamedTuple):
    """One partition to be folded into the file of a point, up to the offset `until` or, if None, its end."""

    reader_of: ReaderOf
    place: Place
    path: Path
    point: Point
    until: int | None


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
    shares = [
        Share(reader_of, place, path, point, None if until is None else until.get(place, 0))
        for place in ledgers(partitions)
    ]
    return sum(await _folded(shares, pool))


async def _folded(shares: Sequence[Share], pool: Executor | None) -> Sequence[int]:
    if pool is None:
        return await _together([fold_partition(share) for share in shares])
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(pool, fold_alone, share) for share in shares))


async def _together(folds: Sequence[Coroutine[None, None, int]]) -> list[int]:
    """Each waits for the broker more than it folds, so they wait together; none is left running when one fails."""
    ends = await asyncio.gather(*folds, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return [end for end in ends if isinstance(end, int)]


def fold_alone(share: Share) -> int:
    """The same as `fold_partition`, for a process that does nothing else."""
    spare_the_collector()
    return asyncio.run(fold_partition(share))


async def fold_partition(share: Share) -> int:
    """Fold one partition; returns how many records were new."""
    view = view_at(url_of(share.path), share.point)
    stands = view.stands(share.place)
    reader = share.reader_of({share.place: max(0, stands.next_offset - 1)})
    try:
        await reader.start()
        end = (await reader.end_offsets([share.place]))[share.place]
        end = end if share.until is None else min(end, share.until)
        if stands.next_offset > end:
            raise ChainBroken(f"{share.place[0]} partition {share.place[1]} is shorter than when it was folded last")
        return await _level(reader, view, share.place, end)
    finally:
        await reader.close()
        view.close()


async def _level(reader: Reader, view: View, place: Place, end: int) -> int:
    """Fold what is new up to `end`; the record before where the view stands must be the one that was there."""
    stands, waiting, folded = view.stands(place), list[Record](), 0
    while await reader.position(place) < end:
        records = list((await reader.read(AT_ONCE, _WAIT)).get(place, ()))
        if records and records[0].offset == stands.next_offset - 1:
            _must_be_the_same(records.pop(0), stands.last_hash)
        waiting += [record for record in records if record.offset < end]
        if len(waiting) >= _FOLD_AT_ONCE:
            folded += view.apply(*place, waiting)
            waiting = []
    return folded + view.apply(*place, waiting)


def _must_be_the_same(record: Record, last_hash: bytes) -> None:
    if record_hash(record.key, record.headers, record.value) != last_hash:
        where = f"{record.topic} partition {record.partition} offset {record.offset}"
        raise ChainBroken(f"{where} is not the record that was folded before")
