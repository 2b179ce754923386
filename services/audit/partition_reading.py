"""A partition read from its first record to its present end, batch by batch.

Knows the Reader port. Must never know what a record says.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

from services.log.ports import Place, Reader
from services.log.record import Record
from services.words.topics import EPISODES, HANDOVER, Flow

AT_ONCE = 5_000
"""Records of a batch."""
_WAIT = 0.2

ReaderOf = Callable[[Mapping[Place, int]], Reader]
"""Makes a reader of these partitions, each from its offset on."""


async def read_whole(reader_of: ReaderOf, place: Place, begin: int = 0) -> AsyncGenerator[Sequence[Record], None]:
    """All committed records of a partition, from `begin` on, up to its end at the time of asking.

    Whoever may leave it before its end closes it (`contextlib.aclosing`): left to itself, its connections stay open.
    """
    reader = reader_of({place: begin})
    try:
        await reader.start()
        end = (await reader.end_offsets([place]))[place]
        while await reader.position(place) < end:
            records = (await reader.read(AT_ONCE, _WAIT)).get(place, ())
            if records:
                yield records
    finally:
        await reader.close()


def watched(episodes_partitions: int) -> list[Place]:
    """Every partition that has checkpoints: inboxes, ledgers and refused topics of both flows."""
    return [place for flow, number in flows(episodes_partitions) for place in places_of(flow, number)]


def flows(episodes_partitions: int) -> list[tuple[Flow, int]]:
    """Each flow with each of its partitions."""
    return [*((EPISODES, number) for number in range(episodes_partitions)), (HANDOVER, 0)]


def places_of(flow: Flow, number: int) -> tuple[Place, Place, Place]:
    """Inbox, ledger and refused partition."""
    return (flow.inbox, number), (flow.ledger, number), (flow.refused, number)
