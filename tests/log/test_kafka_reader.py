"""What a reader on Kafka says of positions, ends and absent things; the shared rules are in the port's suite."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Protocol
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    NodeNotReadyError,
    RequestTimedOutError,
    StaleMetadata,
)

from services.log import kafka_admin, kafka_reader
from services.log.errors import BrokerAway, LogCut
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.record import Draft
from services.words.topics import Topic


class Kafka(Protocol):
    """A broker that answers at `bootstrap`."""

    @property
    def bootstrap(self) -> str:
        """host:port."""
        ...


@pytest.fixture
def topic(kafka: Kafka) -> str:
    """A topic of two partitions, with a0 a1 a2 in the first and b0 in the second."""
    name = f"read.{uuid4().hex[:8]}"
    kafka_admin.apply(kafka.bootstrap, [Topic(name, "key", 2, -1, "test")])
    return name


@pytest.fixture
async def filled(kafka: Kafka, topic: str) -> str:
    """The topic with a0 a1 a2 in its first partition and b0 in its second."""
    sender = BatchSender(kafka.bootstrap)
    await sender.start()
    for partition, value in ((0, b"a0"), (0, b"a1"), (1, b"b0"), (0, b"a2")):
        await sender.add(Draft(topic, partition, b"key", [("name", b"value")], value))
    await sender.flush()
    await sender.close()
    return topic


@pytest.fixture
def silent() -> Iterator[str]:
    """A port where connections are taken and nothing is ever answered, as by a frozen broker."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


async def read_to_the_ends(reader: KafkaReader, places: list[tuple[str, int]]) -> dict[tuple[str, int], list[bytes]]:
    """All values up to the ends."""
    found: dict[tuple[str, int], list[bytes]] = {place: [] for place in places}
    while not all([await reader.at_end(place) for place in places]):
        for place, records in (await reader.read(2, 0.2)).items():
            found[place] += [record.value or b"" for record in records]
    return found


async def test_partitions_are_read_each_from_its_own_start(kafka: Kafka, filled: str) -> None:
    """Each partition named is read in order from the offset given for it."""
    places = [(filled, 0), (filled, 1)]

    async with KafkaReader(kafka.bootstrap, {places[0]: 1, places[1]: 0}) as reader:
        found = await read_to_the_ends(reader, places)

    assert found == {places[0]: [b"a1", b"a2"], places[1]: [b"b0"]}


async def test_records_are_handed_out_with_headers_as_they_were_sent(kafka: Kafka, filled: str) -> None:
    """A record's key, headers and value are bytes as sent, and its time is the broker's append time."""
    async with KafkaReader(kafka.bootstrap, {(filled, 1): 0}) as reader:
        ((record,),) = (await reader.read(10, 5.0)).values()

    assert (record.topic, record.partition, record.offset, record.key, record.value) == (filled, 1, 0, b"key", b"b0")
    assert list(record.headers) == [("name", b"value")]
    assert record.timestamp > 1_700_000_000_000


async def test_seek_goes_back_and_forward(kafka: Kafka, filled: str) -> None:
    """After a seek the next record is the one at that offset, and what was fetched before is not handed out."""
    place = (filled, 0)
    async with KafkaReader(kafka.bootstrap, {place: 0}) as reader:
        await reader.read(1, 5.0)
        found = []
        for offset in (2, 0, 1):
            reader.seek(place, offset)
            found += [record.offset for record in (await reader.read(1, 5.0))[place]]

    assert found == [2, 0, 1]


async def test_position_and_end_of_an_empty_partition_are_level(kafka: Kafka, topic: str) -> None:
    """An empty partition is at its end before anything was read."""
    async with KafkaReader(kafka.bootstrap, {(topic, 0): 0}) as reader:
        assert await reader.at_end((topic, 0))
        assert await reader.position((topic, 0)) == 0


