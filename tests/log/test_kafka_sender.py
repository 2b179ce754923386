"""Both senders on Kafka: in order, all kept or named as not known to be kept, and never waiting for ever."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Protocol
from uuid import uuid4

import pytest

from services.log import kafka_admin
from services.log.errors import BrokerAway, DraftTooLarge, Spent
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender, ReliableSender
from services.log.record import Draft
from services.log.size import LARGEST_DRAFT
from services.stack.broker import Broker
from services.words.topics import Topic


class Kafka(Protocol):
    """A broker that answers at `bootstrap`."""

    @property
    def bootstrap(self) -> str:
        """host:port."""
        ...


def new_topic(bootstrap: str, **settings: int) -> str:
    """A topic of two partitions that no other test has."""
    name = f"send.{uuid4().hex[:8]}"
    kafka_admin.apply(bootstrap, [Topic(name, "key", 2, -1, "test", **settings)])
    return name


@pytest.fixture
def topic(kafka: Kafka) -> str:
    """A topic of two partitions."""
    return new_topic(kafka.bootstrap)


def draft(topic: str, number: int, value: bytes = b"") -> Draft:
    """A numbered draft; even ones go to partition 0, odd ones to partition 1."""
    return Draft(topic, number % 2, b"%d" % number, [("ce_id", b"%d" % number)], value)


async def keys_in(bootstrap: str, topic: str, partition: int) -> list[int]:
    """The numbers of the records of one partition, in order."""
    place = (topic, partition)
    keys: list[int] = []
    async with KafkaReader(bootstrap, {place: 0}) as reader:
        while not await reader.at_end(place):
            keys += [int(record.key or b"-1") for record in (await reader.read(10_000, 0.2)).get(place, ())]
    return keys


async def send_batched(bootstrap: str, drafts: list[Draft]) -> dict[tuple[str, int], int]:
    """All drafts through a batch sender, and what its flush said."""
    sender = BatchSender(bootstrap)
    await sender.start()
    try:
        for one in drafts:
            await sender.add(one)
        return {place: runs[-1].stop - 1 for place, runs in (await sender.flush()).items()}
    finally:
        await sender.close()


def send_steadily(bootstrap: str, drafts: list[Draft]) -> dict[tuple[str, int], int]:
    """The same through a reliable sender."""
    sender = ReliableSender(bootstrap)
    try:
        deliveries = {(one.topic, one.partition): sender.send(one) for one in drafts}
        sender.flush(30)
        return {place: delivery.offset(1) for place, delivery in deliveries.items()}
    finally:
        sender.close()


Way = Callable[[str, list[Draft]], dict[tuple[str, int], int]]
WAYS: list[Way] = [lambda bootstrap, drafts: asyncio.run(send_batched(bootstrap, drafts)), send_steadily]


@pytest.mark.parametrize("way", WAYS, ids=["batch", "reliable"])
@pytest.mark.parametrize("value", [b"v" * 230, b"v" * 100_000], ids=["small", "many batches"])
def test_every_draft_is_kept_once_and_in_order(kafka: Kafka, topic: str, way: Way, value: bytes) -> None:
    """Whatever the size, each partition holds its drafts once, in order, and the sender knows the last offsets."""
    count = 3_000 if len(value) < 1_000 else 60

    last = way(kafka.bootstrap, [draft(topic, number, value) for number in range(count)])

    assert [asyncio.run(keys_in(kafka.bootstrap, topic, partition)) for partition in (0, 1)] == [
        list(range(0, count, 2)),
        list(range(1, count, 2)),
    ]
    assert last == {(topic, 0): count // 2 - 1, (topic, 1): count // 2 - 1}


async def test_flush_tells_only_of_what_came_since_the_last(kafka: Kafka, topic: str) -> None:
    """A batch sender is flushed again and again; each time it names the partitions written since."""
    sender = BatchSender(kafka.bootstrap)
    await sender.start()
    flushed = []
    for numbers in ([0, 2], [], [1], [4]):
        for number in numbers:
            await sender.add(draft(topic, number))
        flushed.append(dict(await sender.flush()))
    await sender.close()

    assert flushed == [{(topic, 0): [range(2)]}, {}, {(topic, 1): [range(1)]}, {(topic, 0): [range(2, 3)]}]


@pytest.mark.parametrize("way", WAYS, ids=["batch", "reliable"])
def test_draft_too_large_is_refused_when_handed_over(kafka: Kafka, topic: str, way: Way) -> None:
    """A record that no topic could keep is refused by size before the broker sees it; the largest that fits is kept."""
    with pytest.raises(DraftTooLarge):
        way(kafka.bootstrap, [draft(topic, 0, b"x" * LARGEST_DRAFT)])

    assert way(kafka.bootstrap, [draft(topic, 2, b"x" * (LARGEST_DRAFT - 100))]) == {(topic, 0): 0}


async def test_batch_sender_names_what_the_broker_did_not_take(kafka: Kafka) -> None:
    """What the broker refuses is listed in the error, what it took is not, and the sender is spent."""
    topic = new_topic(kafka.bootstrap, max_record_bytes=2_000)
    sender = BatchSender(kafka.bootstrap)
    await sender.start()
    good, bad = draft(topic, 0), draft(topic, 1, b"x" * 5_000)
    await sender.add(good)
    await sender.add(bad)

    with pytest.raises(BrokerAway, match="1 records are not known to be kept") as failed:
        await sender.flush()

    assert failed.value.undelivered == (bad,)
    with pytest.raises(Spent):
        await sender.add(good)
    await sender.close()


def test_reliable_sender_names_what_the_broker_did_not_take(kafka: Kafka) -> None:
    """The same of the reliable sender."""
    topic = new_topic(kafka.bootstrap, max_record_bytes=2_000)
    sender = ReliableSender(kafka.bootstrap)
    good, bad = draft(topic, 0), draft(topic, 1, b"x" * 5_000)
    sender.send(good)
    refused = sender.send(bad)

    with pytest.raises(BrokerAway, match="1 records are not known to be kept") as failed:
        sender.flush(30)

    assert failed.value.undelivered == (bad,)
    with pytest.raises(BrokerAway):
        refused.offset(1)
    with pytest.raises(Spent):
        sender.send(good)
    sender.close()


@pytest.fixture
def stopped(own_kafka: Broker) -> Iterator[Callable[[], None]]:
    """Freezes this test's own broker, as a machine that hangs does, until the test is over."""
    assert own_kafka.pid is not None
    pid = own_kafka.pid
    yield lambda: os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGCONT)


