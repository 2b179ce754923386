"""One partition of a flow, verified: inbox, ledger and refused records against each other and against what is held.

Knows the order of reading: what was decided before the inbox, so that a system that goes on meanwhile is not found
wrong. Needs no other partition, so each may be verified in a process of its own. Must never send.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from services.audit.added import added
from services.audit.checkpoint import origin_of
from services.audit.findings import Report
from services.audit.partition_reading import ReaderOf, places_of, read_whole
from services.audit.verify_causes import Causes
from services.audit.verify_chain import Chain
from services.audit.verify_roots import LATE_MS, Held, Roots
from services.log.chain import record_hash
from services.log.collector import spare_the_collector
from services.log.errors import LogDamaged
from services.log.ports import Place
from services.log.record import Record
from services.words.topics import Flow


class Share(NamedTuple):
    """What one verification of a partition needs.

    `held`: by origin, what witnesses hold of it; `signed_ms`: when the newest checkpoint of all was published; `gone`:
    partitions that are not there.
    """

    reader_of: ReaderOf
    flow: Flow
    number: int
    held: Mapping[str, Sequence[Held]]
    signed_ms: int | None = None
    gone: frozenset[Place] = frozenset()


def verify_alone(share: Share) -> Report:
    """The same as `verify`, for a process that does nothing else."""
    spare_the_collector()
    return asyncio.run(verify(share))


async def verify(share: Share) -> Report:
    """Verify one partition; where it cannot be read on, that is a finding, and the last one."""
    report = Report()
    try:
        await _verify(share, report)
    except LogDamaged as damaged:
        report.damaged(damaged, "inbox, ledger and refused records of this number are not verified further")
    return report


async def _verify(share: Share, report: Report) -> None:
    inbox, *decided = places_of(share.flow, share.number)
    causes = Causes(origin_of(inbox), report)
    for place in (place for place in decided if place not in share.gone):
        chain, origin = Chain(origin_of(place), report), origin_of(place)
        async for records, hashes in rooted(share, place, report):
            headers = [added(record.headers) for record in records]
            chain.take(records, hashes, headers)
            causes.take_decided(origin, records, headers)
    is_whole = share.gone.isdisjoint((inbox, *decided))  # else each counterpart of what is gone would be found wrong
    if inbox not in share.gone:
        async for records, hashes in rooted(share, inbox, report):
            if is_whole:
                causes.take_inbox(records, hashes)
    if is_whole:
        causes.end()


async def rooted(share: Share, place: Place, report: Report) -> AsyncIterator[tuple[Sequence[Record], list[bytes]]]:
    """The partition's records with their hashes, compared with every checkpoint on the way."""
    origin = origin_of(place)
    held = share.held.get(origin, [])
    roots, count = Roots(origin, held, report), 0
    signed, unsigned = max((one.size for one in held), default=0), list[Record]()
    async for records in read_whole(share.reader_of, place):
        hashes = [record_hash(record.key, record.headers, record.value) for record in records]
        roots.take(hashes, [record.offset for record in records])
        if not unsigned:
            unsigned = list(records[signed - count :][:1])
        count += len(records)
        yield records, hashes
    roots.end()
    report.count(f"records of {place[0]}", count)
    if count and not share.held:
        what = "no checkpoint of it is held anywhere"
        report.find(origin, None, what, "A chain can be recomputed, so nothing proves that it is the original")
    elif unsigned and share.signed_ms is not None and unsigned[0].timestamp + LATE_MS < share.signed_ms:
        what = f"{'no newer' if held else 'no'} checkpoint of it is held, though the notary has signed others since"
        means = "Its checkpoints were removed from the folder and the topic, or the notary was kept from reading it"
        report.find(origin, unsigned[0].offset, what, means)
