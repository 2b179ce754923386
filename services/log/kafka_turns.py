"""The engine's port on Apache Kafka: one inbox partition, and transactions that only its newest owner can commit.

The order of the steps and the awaiting of every future are what makes a turn exactly once; each guard here was seen
to save the ledger from a fault. Knows aiokafka and positions. Must never know what a record says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced, TransactionalIdAuthorizationFailed

from services.log.connection import Address, client_settings, refused
from services.log.errors import BrokerAway, LogCut, Spent
from services.log.kafka_batches import BATCH_BYTES, Batches
from services.log.kafka_closing import let_go
from services.log.kafka_entrance import why_kept_out
from services.log.kafka_reader import KafkaReader
from services.log.record import Draft, Record
from services.log.turns import Fenced
from services.words.topics import Flow

TRANSACTION_MS = 30_000
"""After so long the broker aborts a transaction whose owner says nothing; readers wait behind it until then."""
REQUEST_MS = 20_000
"""After so long a request has failed; shorter than a transaction may last."""
_REBUILD_BATCH = 5_000
_REBUILD_WAIT = 0.1
"""Seconds; also how long a stretch without a committed record holds a rebuild up."""


class KafkaTurns:
    """Turns of one flow's partition.

    A broker that is frozen can hold up `write` for ever: run it under a `Watchdog`.
    """

    def __init__(self, bootstrap: Address, flow: Flow, partition: int) -> None:
        self._bootstrap = bootstrap
        self._flow = flow
        self._partition = partition
        self._inbox = TopicPartition(flow.inbox, partition)
        self._producer: AIOKafkaProducer = None
        self._usable = False
        self._reader: KafkaReader | None = None
        self._redrives: KafkaReader | None = None

    async def take_over(self) -> None:
        """Become the owner: the transactional id is the partition's for ever, so starting its producer fences."""
        self._producer = AIOKafkaProducer(
            transactional_id=f"{self._flow.engine}-{self._partition}",
            transaction_timeout_ms=TRANSACTION_MS,
            request_timeout_ms=REQUEST_MS,
            max_batch_size=BATCH_BYTES,
            **client_settings(self._bootstrap),
        )
        try:
            await asyncio.wait_for(self._producer.start(), REQUEST_MS / 1000)
        except TransactionalIdAuthorizationFailed as denied:
            await self.close()
            raise refused(self._bootstrap, "own", self._name()) from denied
        except (TimeoutError, KafkaError) as error:
            await self.close()
            away = BrokerAway(f"the broker has not let {self._name()} take over: is it running?")
            raise await why_kept_out(self._bootstrap) or away from error
        self._usable = True

    def ledger(self) -> AsyncIterator[Sequence[Record]]:
        """All committed records of the ledger partition, up to its end at the time of asking.

        Complete for all that was written before `take_over`, which waits for the markers of the former owner. What
        this owner has committed itself may be missing for some milliseconds: a commit returns before its markers lie.
        """
        return self._to_end(self._flow.ledger)

    def refused(self) -> AsyncIterator[Sequence[Record]]:
        """All committed records of the refused partition, up to its end at the time of asking."""
        return self._to_end(self._flow.refused)

    async def seek(self, offset: int) -> None:
        """Read the inbox from `offset` on."""
        if self._reader is None:
            self._reader = KafkaReader(self._bootstrap, {self._inbox: offset})
            await self._reader.start()
        else:
            self._reader.seek(self._inbox, offset)

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next inbox records; with the broker away none, as if there were none."""
        if self._reader is None:
            raise Spent("the inbox is read after seek, not before")
        return (await self._reader.read(at_most, wait)).get(self._inbox, ())

    async def write(self, drafts: Sequence[Draft], read_up_to: int) -> None:
        """One transaction of all drafts and the group's offset.

        Raises `Fenced` if there is a newer owner, `DraftTooLarge`, or the client's error. After any of them the
        producer is not used again (F4): every later `write` raises `Spent`.
        """
        if not self._usable:
            raise Spent(f"no owner, or a turn of {self._name()} has failed: end the process and take over anew")
        self._usable = False
        try:
            async with self._producer.transaction():
                await self._send(drafts)
                await self._producer.send_offsets_to_transaction({self._inbox: read_up_to}, self._flow.engine)
        except ProducerFenced as error:
            raise Fenced(f"another process has taken over {self._name()}") from error
        self._usable = True

    async def inbox_record(self, offset: int) -> Record | None:
        """One inbox record by its offset, read beside the main reader; None if there is none there."""
        if self._redrives is None:
            self._redrives = KafkaReader(self._bootstrap, {self._inbox: 0})
            await self._redrives.start()
        if not 0 <= offset < (await self._redrives.end_offsets([self._inbox]))[self._inbox]:
            return None
        self._redrives.seek(self._inbox, offset)
        try:
            return await self._first(self._redrives, offset)
        except LogCut:  # older than what the inbox still keeps
            return None

    async def close(self) -> None:
        """Let go of the connections; a turn that was not committed never will be."""
        self._usable = False
        if self._producer is not None:
            await let_go(self._producer)
        for reader in (self._reader, self._redrives):
            if reader is not None:
                await reader.close()

    async def _send(self, drafts: Sequence[Draft]) -> None:
        """Send all drafts and wait for every batch: a commit would succeed without one that failed (F3)."""
        batches = Batches(self._producer)
        await batches.add(drafts)
        await batches.hand_over_all()
        for outcome in await asyncio.gather(*(sent.future for sent in batches.sent), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _to_end(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        place = (topic, self._partition)
        async with KafkaReader(self._bootstrap, {place: 0}) as reader:
            end = (await reader.end_offsets([place]))[place]
            while await reader.position(place) < end:
                records = (await reader.read(_REBUILD_BATCH, _REBUILD_WAIT)).get(place, ())
                if records:
                    yield records

    async def _first(self, reader: KafkaReader, offset: int) -> Record | None:
        while await reader.position(self._inbox) <= offset:
            for record in (await reader.read(1, _REBUILD_WAIT)).get(self._inbox, ()):
                return record if record.offset == offset else None
        return None

    def _name(self) -> str:
        return f"{self._flow.engine}, partition {self._partition}"
