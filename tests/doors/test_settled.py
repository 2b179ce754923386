"""When a system has come to rest: one suite for the log in memory and for Apache Kafka."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.log.memory import MemoryLog
from services.log.memory_clients import InMemory
from services.log.ports import GroupOffsets, Place
from services.log.record import Draft
from services.log.settling import Settling
from services.words.topics import DOOR_READS, EPISODES, HANDOVER, Flow, Topic, door_group, replies_topic
from tests.doors.things_said import REFERRED, in_episodes
from tests.doors.whole_county import WholeCounty
from tests.doors.worlds import PARTITIONS, Owner, World, say_on
from tests.memory_county import feed_of

READERS = {EPISODES.engine: EPISODES.inbox, HANDOVER.engine: HANDOVER.inbox} | {
    door_group(door): ledger for door, ledger in DOOR_READS.items()
}
"""Whoever reads, and what of."""
A_WHILE = 0.3
"""Seconds after which nobody who waits for somebody else has gone on."""
REPLIES = (replies_topic("oak"), 0)


@pytest.fixture
async def offsets(world: World) -> AsyncIterator[GroupOffsets]:
    """The positions of a world in which everything was said and read that can be, one provider's reply too."""
    await world.log.create([Topic(REPLIES[0], "key", 1, -1, "oak")])
    await say_on(world.log, [Draft(*REPLIES, b"key", [], b"a reply")])
    for flow in (EPISODES, HANDOVER):
        await say_on(world.log, [Draft(flow.inbox, 0, b"key", [], b"an input")])
        await _decide(world, flow)
    offsets = world.log.offsets()
    await offsets.start()
    for group, topic in READERS.items():
        await offsets.store(group, await ends_of(offsets, (topic, 0)))
    await offsets.store(door_group("replies"), await ends_of(offsets, REPLIES))
    yield offsets
    await offsets.close()


async def _decide(world: World, flow: Flow) -> None:
    owner = Owner(world, flow)
    await owner.start()
    await owner.write(*in_episodes(REFERRED[0]))
    await owner.close()


async def ends_of(offsets: GroupOffsets, place: Place) -> dict[Place, int]:
    """Where a partition ends, as soon as the last transaction's marker lies there."""
    while (end := (await offsets.ends([place]))[place]) is None:
        await asyncio.sleep(0.01)
    return {place: end}


async def is_settled(offsets: GroupOffsets, within: float = 10.0) -> bool:
    """Whether all comes to rest within so many seconds."""
    try:
        async with asyncio.timeout(within):
            await Settling(offsets, PARTITIONS).until_settled()
    except TimeoutError:
        return False
    return True


async def test_a_county_without_a_word_is_at_rest(world: World) -> None:
    """Where nothing was ever said, nothing is waited for."""
    offsets = world.log.offsets()
    await offsets.start()

    assert await is_settled(offsets)

    await offsets.close()


async def test_all_read_is_at_rest(offsets: GroupOffsets) -> None:
    """Every engine and every door stands at the end of what it reads."""
    assert await is_settled(offsets)


async def test_nobody_may_be_behind(offsets: GroupOffsets) -> None:
    """One engine or door that has not read to the end, markers included, is waited for; providers' topics count too."""
    unread = {group: (topic, 0) for group, topic in READERS.items()}
    for group, place in (*unread.items(), (door_group("replies"), REPLIES)):
        end = (await ends_of(offsets, place))[place]
        await offsets.store(group, {place: end - 1})

        assert not await is_settled(offsets, A_WHILE), group

        await offsets.store(group, {place: end})
    assert await is_settled(offsets)


async def test_an_open_transaction_is_waited_for(world: World, offsets: GroupOffsets) -> None:
    """What an engine has written and not committed hides behind the end that readers see, and counts all the same."""
    async with world.transaction(Draft(HANDOVER.ledger, 0, b"key", [], b"undecided")):
        assert not await is_settled(offsets, A_WHILE)


async def test_a_provider_that_becomes_known_is_waited_for(world: World, offsets: GroupOffsets) -> None:
    """A topic that the replies door begins to read while somebody waits is waited for as well."""
    new = (replies_topic("ash"), 0)
    await world.log.create([Topic(new[0], "key", 1, -1, "ash")])
    await say_on(world.log, [Draft(*new, b"key", [], b"a reply")])
    await offsets.store(door_group("replies"), {new: 0})

    assert not await is_settled(offsets, A_WHILE)


@pytest.mark.parametrize("seed", range(4))
def test_settled_means_that_nothing_moves_any_more(tmp_path: Path, seed: int) -> None:
    """Whatever the order in which engines and doors get to run, after `settled` none of them has anything to do."""
    county = WholeCounty(tmp_path)
    county.register("oak", "c-oak")
    feed = feed_of("maidstone-2012.ndjson")
    chance = random.Random(seed)

    async def perform() -> None:
        settling = Settling(InMemory(county.county.log).offsets(), county.county.partitions)
        workers = [asyncio.create_task(_at_random(step, chance)) for step in county.steps()]
        for first in range(0, len(feed), 100):
            county.county.emit(feed[first : first + 100])
            await settling.until_settled()
            before = _ends(county.county.log)
            for step in county.steps():
                assert await step() == 0
            assert _ends(county.county.log) == before
        for worker in workers:
            worker.cancel()

    asyncio.run(perform())

    assert "handover.v1.HandoverRequested" in {fact.type.removeprefix("kmpt.") for fact in county.allocator.ledger()}


async def _at_random(step: Callable[[], Awaitable[int]], chance: random.Random) -> None:
    """Do a step now and then."""
    while True:
        for _ in range(chance.randrange(20)):
            await asyncio.sleep(0)
        await step()


def _ends(log: MemoryLog) -> list[int]:
    """Where inboxes, ledgers and refused topics end."""
    topics = [topic for flow in (EPISODES, HANDOVER) for topic in (flow.inbox, flow.ledger, flow.refused)]
    return [log.end_offset((topic, number)) for topic in topics for number in range(log.partitions_of(topic) or 0)]
