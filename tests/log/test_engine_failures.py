"""Two faults of a log in which a guard of the engine is what saves the ledger (F1, F2), and the engine's own end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from services.log.chain import record_hash
from services.log.engine import InboxBroken
from services.log.memory import MemoryRecord, all_seen
from services.log.memory_turns import MemoryTurns
from services.log.rebuilding import BrokenLedger
from services.log.record import Draft, Record
from services.log.turns import Fenced
from services.words.topics import EPISODES, EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED
from tests.log.engine_county import (
    EngineCounty,
    adopted,
    day,
    days,
    decide_all,
    moved,
    person,
    registered,
    start_and_decide_all,
)

ADA = person("ada")
HERE = (EPISODES_INBOX, 0)


@pytest.fixture
def county(tmp_path: Path) -> Iterable[EngineCounty]:
    """A county in which some inputs are decided and more are to come."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(adopted(), *days("2012-08-01", "2012-08-04"), registered(ADA, 0), moved(ADA, "2012-08-02"))
    county.tell(moved(ADA, "2031-01-01"))  # refused, so that the position is found in both partitions together
    yield county
    county.close()


class MisleadingTurns(MemoryTurns):
    """An inbox reader that ignores where it is to read from, or leaves a record out."""

    def __init__(self, county: EngineCounty, moved_by: int = 0, left_out: int | None = None) -> None:
        super().__init__(county.log, EPISODES, 0)
        self._moved_by = moved_by
        self._left_out = left_out

    async def seek(self, offset: int) -> None:
        """Take up another position than is told, as a seek that is overtaken does."""
        await super().seek(offset + self._moved_by)

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next records, perhaps without one."""
        records = list(await super().read(at_most, wait))
        if self._left_out is not None and records:
            del records[self._left_out]
        return records


@pytest.mark.parametrize("offset", [None, 0, 3, 1_000_000], ids=["absent", "at 0", "behind", "far ahead"])
def test_f1_the_groups_offset_is_never_believed(county: EngineCounty, offset: int | None) -> None:
    """F1: whatever the group's offset says, an engine goes on where its ledger ends.

    An engine that took its position from the group would begin at 0 when told nothing, and refuse or repeat what it
    had; told too much, it would leave out the inputs that came meanwhile.
    """
    before = county.raw()
    _say_group_offset(county, offset)
    county.emit([moved(ADA, "2012-08-03"), moved(ADA, "2012-08-04")])

    county.start()
    started_at = county.engines[0].memory.next_offset
    county.settle()

    assert county.log.group_offset(EPISODES.engine, HERE) == len(county.inbox())
    assert started_at == len(county.inbox()) - 2
    assert county.raw()[: len(county.ledger()) - 2] == before[: len(county.ledger()) - 2]
    assert county.types()[-2:] == ["AccommodationChanged"] * 2
    assert len(county.raw()) == len(before) + 2


def test_f1_inputs_without_effect_are_decided_again_without_effect(county: EngineCounty) -> None:
    """F1: the position is behind inputs that left no trace, and deciding them once more leaves none either."""
    county.tell(day("2012-08-02"), moved(ADA, "2012-08-02"))
    before = county.raw()

    county.start()
    position = county.engines[0].memory.next_offset
    county.settle()

    assert position == len(county.inbox()) - 2
    assert county.raw() == before


@pytest.mark.parametrize("moved_by", [-7, -1, 1])
def test_f2_records_from_another_position_end_the_engine(county: EngineCounty, moved_by: int) -> None:
    """F2: records from before the position, or from beyond it, are never decided.

    A reader that was overtaken by a rewind hands out records a second time; an engine that did not look would decide
    them as new inputs of a later turn, or leave out those between.
    """
    county.emit([moved(ADA, "2012-08-03"), moved(ADA, "2012-08-04")])
    before = county.raw()
    engine = county.engine(turns=MisleadingTurns(county, moved_by=moved_by))

    with pytest.raises(InboxBroken, match=r"where \d+ comes next"):
        asyncio.run(start_and_decide_all(engine))

    assert county.raw() == before
    assert county.log.group_offset(EPISODES.engine, HERE) == len(county.inbox()) - 2


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_f2_a_gap_in_the_inbox_ends_the_engine(county: EngineCounty, left_out: int) -> None:
    """F2: inboxes have plain emitters only, so a missing offset means a lost input, and nothing is decided past it.

    Without the look at the last offset of a batch a gap inside it would go unseen, and with it an input.
    """
    county.emit([moved(ADA, "2012-08-03"), moved(ADA, "2012-08-04"), day("2012-08-05"), day("2012-08-06")])
    before = county.raw()
    engine = county.engine(turns=MisleadingTurns(county, left_out=left_out))

    with pytest.raises(InboxBroken):
        asyncio.run(start_and_decide_all(engine))

    assert county.raw() == before


class RewoundTurns(MemoryTurns):
    """A reader that is rewound before the first record of a batch and forwarded after it."""

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next records, the first of them an old one."""
        return [*all_seen(self._log, EPISODES_INBOX, 0)[:1], *(await super().read(at_most, wait))[1:]]


