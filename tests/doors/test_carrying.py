"""A door at work: one suite of rules for the log in memory and for Apache Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from services.doors import connections, outcomes, referrals, replies
from services.doors.door import Door
from services.doors.running import TRANSLATIONS
from services.doors.ticking import Ticker
from services.log.codec import encode
from services.log.doors import is_signed
from services.log.memory_turns import Crash
from services.log.partition import partition_of
from services.log.ports import Place
from services.log.record import Draft, Record
from services.words import envelope as named
from services.words.calendar import CALENDAR_KEY
from services.words.envelope import Envelope
from services.words.replies import Acknowledge
from services.words.topics import (
    EPISODES,
    EPISODES_INBOX,
    EPISODES_LEDGER,
    HANDOVER,
    HANDOVER_INBOX,
    Flow,
    Topic,
    replies_topic,
)
from tests.doors.mishaps import DiesWhenStoring, HangsWhenCreating
from tests.doors.things_said import (
    LOT,
    OFFER,
    OUTCOMES,
    PERSON,
    REFERRED,
    connected,
    in_episodes,
    in_handovers,
    registered,
)
from tests.doors.worlds import PARTITIONS, Clock, MemoryWorld, Owner, World, at_ends, lying_in, positions_of, say_on
from tests.memory_handover import an_id

KEY = b"k" * 32
IN_HANDOVER: Sequence[Place] = [(HANDOVER_INBOX, 0)]
IN_EPISODES: Sequence[Place] = [(EPISODES_INBOX, number) for number in range(PARTITIONS)]

Open = Callable[[str], Awaitable[Door]]
Own = Callable[..., Awaitable[Owner]]
"""Called with a flow, and a partition if it is not the first."""


def _kick(step: str) -> None:
    """No watchdog: the test has a limit of its own."""


@pytest.fixture
async def connections_of() -> AsyncIterator[AsyncExitStack]:
    """Closes whatever a test opened."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def opened(world: World, connections_of: AsyncExitStack) -> Open:
    """Opens a door and lets it start."""

    async def make(name: str) -> Door:
        door = Door(TRANSLATIONS[name], world.log, KEY, _kick)
        connections_of.push_async_callback(door.close)
        await door.start()
        return door

    return make


@pytest.fixture
def owning(world: World, connections_of: AsyncExitStack) -> Own:
    """Becomes the owner of a partition."""

    async def make(flow: Flow, number: int = 0) -> Owner:
        owner = Owner(world, flow, number)
        connections_of.push_async_callback(owner.close)
        await owner.start()
        return owner

    return make


async def until_at_ends(world: World, door: Door, name: str) -> None:
    """Let a door carry until it stands at the ends of all that it reads."""
    async with asyncio.timeout(20):
        while not await at_ends(world.log, name):
            await door.step(wait=0.02)


def of_type(records: Sequence[Record]) -> list[str]:
    """The names of the types of records."""
    return [dict(record.headers)[named.TYPE].decode().rpartition(".")[2] for record in records]


def content(record: Record) -> tuple[object, ...]:
    """Everything of a record but where and when it lies."""
    return record.topic, record.partition, record.key, tuple(record.headers), record.value


async def test_referrals_go_from_every_partition_to_the_allocator(world: World, opened: Open, owning: Own) -> None:
    """Each referral of each person lies once in the handover inbox, signed by its door, its key the lot."""
    for number in range(PARTITIONS):
        owner = await owning(EPISODES, number)
        await owner.write(*in_episodes(*REFERRED, person=an_id(f"person {number}")))
    door = await opened(referrals.NAME)

    await until_at_ends(world, door, referrals.NAME)

    found = await lying_in(world.log, IN_HANDOVER)
    assert sorted(of_type(found)) == sorted(2 * [type(fact).__name__ for fact in REFERRED])
    assert {record.key for record in found} == {LOT.encode()}
    assert all(is_signed(record, referrals.NAME, {referrals.NAME: [KEY]}) for record in found)


async def test_outcomes_go_to_the_partition_of_their_person(world: World, opened: Open, owning: Own) -> None:
    """The recorder of the person's own partition hears that support has started and ended."""
    await (await owning(HANDOVER)).write(*in_handovers(*OUTCOMES))
    door = await opened(outcomes.NAME)

    await until_at_ends(world, door, outcomes.NAME)

    found = await lying_in(world.log, IN_EPISODES)
    assert of_type(found) == ["StartConfirmed", "SupportEndReported"]
    assert {(record.partition, record.key) for record in found} == {
        (partition_of(PERSON.encode(), PARTITIONS), PERSON.encode())
    }


async def test_a_provider_is_connected_when_its_topics_are_there(world: World, opened: Open, owning: Own) -> None:
    """Registered again, with another key, it is connected again, and its topics stay as they are."""
    owner = await owning(HANDOVER)
    await owner.write(*in_handovers(registered("oak"), registered("oak"), subject="oak"))
    door = await opened(connections.NAME)

    await until_at_ends(world, door, connections.NAME)

    found = await lying_in(world.log, IN_HANDOVER)
    assert of_type(found) == ["ProviderConnected", "ProviderConnected"]
    assert await lying_in(world.log, [("kmpt.sis.offers.oak.v1", 0), (replies_topic("oak"), 0)]) == []


