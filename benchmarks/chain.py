"""Chain and root of one ledger partition, and nothing else: the part of a verification that needs no inbox.

Loads what the command's own processes load, since their start counts.
"""

from __future__ import annotations

import asyncio

from services.audit.added import added
from services.audit.checkpoint import origin_of
from services.audit.findings import Report
from services.audit.verify_chain import Chain
from services.audit.verify_share import Share, rooted
from services.log.collector import spare_the_collector
from services.words.topics import EPISODES_LEDGER


def follow_alone(share: Share) -> None:
    """Follow it, in a process that does nothing else."""
    spare_the_collector()
    asyncio.run(_follow(share))


async def _follow(share: Share) -> None:
    place, report = (EPISODES_LEDGER, share.number), Report()
    chain = Chain(origin_of(place), report)
    async for records, hashes in rooted(share, place, report):
        chain.take(records, hashes, [added(record.headers) for record in records])
    if report.findings:
        raise AssertionError(report.findings[0].sentence())
