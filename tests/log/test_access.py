"""Access on a secured broker: who is kept out, and in which words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from services.log.connection import Connection, address_of
from services.log.errors import NotAllowed
from services.log.kafka_admin import apply, wait_until_ready
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.record import Draft
from services.stack.admitting import Admission
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.words.access import STACK
from services.words.topics import catalogue, offers_topic, provider_topics, replies_topic

A, B = "weald-bridge", "weald"
"""Two providers; the name of one begins with the other's."""
PROVIDERS = frozenset((A, B))
TOPICS = (*catalogue(1), *provider_topics(A), *provider_topics(B))


class Secured:
    """A secured broker with every topic and principal, and one record in each topic."""

    def __init__(self, broker: Broker, keys: Path) -> None:
        self.bootstrap = broker.bootstrap
        self.keys = keys
        self.admission = Admission(self.bootstrap, keys)

    def of(self, principal: str) -> Connection:
        """How a principal reaches it."""
        address = address_of(self.bootstrap, principal, self.keys)
        assert isinstance(address, Connection)
        return address


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The broker of these tests."""
    folder = tmp_path_factory.mktemp("secured")
    with Broker(folder / "broker", libs=broker_jars(), keys=folder / "keys") as broker:
        here = Secured(broker, folder / "keys")
        wait_until_ready(here.of(STACK), 60)
        apply(here.of(STACK), TOPICS)
        here.admission.apply()
        asyncio.run(written(here.of(STACK), *(topic.name for topic in TOPICS)))
        yield here


async def written(address: Connection, *topics: str) -> None:
    """One record in each topic."""
    sender = BatchSender(address, away_after=10)
    await sender.start()
    try:
        for topic in topics:
            await sender.add(Draft(topic, 0, b"key", (), b"value"))
        await sender.flush()
    finally:
        await sender.close()


async def read(address: Connection, topic: str) -> bytes | None:
    """The first record of a topic."""
    async with KafkaReader(address, {(topic, 0): 0}) as reader:
        while True:
            for records in (await reader.read(1, 1.0)).values():
                return records[0].value


@pytest.mark.kafka
async def test_a_provider_is_kept_from_another_ones_topics_in_plain_words(secured: Secured) -> None:
    """The refusal names principal, topic and what to ask for."""
    with pytest.raises(NotAllowed, match=f"principal {A} may not see topic {offers_topic(B)}: ask for `sis access"):
        await read(secured.of(A), offers_topic(B))
    with pytest.raises(NotAllowed, match=f"principal {A} may not write topic {replies_topic(B)}: ask for `sis access"):
        await written(secured.of(A), replies_topic(B))


@pytest.mark.kafka
def test_applying_again_does_nothing(secured: Secured) -> None:
    """What is as the table says is left alone."""
    assert secured.admission.plan() == []
    assert secured.admission.apply() == []


@pytest.mark.kafka
async def test_a_broker_with_another_certificate_is_not_trusted(secured: Secured, tmp_path: Path) -> None:
    """A client says that it does not trust the broker, not that the broker is away."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with pytest.raises(NotAllowed, match=r"is not one that .*other.pem vouches for"):
        await read(replace(secured.of(A), ca=tmp_path / "other.pem"), offers_topic(A))
