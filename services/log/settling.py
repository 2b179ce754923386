"""When what was sent is decided, and when it can be seen (design §4: decided, visible).

Knows group offsets, ends of partitions and positions of a view. Must never trust an answer of None, nor a last record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from services.log.ports import Place, Reader
from services.log.record import Record
from services.words.topics import EPISODES, HANDOVER, Flow

_POLL = 0.005
_BATCH = 20_000
_GROUP_OF = {flow.inbox: flow.engine for flow in (EPISODES, HANDOVER)}

Positions = Callable[[], Mapping[Place, int]]
"""Asks a view for the next offset of each partition that it folds."""


def outputs(flow: Flow, partitions: int) -> list[Place]:
    """The partitions that a flow's engine writes."""
    return [(topic, number) for topic in (flow.ledger, flow.refused) for number in range(partitions)]


async def decided(reader: Reader, last: Mapping[Place, int]) -> bool:
    """Whether the engines have decided each inbox partition beyond these offsets."""
    for (topic, partition), offset in last.items():
        stored = await reader.group_offset(_GROUP_OF[topic], topic, partition)
        if stored is None or stored <= offset:
            return False
    return True


async def until_decided(reader: Reader, last: Mapping[Place, int]) -> None:
    """Wait until it is so."""
    while not await decided(reader, last):
        await asyncio.sleep(_POLL)


class Onlooker:
    """Reads what engines write, from where a view stood at first, and knows whether the view has seen it all."""

    def __init__(self, reader: Reader, starts: Mapping[Place, int], note: Callable[[Sequence[Record]], None]) -> None:
        self._reader = reader
        self._next = dict(starts)
        self._note = note

    async def look(self) -> None:
        """Read on to the present ends."""
        while not await self._at_ends():
            for place, records in (await self._reader.read(_BATCH, 0.05)).items():
                self._next[place] = records[-1].offset + 1
                self._note(records)

    async def until_visible(self, positions: Positions) -> None:
        """Wait until a view has folded every record up to the present ends."""
        await self.look()
        while not self._seen(positions()):
            await asyncio.sleep(_POLL)

    def _seen(self, positions: Mapping[Place, int]) -> bool:
        return all(positions.get(place, 0) >= following for place, following in self._next.items())

    async def _at_ends(self) -> bool:
        ends = await self._reader.end_offsets(self._next)
        return all([await self._reader.position(place) >= end for place, end in ends.items()])