async def test_replies_are_read_from_the_connection_on(world: World, opened: Open, owning: Own) -> None:
    """A provider connected while the door runs is heard, garbage and all, and again after the door has started anew."""
    owner = await owning(HANDOVER)
    door = await opened(replies.NAME)
    for name in ("oak", "ash"):
        await world.log.create([Topic(replies_topic(name), "key", 1, -1, name)])
        await owner.write(*in_handovers(connected(name), subject=name))
    await until_at_ends(world, door, replies.NAME)
    await say_on(world.log, [reply("oak", 1), Draft(replies_topic("ash"), 0, None, [], b"garbage"), reply("ash", 2)])
    await until_at_ends(world, door, replies.NAME)
    again = await opened(replies.NAME)
    await say_on(world.log, [reply("oak", 3)])
    await until_at_ends(world, again, replies.NAME)

    found = await lying_in(world.log, IN_HANDOVER)
    said = [((record.key or b"").decode(), name) for record, name in zip(found, of_type(found), strict=True)]
    assert sorted(said) == [
        ("ash", "Acknowledge"),
        ("ash", "ReplyUnreadable"),
        ("oak", "Acknowledge"),
        ("oak", "Acknowledge"),
    ]
    assert door.counts == {"application/avro": 3}


async def test_what_was_said_before_the_connection_is_heard_too(world: World, opened: Open, owning: Own) -> None:
    """A reply that lay there before the door knew of the topic is read from the topic's beginning."""
    await world.log.create([Topic(replies_topic("oak"), "key", 1, -1, "oak")])
    await say_on(world.log, [reply("oak", 1)])
    await (await owning(HANDOVER)).write(*in_handovers(connected("oak"), subject="oak"))
    door = await opened(replies.NAME)

    await until_at_ends(world, door, replies.NAME)

    assert of_type(await lying_in(world.log, IN_HANDOVER)) == ["Acknowledge"]


async def test_the_position_passes_markers(world: World, opened: Open, owning: Own) -> None:
    """A door stands at the end of what it reads, although partitions end in markers that are no records."""
    owner = await owning(EPISODES)
    await owner.write(*in_episodes(REFERRED[0]))
    door = await opened(referrals.NAME)

    await until_at_ends(world, door, referrals.NAME)

    assert await positions_of(world.log, referrals.NAME) == {(EPISODES_LEDGER, 0): 2, (EPISODES_LEDGER, 1): 0}


async def test_a_door_goes_on_where_it_stood(world: World, opened: Open, owning: Own) -> None:
    """Started again it says nothing twice that it had stored as said."""
    owner = await owning(EPISODES)
    first, second = in_episodes(*REFERRED[:2])
    await owner.write(first)
    await until_at_ends(world, await opened(referrals.NAME), referrals.NAME)
    await owner.write(second)

    await until_at_ends(world, await opened(referrals.NAME), referrals.NAME)

    assert of_type(await lying_in(world.log, IN_HANDOVER)) == ["HandoverRequested", "DossierChanged"]


async def test_a_crash_before_the_position_is_stored_leaves_repeats_only(
    world: World, opened: Open, owning: Own, connections_of: AsyncExitStack
) -> None:
    """What had been sent when the door died is said again, each time the same in every byte."""
    owner = await owning(EPISODES)
    await owner.write(*in_episodes(*REFERRED))
    dying = Door(TRANSLATIONS[referrals.NAME], DiesWhenStoring(world.log), KEY, _kick)
    connections_of.push_async_callback(dying.close)
    await dying.start()
    with pytest.raises(Crash):
        await dying.run()

    await until_at_ends(world, await opened(referrals.NAME), referrals.NAME)

    said = [content(record) for record in await lying_in(world.log, IN_HANDOVER)]
    assert len(said) == 2 * len(REFERRED)
    assert said[: len(REFERRED)] == said[len(REFERRED) :]


async def test_a_day_is_said_once_and_again_at_every_start(world: World, connections_of: AsyncExitStack) -> None:
    """The ticker says today to every partition of both inboxes, the same each time it starts, and tomorrow tomorrow."""
    clock = Clock(datetime(2026, 7, 14, 12, tzinfo=UTC))

    async def ticker() -> Ticker:
        made = Ticker(world.log, KEY, _kick, clock)
        connections_of.push_async_callback(made.close)
        await made.start()
        return made

    first = await ticker()
    await first.step()
    await first.step()
    again = await ticker()
    await again.step()
    clock.now += timedelta(hours=12)
    await again.step()

    for place in (*IN_EPISODES, *IN_HANDOVER):
        today, repeat, tomorrow = await lying_in(world.log, [place])
        assert content(today) == content(repeat) != content(tomorrow)
        assert {record.key for record in (today, tomorrow)} == {CALENDAR_KEY.encode()}
        assert is_signed(tomorrow, "ticker", {"ticker": [KEY]})


async def test_a_hung_door_holds_nobody_up() -> None:
    """While one door waits for ever, what the others say is seen: no door's events hide behind another's."""
    world = MemoryWorld()
    await world.empty()
    log = HangsWhenCreating(world.log)
    doors = {name: Door(TRANSLATIONS[name], log, KEY, _kick) for name in (connections.NAME, outcomes.NAME)}
    owner = Owner(world, HANDOVER)
    await owner.start()
    await owner.write(*in_handovers(registered("oak"), *OUTCOMES))
    for door in doors.values():
        await door.start()

    hung = asyncio.create_task(doors[connections.NAME].step(wait=0))
    await log.hangs.wait()
    await doors[outcomes.NAME].step(wait=0)

    assert not hung.done()
    assert len(await lying_in(world.log, IN_EPISODES)) == len(OUTCOMES)
    hung.cancel()


def reply(provider_id: str, number: int) -> Draft:
    """A reply as its provider sends it."""
    envelope = Envelope(an_id(f"reply {number}"), Acknowledge.TYPE, "/provider", "any", "2012-10-08T09:00:00Z")
    return Draft(replies_topic(provider_id), 0, b"any", envelope.headers(), encode(Acknowledge(offer_id=OFFER)))
