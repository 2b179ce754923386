"""Two faults of the Kafka client in which a guard of the turns is what saves the ledger."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from services.log import kafka_admin
from services.log.errors import Spent
from services.log.kafka_reader import KafkaReader
from services.log.kafka_turns import KafkaTurns
from services.log.record import Draft
from services.words.topics import Flow, Topic

TAKEN = b"small"
NOT_TAKEN = b"x" * 5_000
"""Larger than the ledger of these tests keeps: its batch fails at the broker, nothing else does."""


@pytest.fixture
def bootstrap(kafka: object) -> str:
    """Where the broker answers."""
    return str(kafka.bootstrap)  # type: ignore[attr-defined]  # the fixture's class belongs to the stack


@pytest.fixture
def flow(bootstrap: str) -> Flow:
    """A flow whose ledger keeps only small records."""
    run = uuid4().hex[:8]
    flow = Flow(f"fail.{run}.inbox", f"fail.{run}.ledger", f"fail.{run}.refused", f"fail.{run}.engine")
    topics = [Topic(name, "key", 1, -1, "test") for name in (flow.inbox, flow.refused)]
    kafka_admin.apply(bootstrap, [*topics, Topic(flow.ledger, "key", 1, -1, "test", max_record_bytes=2_000)])
    return flow


async def bare_producer(bootstrap: str, flow: Flow) -> AIOKafkaProducer:
    """The client as it is, without the guards."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{flow.engine}-0")
    await producer.start()
    return producer


async def kept(bootstrap: str, flow: Flow) -> tuple[list[bytes | None], int | None]:
    """What a reader sees in the ledger, and how far the group says that the inbox was read.

    The take-over waits until all that was committed or aborted before can be read as such.
    """
    settled = KafkaTurns(bootstrap, flow, 0)
    await settled.take_over()
    await settled.close()
    place = (flow.ledger, 0)
    values: list[bytes | None] = []
    async with KafkaReader(bootstrap, {place: 0}) as reader:
        while not await reader.at_end(place):
            values += [record.value for record in (await reader.read(100, 0.1)).get(place, ())]
        return values, await reader.group_offset(flow.engine, flow.inbox, 0)


async def send(producer: AIOKafkaProducer, flow: Flow, value: bytes) -> object:
    """One batch of one record; returns the future that tells its fate."""
    batch = producer.create_batch()
    batch.append(key=b"key", value=value, timestamp=None, headers=[])
    return await producer.send_batch(batch, flow.ledger, partition=0)


async def test_f3_a_commit_succeeds_without_a_batch_that_nobody_awaited(bootstrap: str, flow: Flow) -> None:
    """F3: left to itself the client commits the inbox offset although the fact decided from it is lost."""
    producer = await bare_producer(bootstrap, flow)

    async with producer.transaction():
        lost = await send(producer, flow, NOT_TAKEN)
        await producer.send_offsets_to_transaction({TopicPartition(flow.inbox, 0): 7}, flow.engine)

    with pytest.raises(MessageSizeTooLargeError):
        await lost  # type: ignore[misc]  # a future of an untyped client
    assert await kept(bootstrap, flow) == ([], 7)
    await producer.stop()


async def test_f3_a_turn_with_a_failed_batch_is_aborted(bootstrap: str, flow: Flow) -> None:
    """F3: the turns await every batch before the offset, so the same failure leaves no fact and no offset."""
    turns = KafkaTurns(bootstrap, flow, 0)
    await turns.take_over()

    with pytest.raises(MessageSizeTooLargeError):
        await turns.write([Draft(flow.refused, 0, b"key", [], TAKEN), Draft(flow.ledger, 0, b"key", [], NOT_TAKEN)], 7)

    assert await kept(bootstrap, flow) == ([], None)
    assert [batch async for batch in turns.refused()] == []
    await turns.close()


async def test_f4_a_producer_that_has_aborted_a_failed_batch_fails_for_ever(bootstrap: str, flow: Flow) -> None:
    """F4: left to itself the client counts the failed batch, and the broker refuses all that comes after it."""
    producer = await bare_producer(bootstrap, flow)
    with pytest.raises(MessageSizeTooLargeError):
        async with producer.transaction():
            await (await send(producer, flow, NOT_TAKEN))  # type: ignore[misc]  # a future of an untyped client

    with pytest.raises(KafkaError):
        async with producer.transaction():
            await (await send(producer, flow, TAKEN))  # type: ignore[misc]  # a future of an untyped client

    assert await kept(bootstrap, flow) == ([], None)
    await producer.stop()


async def test_f4_turns_never_use_a_producer_after_an_abort(bootstrap: str, flow: Flow) -> None:
    """F4: after a failed turn the owner refuses to write, and a new owner writes as if nothing had been."""
    turns = KafkaTurns(bootstrap, flow, 0)
    await turns.take_over()
    with pytest.raises(MessageSizeTooLargeError):
        await turns.write([Draft(flow.ledger, 0, b"key", [], NOT_TAKEN)], 1)

    with pytest.raises(Spent, match="end the process"):
        await turns.write([Draft(flow.ledger, 0, b"key", [], TAKEN)], 1)
    await turns.close()
    after = KafkaTurns(bootstrap, flow, 0)
    await after.take_over()
    await after.write([Draft(flow.ledger, 0, b"key", [], TAKEN)], 1)

    assert await kept(bootstrap, flow) == ([TAKEN], 1)
    await after.close()