async def test_offset_outside_the_log_is_an_error(kafka: Kafka, filled: str) -> None:
    """A start that the log does not have is never silently replaced by another."""
    async with KafkaReader(kafka.bootstrap, {(filled, 0): 99}) as reader:
        with pytest.raises(LogCut, match=f"{filled} partition 0 cannot be read: it holds no record at offset 99"):
            await reader.read(1, 5.0)


async def test_group_that_never_stored_says_none(kafka: Kafka, filled: str) -> None:
    """Of an unknown group nothing is known: None, ask again (F1)."""
    async with KafkaReader(kafka.bootstrap, {}) as reader:
        assert await reader.group_offset(f"nobody.{filled}", filled, 0) is None


async def test_reader_of_nothing_can_be_asked(kafka: Kafka, filled: str) -> None:
    """A reader without partitions answers how many partitions a topic has."""
    async with KafkaReader(kafka.bootstrap, {}) as reader:
        assert await reader.partitions_of(filled) == 2


async def test_closed_port_is_said_in_plain_words() -> None:
    """With no broker at all the reader says so at once instead of giving nothing for ever."""
    with pytest.raises(BrokerAway, match="takes no connection: is it running"):
        async with KafkaReader("127.0.0.1:1", {("any", 0): 0}):
            pytest.fail("nothing answers there")


async def test_frozen_broker_is_said_in_plain_words(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that takes the connection and never answers is found out within the limit."""
    monkeypatch.setattr(kafka_reader, "ANSWER_SECONDS", 0.5)

    with pytest.raises(BrokerAway, match=r"within 0\.5 s"):
        async with KafkaReader(silent, {("any", 0): 0}):
            pytest.fail("nothing answers there")


async def test_closing_while_a_failed_fetch_backs_off_cancels_nobody(
    kafka: Kafka, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that froze and came back must not end the reader's caller as if somebody had cancelled him."""
    reader = KafkaReader(kafka.bootstrap, {(filled, 0): 0})
    await reader.start()
    consumer = reader._consumer
    consumer._fetcher._retry_backoff = 60.0
    failed = asyncio.Event()

    async def fail(*_: object, **__: object) -> None:
        failed.set()
        raise KafkaConnectionError("frozen")

    monkeypatch.setattr(consumer._client, "send", fail)
    consumer._client.close = AsyncMock(wraps=consumer._client.close)
    consumer.seek(TopicPartition(filled, 0), 0)
    await asyncio.wait_for(failed.wait(), 30)
    await asyncio.sleep(0.1)

    await reader.close()

    consumer._client.close.assert_awaited()


async def test_every_connection_is_closed_though_one_does_not_close(
    kafka: Kafka, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that cannot close one of its connections says so, and has closed the others all the same."""
    reader = KafkaReader(kafka.bootstrap, {(filled, 0): 0})
    await reader.start()
    await reader.end_offsets([(filled, 0)])
    consumer, stop = reader._consumer, reader._consumer.stop
    monkeypatch.setattr(consumer, "stop", AsyncMock(side_effect=KafkaConnectionError("while it stopped")))

    with pytest.raises(KafkaConnectionError):
        await reader.close()

    assert reader._asker._closed
    await stop()


@pytest.mark.parametrize("fault", [KafkaConnectionError, NodeNotReadyError, StaleMetadata, RequestTimedOutError])
async def test_whatever_a_broker_that_comes_back_cannot_answer_yet_is_said_in_plain_words(
    kafka: Kafka, filled: str, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """A broker that wakes may know of no node, or of nobody that is ready: it is away, and may be asked again."""
    async with KafkaReader(kafka.bootstrap, {}) as reader:
        assert await reader.partitions_of(filled) == 2
        monkeypatch.setattr(reader._admin, "describe_topics", AsyncMock(side_effect=fault("coming back")))
        with pytest.raises(BrokerAway, match="is it running"):
            await reader.partitions_of(filled)
