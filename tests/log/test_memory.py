"""The log in memory counts offsets as a broker does, shows only what was committed, and dies where a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.log.errors import DraftTooLarge, Spent, UnknownTopic
from services.log.memory import MemoryLog, all_seen
from services.log.memory_clients import MemoryReader, MemorySender, MemorySteadySender
from services.log.memory_turns import Crash, CrashAt, MemoryTurns, Step
from services.log.record import Draft
from services.log.size import LARGEST_DRAFT
from services.log.turns import Fenced
from services.words.topics import Flow

FLOW = Flow("inbox", "ledger", "refused", "engine")


def county_log() -> MemoryLog:
    """One flow of one partition."""
    log = MemoryLog()
    for topic in (FLOW.inbox, FLOW.ledger, FLOW.refused):
        log.create(topic, 1)
    return log


def drafts(topic: str, *values: bytes) -> list[Draft]:
    """Drafts with these values."""
    return [Draft(topic, 0, b"key", [], value) for value in values]


def values(log: MemoryLog, topic: str) -> list[bytes | None]:
    """All committed values of a topic's partition 0."""
    return [record.value for record in all_seen(log, topic, 0)]


def test_append_times_come_from_the_clock() -> None:
    """Append times are the clock's milliseconds, one reading for each record."""
    log = MemoryLog(clock=iter([100, 250]).__next__)
    log.create("inbox", 1)

    for draft in drafts("inbox", b"a", b"b"):
        log.append(draft)

    assert [record.timestamp for record in all_seen(log, "inbox", 0)] == [100, 250]


Turn = tuple[bool, int]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=12))
def test_offsets_pass_aborted_records_and_one_marker_a_transaction(turns: Sequence[Turn]) -> None:
    """Whatever ends how: seen are the committed records, at offsets that count the aborted ones and the markers."""
    log, expected, offset = county_log(), [], 0
    owner = log.take_over("engine-0")
    for number, (is_committed, size) in enumerate(turns):
        transaction = log.begin(owner)
        for place in range(size):
            log.append(Draft("ledger", 0, None, [], b"%d.%d" % (number, place)), transaction)
            if is_committed:
                expected.append((offset + place, b"%d.%d" % (number, place)))
        (log.commit if is_committed else log.abort)(transaction)
        offset += size + (1 if size else 0)

    assert [(record.offset, record.value) for record in all_seen(log, "ledger", 0)] == expected
    assert log.end_offset(("ledger", 0)) == offset


@given(st.lists(st.binary(max_size=3), max_size=10), st.integers(0, 12), st.integers(1, 5))
def test_reading_in_pieces_is_reading_at_once(stored: list[bytes], start: int, at_most: int) -> None:
    """However few are read at a time, the records from an offset on are the same."""
    log = county_log()
    for draft in drafts("inbox", *stored):
        log.append(draft)

    position, pieces = start, []
    while position < len(stored):
        records, position = log.seen(("inbox", 0), position, at_most)
        assert 0 < len(records) <= at_most
        pieces += [record.value for record in records]

    assert pieces == stored[start:]


@pytest.mark.parametrize(
    ("step", "drafted", "kept"),
    [
        (Step.BEFORE_APPEND, 0, []),
        (Step.AFTER_DRAFTS, 0, []),
        (Step.AFTER_DRAFTS, 1, []),
        (Step.AFTER_DRAFTS, 2, []),
        (Step.BEFORE_COMMIT, 0, []),
        (Step.AFTER_COMMIT, 0, [b"c", b"d"]),
    ],
)
def test_crash_inside_a_turn_leaves_all_of_it_or_nothing(step: Step, drafted: int, kept: list[bytes]) -> None:
    """A process that dies at any step of its second turn leaves the first turn, and the second whole or not at all."""
    log = county_log()

    async def dying() -> None:
        turns = MemoryTurns(log, FLOW, 0, CrashAt(2, step, drafted))
        await turns.take_over()
        await turns.write(drafts("ledger", b"a", b"b"), 1)
        await turns.write(drafts("ledger", b"c", b"d"), 2)

    with pytest.raises(Crash):
        asyncio.run(dying())
    asyncio.run(MemoryTurns(log, FLOW, 0).take_over())

    assert values(log, "ledger") == [b"a", b"b", *kept]
    assert log.group_offset("engine", ("inbox", 0)) == (2 if kept else 1)


