"""When what was sent is decided, when it can be seen, and when nothing moves any more (design §4).

Knows group offsets, ends of partitions and positions of a view. Must never trust an answer of None, nor a last record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from services.log.ports import GroupOffsets, Place, Reader
from services.log.record import Record
from services.words.topics import DOOR_READS, EPISODES, HANDOVER, Flow, door_group

_POLL = 0.005
_BATCH = 20_000
_GROUP_OF = {flow.inbox: flow.engine for flow in (EPISODES, HANDOVER)}
_READ_BY = {
    **{flow.engine: flow.inbox for flow in (EPISODES, HANDOVER)},
    **{door_group(door): ledger for door, ledger in DOOR_READS.items()},
}
"""What each engine and each door reads; all else that has a stored position (providers' replies) is read as well."""

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


class Settling:
    """Whether the engines and the doors of a system have come to rest.

    An effect lies in the log before the position of its cause is stored. So if every position is at the end of what is
    read there, and the ends are the same before and after the positions were asked for, nothing is under way.
    """

    def __init__(self, offsets: GroupOffsets, partitions: int) -> None:
        """`partitions` is the number of those of the episodes topics."""
        self._offsets = offsets
        self._read = {
            (group, (topic, number))
            for group, topic in _READ_BY.items()
            for number in range(partitions if topic in (EPISODES.inbox, EPISODES.ledger) else 1)
        }
        self._written = {
            (topic, number)
            for flow, count in ((EPISODES, partitions), (HANDOVER, 1))
            for topic in (flow.inbox, flow.ledger, flow.refused)
            for number in range(count)
        }

    async def until_settled(self) -> None:
        """Wait until it is so. Raises `BrokerAway`."""
        ends = await self._ends()
        while True:
            while not await self._all_read(ends):
                await asyncio.sleep(_POLL)
                ends = await self._ends() if None in ends.values() or not self._asked(ends) else ends
            before, ends = ends, await self._ends()
            if ends == before:
                return

    def _asked(self, ends: Mapping[Place, int | None]) -> bool:
        """Whether these are the ends of everything that is known to be read."""
        return all(place in ends for _, place in self._read)

    async def _ends(self) -> Mapping[Place, int | None]:
        return await self._offsets.ends(self._written | {place for _, place in self._read})

    async def _all_read(self, ends: Mapping[Place, int | None]) -> bool:
        """Whether each position is at the end of what is read there; a topic that was unknown so far is asked next."""
        stored = await self._offsets.stored(list(_READ_BY))
        self._read |= {(group, place) for group, positions in stored.items() for place in positions}
        return None not in ends.values() and all(
            place in ends and stored[group].get(place, 0) >= (ends[place] or 0) for group, place in self._read
        )


class Onlooker:
    """Reads what engines write, from where a view stood at first, and knows whether the view has seen it all."""

    def __init__(
        self,
        reader: Reader,
        offsets: GroupOffsets,
        starts: Mapping[Place, int],
        note: Callable[[Sequence[Record]], None],
    ) -> None:
        self._reader = reader
        self._offsets = offsets
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
        """Whether all is read. While a transaction is open, or committed but not marked yet, it is not."""
        ends = await self._offsets.ends(self._next)
        at = {place: await self._reader.position(place) for place in ends}
        return all(end is not None and at[place] >= end for place, end in ends.items())
