"""The engine's port: one suite of rules for the log in memory and for Apache Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from services.log import kafka_admin
from services.log.errors import DraftTooLarge, Spent, UnknownTopic
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.kafka_turns import KafkaTurns
from services.log.memory import MemoryLog
from services.log.memory_clients import MemoryReader, MemorySender
from services.log.memory_turns import MemoryTurns
from services.log.ports import Reader, Sender
from services.log.record import Draft, Record
from services.log.size import LARGEST_DRAFT
from services.log.turns import Fenced, Turns
from services.words.topics import Flow, Topic


def _new_flow() -> Flow:
    """Topics that no other test has."""
    run = uuid4().hex[:8]
    return Flow(f"port.{run}.inbox", f"port.{run}.ledger", f"port.{run}.refused", f"port.{run}.engine")


class MemoryWorld:
    """A log in memory with one flow of two partitions."""

    def __init__(self) -> None:
        self.flow = _new_flow()
        self.log = MemoryLog()
        for topic in (self.flow.inbox, self.flow.ledger, self.flow.refused):
            self.log.create(topic, 2)

    def turns(self) -> Turns:
        """One more owner of partition 0."""
        return MemoryTurns(self.log, self.flow, 0)

    def sender(self) -> Sender:
        """A plain emitter."""
        return MemorySender(self.log)

    def reader(self, topic: str) -> Reader:
        """A reader of partition 0 from its beginning."""
        return MemoryReader(self.log, {(topic, 0): 0})

    async def leave_open(self, drafts: Sequence[Draft]) -> None:
        """An owner of partition 0 that died inside a transaction."""
        transaction = self.log.begin(self.log.take_over(f"{self.flow.engine}-0"))
        for draft in drafts:
            self.log.append(draft, transaction)

    async def abort(self, drafts: Sequence[Draft]) -> None:
        """A transaction that was aborted."""
        owner = self.log.take_over(f"{self.flow.engine}-0")
        transaction = self.log.begin(owner)
        for draft in drafts:
            self.log.append(draft, transaction)
        self.log.abort(transaction)


class KafkaWorld:
    """The same on a broker."""

    def __init__(self, bootstrap: str) -> None:
        self.flow = _new_flow()
        self.bootstrap = bootstrap
        names = (self.flow.inbox, self.flow.ledger, self.flow.refused)
        kafka_admin.apply(bootstrap, [Topic(name, "key", 2, -1, "test") for name in names])

    def turns(self) -> Turns:
        """One more owner of partition 0."""
        return KafkaTurns(self.bootstrap, self.flow, 0)

    def sender(self) -> Sender:
        """A plain emitter."""
        return BatchSender(self.bootstrap)

    def reader(self, topic: str) -> Reader:
        """A reader of partition 0 from its beginning."""
        return KafkaReader(self.bootstrap, {(topic, 0): 0})

    async def leave_open(self, drafts: Sequence[Draft]) -> None:
        """An owner of partition 0 that died inside a transaction."""
        await self._transact(drafts, abort=False)

    async def abort(self, drafts: Sequence[Draft]) -> None:
        """A transaction that was aborted."""
        await self._transact(drafts, abort=True)

    async def _transact(self, drafts: Sequence[Draft], abort: bool) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=f"{self.flow.engine}-0")
        await producer.start()
        await producer.begin_transaction()
        for draft in drafts:
            await producer.send_and_wait(draft.topic, draft.value, draft.key, draft.partition)
        if abort:
            await producer.abort_transaction()
        await producer.stop()


World = MemoryWorld | KafkaWorld


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def world(request: pytest.FixtureRequest) -> World:
    """Each rule is tried on both logs; the broker is started only where it is needed."""
    if request.param == "memory":
        return MemoryWorld()
    return KafkaWorld(request.getfixturevalue("kafka").bootstrap)


def drafts_for(topic: str, *values: str, partition: int = 0) -> list[Draft]:
    """Drafts with the given values."""
    return [Draft(topic, partition, b"key", [("ce_id", value[:9].encode())], value.encode()) for value in values]


async def emitted(world: World, *values: str) -> None:
    """What teams have put into the inbox."""
    sender = world.sender()
    await sender.start()
    for draft in drafts_for(world.flow.inbox, *values):
        await sender.add(draft)
    await sender.flush()
    await sender.close()


async def owner_of(world: World) -> Turns:
    """A new owner that reads the inbox from its beginning."""
    turns = world.turns()
    await turns.take_over()
    await turns.seek(0)
    return turns


async def read_all(turns: Turns, many: int, at_most: int = 100) -> list[Record]:
    """So many inbox records, in as many reads as it takes."""
    records: list[Record] = []
    for _ in range(200):
        if len(records) >= many:
            break
        records += await turns.read(at_most, 0.2)
    return records


async def values_of(batches: AsyncIterator[Sequence[Record]]) -> list[str]:
    """The values of all records in these batches."""
    return [text(record) for batch in [batch async for batch in batches] for record in batch]


async def settled(world: World) -> Turns:
    """The next owner: its take-over waits until all that was committed or aborted before can be read as such."""
    turns = world.turns()
    await turns.take_over()
    return turns


async def ledger_of(world: World) -> list[str]:
    """The values in the ledger partition, as the next owner reads them."""
    turns = await settled(world)
    values = await values_of(turns.ledger())
    await turns.close()
    return values


def text(record: Record) -> str:
    """The value of a record as text."""
    return (record.value or b"").decode()


@pytest.mark.parametrize("at_most", [1, 3, 100])
async def test_inbox_is_read_in_the_order_of_its_offsets(world: World, at_most: int) -> None:
    """Whatever is asked for at a time, inbox records come once, in order, without a gap."""
    await emitted(world, *(f"e{number}" for number in range(7)))
    turns = await owner_of(world)

    records = await read_all(turns, 7, at_most)

    assert [(record.offset, text(record)) for record in records] == [(n, f"e{n}") for n in range(7)]
    assert not await turns.read(at_most, 0.05)
    await turns.close()


async def test_record_keeps_key_headers_value_and_gets_an_append_time(world: World) -> None:
    """What was emitted is what is read, and the log adds place, offset and a time that never goes back."""
    await emitted(world, "a", "b")
    turns = await owner_of(world)

    first, second = await read_all(turns, 2)

    assert (first.topic, first.partition, first.key, first.value) == (world.flow.inbox, 0, b"key", b"a")
    assert list(first.headers) == [("ce_id", b"a")]
    assert 0 < first.timestamp <= second.timestamp
    await turns.close()


@pytest.mark.parametrize(("facts", "refusals"), [(("f1", "f2"), ("r1",)), ((), ("r1", "r2")), (("f1",), ()), ((), ())])
async def test_turn_becomes_visible_whole_and_in_order(
    world: World, facts: Sequence[str], refusals: Sequence[str]
) -> None:
    """Facts and refusals of a turn are all there after it, each partition in the order of the drafts."""
    turns = await owner_of(world)
    drafts = drafts_for(world.flow.ledger, *facts) + drafts_for(world.flow.refused, *refusals)

    await turns.write(drafts, 1)

    after = await settled(world)
    assert await values_of(after.ledger()) == list(facts)
    assert await values_of(after.refused()) == list(refusals)
    await turns.close()
    await after.close()


async def test_many_turns_are_one_ledger(world: World) -> None:
    """Turn after turn the ledger grows in order, whatever markers lie between."""
    turns = await owner_of(world)

    for turn in range(5):
        await turns.write(drafts_for(world.flow.ledger, f"{turn}a", f"{turn}b"), turn + 1)

    assert await ledger_of(world) == [f"{turn}{which}" for turn in range(5) for which in "ab"]
    await turns.close()


async def test_batch_that_is_full_is_followed_by_another(world: World) -> None:
    """More than a batch holds is still one turn: nothing is lost where one batch ends and the next begins."""
    turns = await owner_of(world)
    values = [f"{number:06d}" + "x" * 30_000 for number in range(100)]

    await turns.write(drafts_for(world.flow.ledger, *values), 1)

    assert await ledger_of(world) == values
    await turns.close()


async def test_aborted_turn_is_never_seen(world: World) -> None:
    """What was aborted has offsets and is never read; reading reaches the end behind it."""
    await world.abort(drafts_for(world.flow.ledger, "gone1", "gone2"))
    turns = await owner_of(world)
    await turns.write(drafts_for(world.flow.ledger, "stays"), 1)

    assert await ledger_of(world) == ["stays"]
    await turns.close()


@pytest.mark.parametrize("tail", ["empty", "marker", "aborted", "open"])
async def test_ledger_and_refused_are_read_to_their_end_whatever_lies_there(world: World, tail: str) -> None:
    """A rebuild ends, be the partition empty or its tail a marker, aborted records, or a dead owner's open turn."""
    places = (world.flow.ledger, world.flow.refused)
    if tail != "empty":
        before = await owner_of(world)
        await before.write([draft for topic in places for draft in drafts_for(topic, "kept")], 1)
        await before.close()
    lost = [draft for topic in places for draft in drafts_for(topic, "lost")]
    if tail == "aborted":
        await world.abort(lost)
    if tail == "open":
        await world.leave_open(lost)
    turns = await owner_of(world)

    kept = [] if tail == "empty" else ["kept"]
    assert await asyncio.wait_for(values_of(turns.ledger()), 10) == kept
    assert await asyncio.wait_for(values_of(turns.refused()), 10) == kept
    await turns.close()


