"""A whole log on Kafka, for those who read one topic and emit to another.

Knows which client does what. Must never know a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from services.log.connection import Address
from services.log.kafka_admin import apply
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.ports import Place
from services.words.topics import Topic


class KafkaLog:
    """The log of one broker or cluster."""

    def __init__(self, bootstrap: Address) -> None:
        self._bootstrap = bootstrap

    def reader(self, starts: Mapping[Place, int]) -> KafkaReader:
        """A reader of these partitions, each from its offset on."""
        return KafkaReader(self._bootstrap, starts)

    def sender(self) -> BatchSender:
        """A plain emitter."""
        return BatchSender(self._bootstrap)

    def offsets(self) -> KafkaGroupOffsets:
        """What groups have stored."""
        return KafkaGroupOffsets(self._bootstrap)

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make these topics if they are not there. Raises `PartitionsAreFixed`, `TopicsRefused`, `BrokerAway`."""
        await asyncio.to_thread(apply, self._bootstrap, topics)