def test_f2_an_old_record_before_new_ones_ends_the_engine(county: EngineCounty) -> None:
    """F2: one record that comes again in the place of the next is seen, though the batch ends where it should.

    Without the look at the first offset of a batch the record that it stands for would never be decided.
    """
    county.emit([moved(ADA, "2012-08-03"), moved(ADA, "2012-08-04")])
    before = county.raw()

    with pytest.raises(InboxBroken):
        asyncio.run(start_and_decide_all(county.engine(turns=RewoundTurns(county.log, EPISODES, 0))))

    assert county.raw() == before


def test_first_of_two_engines_dies_fenced_and_writes_nothing(county: EngineCounty) -> None:
    """Design §4: whoever starts last owns the partition; the former owner's next turn fails whole."""
    first, second = county.engine(), county.engine()
    asyncio.run(first.start())
    asyncio.run(second.start())
    county.put(moved(ADA, "2012-08-03"))
    before = county.raw()

    with pytest.raises(Fenced):
        asyncio.run(decide_all(first))

    assert county.raw() == before
    asyncio.run(decide_all(second))
    assert len(county.raw()) == len(before) + 1


def test_memory_of_a_fenced_engine_has_not_moved(county: EngineCounty) -> None:
    """Design §4: what an owner remembers moves only after the commit."""
    first = county.engine()
    asyncio.run(first.start())
    memory = first.memory
    before = (memory.state, memory.next_offset, memory.ledger.last_hash, len(memory.remembered))
    asyncio.run(county.engine().start())
    county.put(moved(ADA, "2012-08-03"))

    with pytest.raises(Fenced):
        asyncio.run(decide_all(first))

    assert (memory.state, memory.next_offset, memory.ledger.last_hash, len(memory.remembered)) == before


@pytest.mark.parametrize("topic", [EPISODES_LEDGER, EPISODES_REFUSED])
def test_engine_does_not_go_on_from_a_ledger_that_does_not_chain(county: EngineCounty, topic: str) -> None:
    """Design §4: a record that does not follow from the one before ends the start; nothing is built upon it."""
    last = all_seen(county.log, topic, 0)[-1]
    county.log.append(Draft(topic, 0, last.key, last.headers, last.value))

    with pytest.raises(BrokenLedger, match="does not chain"):
        asyncio.run(county.engine().start())


def test_altered_record_breaks_the_chain_at_the_next(county: EngineCounty) -> None:
    """Design §4: one bit changed in any record but the last is seen by whoever rebuilds from them."""
    records = all_seen(county.log, EPISODES_LEDGER, 0)
    forged = MemoryRecord(
        EPISODES_LEDGER, 0, 0, 1, records[0].key, records[0].headers, (records[0].value or b"")[:-1] + b"!"
    )
    follower = dict(records[1].headers)["prevhash"]

    assert record_hash(records[0].key, records[0].headers, records[0].value) == follower
    assert record_hash(forged.key, forged.headers, forged.value) != follower


def _say_group_offset(county: EngineCounty, offset: int | None) -> None:
    if offset is None:
        county.log._group_offsets.clear()
        return
    transaction = county.log.begin(county.log.take_over("somebody"))
    county.log.store_offset(transaction, EPISODES.engine, HERE, offset)
    county.log.commit(transaction)