async def test_batch_sender_gives_a_frozen_broker_up(own_kafka: Broker, stopped: Callable[[], None]) -> None:
    """With the broker frozen in the middle, the flush ends in plain words within the limit and names what is open."""
    topic = new_topic(own_kafka.bootstrap)
    sender = BatchSender(own_kafka.bootstrap, away_after=2)
    await sender.start()
    await sender.add(draft(topic, 0))
    await sender.flush()
    stopped()
    unsure = [draft(topic, number) for number in (2, 3)]
    for one in unsure:
        await sender.add(one)

    with pytest.raises(BrokerAway, match="within 2 s") as failed:
        await asyncio.wait_for(sender.flush(), 20)

    assert list(failed.value.undelivered) == unsure
    await asyncio.wait_for(sender.close(), 20)


def test_reliable_sender_gives_a_frozen_broker_up(own_kafka: Broker, stopped: Callable[[], None]) -> None:
    """The same of the reliable sender: it neither hangs nor forgets."""
    topic = new_topic(own_kafka.bootstrap)
    sender = ReliableSender(own_kafka.bootstrap, away_after=2)
    sender.send(draft(topic, 0))
    sender.flush(20)
    stopped()
    unsure = [draft(topic, number) for number in (2, 3)]
    for one in unsure:
        sender.send(one)

    with pytest.raises(BrokerAway) as failed:
        sender.flush(3)

    assert list(failed.value.undelivered) == unsure
    sender.close()


async def test_batch_sender_outlives_a_restart_of_the_broker(own_kafka: Broker) -> None:
    """A broker killed and started again within the limit costs time, and neither a record nor the order."""
    topic = new_topic(own_kafka.bootstrap)
    sender = BatchSender(own_kafka.bootstrap)
    await sender.start()
    for number in range(0, 400, 2):
        await sender.add(draft(topic, number))
    await sender.flush()

    await asyncio.to_thread(own_kafka.kill)
    for number in range(400, 800, 2):
        await sender.add(draft(topic, number))
    await asyncio.to_thread(own_kafka.start)
    kept = await sender.flush()
    await sender.close()

    assert kept == {(topic, 0): [range(200, 400)]}
    assert await keys_in(own_kafka.bootstrap, topic, 0) == list(range(0, 800, 2))


@pytest.fixture
def silent() -> Iterator[str]:
    """A port where connections are taken and nothing is ever answered, as by a frozen broker."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


async def test_batch_sender_does_not_start_without_a_broker(silent: str) -> None:
    """Nobody there, or nobody answering: the sender says so within the limit."""
    for bootstrap in ("127.0.0.1:1", silent):
        with pytest.raises(BrokerAway):
            await BatchSender(bootstrap, away_after=1).start()


def test_reliable_sender_does_not_start_without_a_broker(silent: str) -> None:
    """The same of the reliable sender."""
    for bootstrap in ("127.0.0.1:1", silent):
        with pytest.raises(BrokerAway):
            ReliableSender(bootstrap, away_after=1)