async def test_second_owner_fences_the_first(world: World) -> None:
    """Once another has taken over, the first owner's turn is refused as fenced and nothing of it is ever seen."""
    first = await owner_of(world)
    await first.write(drafts_for(world.flow.ledger, "before"), 1)
    second = await owner_of(world)

    with pytest.raises(Fenced):
        await first.write(drafts_for(world.flow.ledger, "late"), 2)
    await second.write(drafts_for(world.flow.ledger, "after"), 2)

    assert await ledger_of(world) == ["before", "after"]
    await first.close()
    await second.close()


async def test_fenced_owner_is_spent(world: World) -> None:
    """After a failed turn the owner writes nothing more: it must end and be started anew."""
    first = await owner_of(world)
    second = await owner_of(world)
    with pytest.raises(Fenced):
        await first.write(drafts_for(world.flow.ledger, "late"), 1)

    with pytest.raises(Spent):
        await first.write(drafts_for(world.flow.ledger, "later"), 1)

    assert await ledger_of(world) == []
    await first.close()
    await second.close()


async def test_dead_owners_turn_is_undone_by_the_next(world: World) -> None:
    """A process killed inside a turn leaves nothing: the next owner's take-over aborts it at once."""
    await world.leave_open(drafts_for(world.flow.ledger, "half"))
    turns = await owner_of(world)

    await turns.write(drafts_for(world.flow.ledger, "whole"), 1)

    assert await ledger_of(world) == ["whole"]
    await turns.close()