def test_crashed_owners_open_turn_hides_the_end_until_the_next_owner_comes() -> None:
    """What a dead owner left open holds the end back, and a take-over lets it go."""
    log = county_log()
    turns = MemoryTurns(log, FLOW, 0, CrashAt(1, Step.BEFORE_COMMIT))

    async def dying() -> None:
        await turns.take_over()
        await turns.write(drafts("ledger", b"a"), 1)

    with pytest.raises(Crash):
        asyncio.run(dying())
    while_open = log.end_offset(("ledger", 0))
    log.take_over("engine-0")

    assert (while_open, log.end_offset(("ledger", 0))) == (0, 2)


def test_owner_that_crashed_or_never_took_over_is_spent() -> None:
    """A write without ownership is refused in words that say what to do."""
    turns = MemoryTurns(county_log(), FLOW, 0)

    with pytest.raises(Spent, match="take over anew"):
        asyncio.run(turns.write([], 0))


@pytest.mark.parametrize("step", ["begin", "append", "store_offset", "commit", "abort"])
def test_fenced_owner_can_do_nothing_at_any_step(step: str) -> None:
    """A newer owner stops the former one wherever in a transaction it stands."""
    log = county_log()
    former = log.take_over("engine-0")
    transaction = log.begin(former)
    log.take_over("engine-0")
    attempts: dict[str, Callable[[], object]] = {
        "begin": lambda: log.begin(former),
        "append": lambda: log.append(drafts("ledger", b"late")[0], transaction),
        "store_offset": lambda: log.store_offset(transaction, "engine", ("inbox", 0), 9),
        "commit": lambda: log.commit(transaction),
        "abort": lambda: log.abort(transaction),
    }

    with pytest.raises(Fenced, match="engine-0"):
        attempts[step]()

    assert values(log, "ledger") == []


def test_owners_of_two_partitions_do_not_fence_each_other() -> None:
    """Each partition has its own owner."""
    log = county_log()
    first, second = log.take_over("engine-0"), log.take_over("engine-1")

    log.commit(log.begin(first))
    log.commit(log.begin(second))

    assert (first.epoch, second.epoch) == (0, 0)


def test_absent_topic_is_named() -> None:
    """What is not there is refused by name."""
    with pytest.raises(UnknownTopic, match="partition 3 of topic nowhere"):
        county_log().append(Draft("nowhere", 3, None, [], b""))


def test_sender_and_steady_sender_put_the_same_into_the_log() -> None:
    """Both senders append in the order of sending and say where the last one lies."""
    log = county_log()

    async def bulk() -> dict[tuple[str, int], Sequence[range]]:
        sender = MemorySender(log)
        await sender.start()
        for draft in drafts("inbox", b"a", b"b"):
            await sender.add(draft)
        return dict(await sender.flush())

    assert asyncio.run(bulk()) == {("inbox", 0): [range(1), range(1, 2)]}
    assert MemorySteadySender(log).send(drafts("inbox", b"c")[0]).offset(1.0) == 2
    assert values(log, "inbox") == [b"a", b"b", b"c"]


def test_sender_appends_nothing_that_was_not_flushed() -> None:
    """What was added and not flushed is forgotten when the sender closes."""
    log = county_log()

    async def story() -> None:
        sender = MemorySender(log)
        await sender.add(drafts("inbox", b"a")[0])
        await sender.close()
        await sender.flush()

    asyncio.run(story())

    assert values(log, "inbox") == []


def test_sender_refuses_what_no_topic_could_keep() -> None:
    """A draft that is too large is refused when it is handed over, by both senders."""
    log, large = county_log(), drafts("inbox", b"x" * LARGEST_DRAFT)[0]

    with pytest.raises(DraftTooLarge):
        asyncio.run(MemorySender(log).add(large))
    with pytest.raises(DraftTooLarge):
        MemorySteadySender(log).send(large)


def test_reader_shares_its_limit_among_partitions() -> None:
    """At most as many records come as were asked for, over all partitions."""
    log = MemoryLog()
    log.create("days", 3)
    for partition in range(3):
        log.append(Draft("days", partition, b"calendar", [], b"1"))

    async def story() -> list[int]:
        reader = MemoryReader(log, {("days", partition): 0 for partition in range(3)})
        await reader.start()
        return [sum(len(records) for records in (await reader.read(2, 0)).values()) for _ in range(3)]

    assert asyncio.run(story()) == [2, 1, 0]
