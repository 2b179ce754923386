"""When a system has come to rest: one suite for the log in memory and for Apache Kafka."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from services.log.engine import Engine
from services.log.memory import MemoryLog
from services.log.memory_clients import InMemory
from services.log.ports import Place
from services.log.record import Draft
from services.log.settling import Settling
from services.words.topics import DOOR_READS, EPISODES, HANDOVER, Topic, catalogue, door_group, replies_topic
from tests.doors.things_said import REFERRED, in_episodes
from tests.doors.whole_county import WholeCounty
from tests.doors.worlds import PARTITIONS, Owner, World, say_on
from tests.memory_county import feed_of

READERS = {EPISODES.engine: EPISODES.inbox, HANDOVER.engine: HANDOVER.inbox} | {
    door_group(door): ledger for door, ledger in DOOR_READS.items()
}
INPUT = Draft(EPISODES.inbox, 1, b"key", [], b"an input")


async def is_settled(world: World) -> bool:
    """Whether all is at rest, asked for half a second."""
    offsets = world.log.offsets()
    await offsets.start()
    try:
        async with asyncio.timeout(0.5):
            await Settling(offsets, PARTITIONS).until_settled()
    except TimeoutError:
        return False
    finally:
        await offsets.close()
    return True


async def store(world: World, group: str, positions: dict[Place, int]) -> None:
    """Store positions for an engine or a door."""
    offsets = world.log.offsets()
    await offsets.start()
    await offsets.store(group, positions)
    await offsets.close()


async def ends_of(world: World, topic: str) -> dict[Place, int]:
    """Where a topic's partitions end."""
    count = {row.name: row.partitions for row in catalogue(PARTITIONS)}.get(topic, 1)
    offsets = world.log.offsets()
    await offsets.start()
    ends = await offsets.ends([(topic, number) for number in range(count)])
    await offsets.close()
    return {place: end or 0 for place, end in ends.items()}


async def busy(world: World) -> None:
    """Something lies in every topic that is read."""
    for flow in (EPISODES, HANDOVER):
        await say_on(world.log, [Draft(flow.inbox, 0, b"key", [], b"an input")])
        owner = Owner(world, flow)
        await owner.start()
        await owner.write(*_in(flow.ledger))
        await owner.close()


def _in(ledger: str) -> list[Record]:
    raise NotImplementedError


async def test_a_county_without_a_word_is_at_rest(world: World) -> None:
    """Where nothing was ever said, nothing is waited for."""
    assert await is_settled(world)