@pytest.mark.parametrize("offset", [0, 2, 4, 5])
async def test_reading_goes_on_from_where_it_is_told(world: World, offset: int) -> None:
    """After a seek, forward or back, the next record read is the one at that offset."""
    await emitted(world, *(f"e{number}" for number in range(5)))
    turns = await owner_of(world)
    await read_all(turns, 3, 3)

    await turns.seek(offset)

    assert [record.offset for record in await read_all(turns, 5 - offset)] == list(range(offset, 5))
    await turns.close()


async def test_groups_offset_is_stored_with_the_turn(world: World) -> None:
    """How far the inbox was read is stored in the same transaction, for lag and waiting."""
    turns = await owner_of(world)
    reader = world.reader(world.flow.inbox)
    await reader.start()
    before = await reader.group_offset(world.flow.engine, world.flow.inbox, 0)
    await turns.write(drafts_for(world.flow.ledger, "f"), 3)
    await turns.write([], 5)

    await (await settled(world)).close()
    assert before is None
    assert await reader.group_offset(world.flow.engine, world.flow.inbox, 0) == 5
    await reader.close()
    await turns.close()


@pytest.mark.parametrize(("offset", "value"), [(0, "e0"), (2, "e2"), (3, None), (99, None), (-1, None)])
async def test_inbox_record_is_found_by_its_offset(world: World, offset: int, value: str | None) -> None:
    """A redrive fetches its original by offset without moving the reading of the inbox."""
    await emitted(world, "e0", "e1", "e2")
    turns = await owner_of(world)
    (first,) = await read_all(turns, 1, 1)

    found = await turns.inbox_record(offset)

    assert (found and text(found)) == value
    assert [record.offset for record in [first, *await read_all(turns, 2)]] == [0, 1, 2]
    await turns.close()


