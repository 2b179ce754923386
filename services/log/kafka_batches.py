"""Fills one batch a partition and hands full ones over, for the turns and for the batch sender.

Knows aiokafka's batch interface, 1.5 times the rate of one `send` a record. Must never know what a record says, nor
when a transaction begins or ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from services.log.ports import Place
from services.log.record import Draft
from services.log.size import LARGEST_DRAFT, must_fit

BATCH_BYTES = 1 << 20
"""A batch holds at most a mebibyte, or one record larger than that."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch handed over: `future` must be awaited, or its loss goes unnoticed (F3). `drafts` are those in it."""

    place: Place
    drafts: tuple[Draft, ...]
    future: asyncio.Future[Any]


class _Batch:
    """One batch being filled."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.builder = producer.create_batch()
        self.drafts: list[Draft] = []

    def takes(self, draft: Draft) -> bool:
        """Append the draft; False if the batch is full. The first draft is taken whatever its size."""
        kept = self.builder.append(key=draft.key, value=draft.value, timestamp=None, headers=list(draft.headers))
        if kept is None:
            return False
        if kept.size > LARGEST_DRAFT // 2:  # near the bound: only then is the exact rule worth its time
            must_fit(draft)
        self.drafts.append(draft)
        return True


class Batches:
    """Batches of one producer. Drafts of one partition are handed over in the order in which they were added."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[Place, _Batch] = {}
        self.sent: deque[Sent] = deque()

    async def add(self, drafts: Iterable[Draft]) -> None:
        """Put drafts into their partitions' batches. Raises `DraftTooLarge`."""
        for draft in drafts:
            place = (draft.topic, draft.partition)
            batch = self._open.get(place)
            if batch is None:
                batch = self._open[place] = _Batch(self._producer)
            if not batch.takes(draft):
                await self._hand_over(place)
                batch = self._open[place] = _Batch(self._producer)
                batch.takes(draft)

    async def hand_over_all(self) -> None:
        """Hand over every batch that is being filled."""
        for place in list(self._open):
            await self._hand_over(place)

    def not_handed_over(self) -> list[Draft]:
        """Drafts in batches that are still being filled."""
        return [draft for batch in self._open.values() for draft in batch.drafts]

    async def _hand_over(self, place: Place) -> None:
        batch = self._open[place]
        future = await self._producer.send_batch(batch.builder, place[0], partition=place[1])
        self.sent.append(Sent(place, tuple(batch.drafts), future))
        del self._open[place]
