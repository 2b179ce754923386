"""A log with every topic of a county, in memory or on Kafka, whose ledgers a test writes as their owners would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import datetime
from typing import Protocol

from aiokafka import AIOKafkaProducer

from services.log.kafka_admin import administration, apply
from services.log.kafka_log import KafkaLog
from services.log.kafka_turns import KafkaTurns
from services.log.memory import MemoryLog
from services.log.memory_clients import InMemory
from services.log.memory_turns import MemoryTurns
from services.log.ports import Log, Place
from services.log.record import Draft, Record
from services.log.turns import Turns
from services.words.topics import DOOR_READS, EPISODES, HANDOVER, Flow, catalogue, door_group

PARTITIONS = 2


class World(Protocol):
    """A log, and the port by which an owner writes a ledger."""

    @property
    def log(self) -> Log:
        """The log."""

    def turns(self, flow: Flow, number: int) -> Turns:
        """An owner of one partition."""

    async def empty(self) -> None:
        """Forget everything that was said so far."""

    def transaction(self, draft: Draft) -> AbstractAsyncContextManager[None]:
        """A transaction that has written this and is open within the context; then it is aborted."""


class MemoryWorld:
    """A log in memory."""

    def __init__(self) -> None:
        self._kept = MemoryLog()
        self.log = InMemory(self._kept)

    def turns(self, flow: Flow, number: int) -> Turns:
        """An owner of one partition."""
        return MemoryTurns(self._kept, flow, number)

    async def empty(self) -> None:
        """It is new."""
        await self.log.create(catalogue(PARTITIONS))

    @asynccontextmanager
    async def transaction(self, draft: Draft) -> AsyncIterator[None]:
        """A transaction that has written this and is open within the context."""
        transaction = self._kept.begin(self._kept.take_over("somebody"))
        self._kept.append(draft, transaction)
        yield
        self._kept.abort(transaction)


class KafkaWorld:
    """A broker; its topics are made anew for each test."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.log = KafkaLog(bootstrap)

    def turns(self, flow: Flow, number: int) -> Turns:
        """An owner of one partition."""
        return KafkaTurns(self.bootstrap, flow, number)

    async def empty(self) -> None:
        """Delete what former tests left, and make the topics again."""
        with closing(administration(self.bootstrap, 20.0)) as admin:
            left = [topic["name"] for topic in admin.describe_topics() if topic["name"].startswith("kmpt.")]
            if left:
                admin.delete_topics(left)
                # The broker forgets a topic a moment after it has agreed to.
                while set(left) & {topic["name"] for topic in admin.describe_topics()}:
                    await asyncio.sleep(0.02)
                admin.delete_groups([*map(door_group, DOOR_READS), EPISODES.engine, HANDOVER.engine])
        apply(self.bootstrap, catalogue(PARTITIONS))

    @asynccontextmanager
    async def transaction(self, draft: Draft) -> AsyncIterator[None]:
        """A transaction that has written this and is open within the context."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id="somebody")
        await producer.start()
        await producer.begin_transaction()
        await producer.send_and_wait(draft.topic, draft.value, draft.key, draft.partition)
        yield
        await producer.abort_transaction()
        await producer.stop()


class Owner:
    """Writes one partition's ledger in transactions, as its engine would, and reads nothing."""

    def __init__(self, world: World, flow: Flow, number: int = 0) -> None:
        self._turns = world.turns(flow, number)
        self._place = (flow.ledger, number)
        self._inputs = 0

    async def start(self) -> None:
        """Become the owner."""
        await self._turns.take_over()

    async def write(self, *records: Record) -> None:
        """One transaction of these facts, said to be of the next input."""
        self._inputs += 1
        topic, number = self._place
        drafts = [Draft(topic, number, record.key, record.headers, record.value) for record in records]
        await self._turns.write(drafts, self._inputs)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._turns.close()


async def lying_in(log: Log, places: Sequence[Place]) -> list[Record]:
    """All that lies in these partitions, partition by partition."""
    reader = log.reader(dict.fromkeys(places, 0))
    await reader.start()
    found: dict[Place, list[Record]] = {place: [] for place in places}
    while not all([await reader.at_end(place) for place in places]):
        for place, records in (await reader.read(1000, 0.05)).items():
            found[place] += records
    await reader.close()
    return [record for place in places for record in found[place]]


async def positions_of(log: Log, door: str) -> dict[Place, int]:
    """Where a door stands."""
    offsets = log.offsets()
    await offsets.start()
    found = (await offsets.stored([door_group(door)]))[door_group(door)]
    await offsets.close()
    return dict(found)


async def at_ends(log: Log, door: str) -> bool:
    """Whether a door stands at the ends of all that it reads."""
    offsets = log.offsets()
    await offsets.start()
    positions = await positions_of(log, door)
    ends = await offsets.ends(list(positions))
    await offsets.close()
    return positions == ends


async def say_on(log: Log, drafts: Sequence[Draft]) -> None:
    """Append drafts as a plain emitter."""
    sender = log.sender()
    await sender.start()
    for draft in drafts:
        await sender.add(draft)
    await sender.flush()
    await sender.close()


class Clock:
    """A clock that a test turns."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The instant."""
        return self.now
