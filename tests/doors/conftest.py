"""The worlds that the doors' suite runs in: a log in memory, and a broker of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.log.kafka_admin import wait_until_ready
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from tests.doors.worlds import KafkaWorld, MemoryWorld, World


@pytest.fixture(scope="session")
def doors_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker for this suite alone, for it needs the county's own topic names; its bootstrap address."""
    with Broker(tmp_path_factory.mktemp("doors-kafka"), libs=broker_jars()) as broker:
        wait_until_ready(broker.bootstrap, 60)
        yield broker.bootstrap


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def world(request: pytest.FixtureRequest) -> World:
    """An empty county's log."""
    made: World = MemoryWorld()
    if request.param == "kafka":
        made = KafkaWorld(request.getfixturevalue("doors_kafka"))
    await made.empty()
    return made