async def test_draft_too_large_is_refused_in_plain_words_and_nothing_is_written(world: World) -> None:
    """A record that no topic could keep fails the whole turn, and says how large it was and how large it may be."""
    turns = await owner_of(world)
    drafts = drafts_for(world.flow.ledger, "small", "x" * LARGEST_DRAFT)

    with pytest.raises(DraftTooLarge, match=f"{LARGEST_DRAFT} bytes"):
        await turns.write(drafts, 1)

    assert await ledger_of(world) == []
    await turns.close()


async def test_largest_record_that_fits_is_kept(world: World) -> None:
    """A record just below the bound is kept and read whole, alone in its batch."""
    turns = await owner_of(world)
    large = "x" * (LARGEST_DRAFT - 100)

    await turns.write(drafts_for(world.flow.ledger, "a", large, "b"), 1)

    assert await ledger_of(world) == ["a", large, "b"]
    await turns.close()


async def test_end_of_a_partition_can_be_told_without_a_record(world: World) -> None:
    """A reader knows that it has reached the end though the last thing there is a marker or an aborted record."""
    turns = await owner_of(world)
    await turns.write(drafts_for(world.flow.ledger, "f1", "f2"), 1)
    await turns.close()
    await world.abort(drafts_for(world.flow.ledger, "gone"))
    await (await settled(world)).close()
    reader = world.reader(world.flow.ledger)
    await reader.start()
    place = (world.flow.ledger, 0)

    at_first = await reader.at_end(place)
    read = [text(one) for _ in range(3) for records in (await reader.read(10, 0.3)).values() for one in records]

    assert (at_first, read) == (False, ["f1", "f2"])
    assert await reader.at_end(place)
    assert await reader.position(place) == (await reader.end_offsets([place]))[place] == 5
    await reader.close()


async def test_open_transaction_hides_what_lies_behind_it(world: World) -> None:
    """While an owner's turn is open the end lies where it began; its end lets the end move on."""
    turns = await owner_of(world)
    await turns.write(drafts_for(world.flow.ledger, "f"), 1)
    await turns.close()
    await world.leave_open(drafts_for(world.flow.ledger, "half"))
    reader = world.reader(world.flow.ledger)
    await reader.start()
    place = (world.flow.ledger, 0)

    while_open = (await reader.end_offsets([place]))[place]
    await (await settled(world)).close()

    assert while_open == 2
    assert (await reader.end_offsets([place]))[place] == 4
    await reader.close()


async def test_partitions_of_a_topic_are_known_and_of_none_none(world: World) -> None:
    """A reader says how many partitions a topic has, and None of a topic that is not there."""
    reader = world.reader(world.flow.inbox)
    await reader.start()

    assert await reader.partitions_of(world.flow.inbox) == 2
    assert await reader.partitions_of("port.absent") is None
    await reader.close()


async def test_reader_of_an_absent_topic_says_so(world: World) -> None:
    """Reading what is not there is refused by name, instead of giving nothing for ever."""
    reader = world.reader("port.absent")

    with pytest.raises(UnknownTopic, match=r"port\.absent"):
        await reader.start()
    await reader.close()
