"""Watching a running system from outside: what is decided, and what its view shows (design §4).

Knows how reader, offsets and view are put together for that. Must never write to a log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.episodes.view import View
from services.log.connection import Address
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.kafka_reader import KafkaReader
from services.log.ports import Place
from services.log.record import Record
from services.log.settling import Onlooker, outputs
from services.words.topics import EPISODES, HANDOVER


@dataclass(frozen=True, slots=True)
class Watch:
    """Connections of one watch, which began where the view stood when it was opened."""

    reader: KafkaReader
    offsets: KafkaGroupOffsets
    _onlooker: Onlooker
    _view: View

    async def until_visible(self) -> None:
        """Wait until the view shows all that lies in ledgers and refused topics by now."""
        await self._onlooker.until_visible(self._view.reload)


@asynccontextmanager
async def watching(
    bootstrap: Address, view_url: str, partitions: int, note: Callable[[Sequence[Record]], None] = lambda _: None
) -> AsyncIterator[Watch]:
    """Watch ledgers and refused topics; `note` is given what is read of them. Raises `BrokerAway`, `UnknownTopic`."""
    places: list[Place] = [*outputs(EPISODES, partitions), *outputs(HANDOVER, 1)]
    view = View(view_url)
    try:
        positions = view.reload()
        starts = {place: positions.get(place, 0) for place in places}
        async with KafkaReader(bootstrap, starts) as reader, KafkaGroupOffsets(bootstrap) as offsets:
            yield Watch(reader, offsets, Onlooker(reader, offsets, starts, note), view)
    finally:
        view.close()
