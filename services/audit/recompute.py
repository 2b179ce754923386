"""One partition's inbox decided again, into nothing, and held against what was recorded, byte for byte.

Knows the engine's own turn, rules and memory, and when an outcome is kept as it was recorded. Must never write: it has
nothing to write with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from services.audit.declared import DECLARED, Declared
from services.audit.kept_keys import KeptKeys
from services.audit.outcomes import (
    Outcome,
    Recorded,
    as_decided,
    by_input,
    differing,
    input_of,
    input_of_recorded,
)
from services.audit.partition_reading import ReaderOf, read_whole
from services.audit.recompute_keys import OnlyReading
from services.audit.recompute_words import Deed, deeds_of, differs_in, ids_in, whose
from services.audit.rules_named import rule_of
from services.log.arrival import Unreadable, read_arrival
from services.log.desk import Desk, Memory
from services.log.engine import redriven_offset
from services.log.keys import Keys
from services.log.ports import Place
from services.log.rebuilding import rebuild
from services.log.record import Record
from services.log.rules import UnknownRelease
from services.log.turn import Turn
from services.log.writing import Partition
from services.words.errors import NoKey
from services.words.topics import Flow

_AT_ONCE = 1_000


class Difference(NamedTuple):
    """The first input of a partition that would now be decided otherwise: in which part (`what`), by which `rule`."""

    place: Place
    offset: int
    input_id: str
    input_type: str
    recorded: Sequence[Deed]
    decided: Sequence[Deed]
    what: str
    rule: str


@dataclass(slots=True)
class Recomputed:
    """What came of one partition: counts of inputs, and its first difference, if there is one."""

    place: Place
    inputs: int = 0
    same: int = 0
    erased: int = 0
    closed: int = 0
    declared: int = 0
    difference: Difference | None = None
    halted: str | None = None
    """Why it could not go on: rules that this program does not have."""


@dataclass(slots=True)
class _Past:
    """What was recorded of some inputs, for the engine's own memory."""

    facts: Sequence[Record] = ()
    refusals: Sequence[Record] = ()

    async def ledger(self) -> AsyncIterator[Sequence[Record]]:
        yield self.facts

    async def refused(self) -> AsyncIterator[Sequence[Record]]:
        yield self.refusals


class _Tried(NamedTuple):
    """A turn over `size` inputs, the first `same` of which have the outcome that was recorded."""

    turn: Turn[Any]
    size: int
    same: int
    decided: Mapping[int, Outcome]


class _Batch:
    """Inbox records to be decided, with what was recorded of them."""

    def __init__(self, records: Sequence[Record], past: _Past) -> None:
        self.records = records
        self.past = past
        self.recorded = (*past.facts, *past.refusals)

    @cached_property
    def outcomes(self) -> Mapping[int, Outcome]:
        """What was recorded by the input: sorted out at the first question, so never where all is the same."""
        return by_input(self.recorded, input_of_recorded)


class Recomputation:
    """Decides partition `number` of a flow again, from the input at `start` on."""

    def __init__(self, reader_of: ReaderOf, desk: Desk[Any], flow: Flow, number: int, keys: Keys, start: int) -> None:
        self._reader_of = reader_of
        self._desk = desk
        self._inbox: Place = (flow.inbox, number)
        self._keys = keys
        self._start = start
        self._memory: Memory[Any] = Memory(
            desk.rules.initial, Partition(flow.ledger, number), Partition(flow.refused, number)
        )
        self._ledger = Recorded(reader_of, (flow.ledger, number))
        self._refused = Recorded(reader_of, (flow.refused, number))
        self._memory_place: Place = (flow.ledger, number)
        self._people: dict[str, str] = {}
        self.found = Recomputed(self._inbox)

    async def run(self) -> Recomputed:
        """Decide up to the present end, or to the first difference."""
        inbox = read_whole(self._reader_of, self._inbox, self._start)
        async with aclosing(inbox), aclosing(self._ledger), aclosing(self._refused):
            try:
                if self._start:
                    await self._remember(await self._past(self._start - 1), self._start)
                await self._decide(inbox)
            except UnknownRelease as fault:
                self.found.halted = str(fault)
        return self.found

    async def _decide(self, inbox: AsyncIterator[Sequence[Record]]) -> None:
        async for records in inbox:
            for at in range(0, len(records), _AT_ONCE):
                await self._batch(records[at : at + _AT_ONCE])
                if self.found.difference is not None:
                    return

    async def _batch(self, records: Sequence[Record]) -> None:
        batch = _Batch(records, await self._past(records[-1].offset))
        self.found.inputs += len(records)
        at = 0
        while at < len(records) and self.found.difference is None:
            at += await self._stretch(batch, records[at:])

    async def _stretch(self, batch: _Batch, records: Sequence[Record]) -> int:
        """Decide up to the first input that has another outcome, and see to that one; returns how many that were."""
        tried = await self._tried(batch, records)
        same = tried.same
        kept: _Tried | None = tried
        if same < tried.size:
            kept = await self._tried(batch, records[:same]) if same else None
        if kept is not None:
            kept.turn.kept(records[same - 1].offset + 1)
            self.found.same += same
        if same == tried.size:
            return same
        await self._see_to(batch, records[same], tried.decided)
        return same + 1

    async def _tried(self, batch: _Batch, records: Sequence[Record]) -> _Tried:
        """Decide some; what has no key any more is found by halves, and then tried alone."""
        vault = self._keys.turn("auditor", f"recompute {self._inbox[0]} partition {self._inbox[1]}")
        keys = OnlyReading(vault, KeptKeys(records, lambda: batch.outcomes, vault))
        turn = Turn(self._desk, self._memory, keys, await self._originals(records))
        try:
            drafts = [one for one in turn.decide(records) if self._is_kept(one.topic)]
        except NoKey:
            if len(records) > 1:
                return await self._tried(batch, records[: len(records) // 2])
            return _Tried(turn, 1, 0, {})
        finally:
            keys.discard()
        if len(records) == len(batch.records) and as_decided(batch.recorded, drafts):
            return _Tried(turn, len(records), len(records), {})
        return _compared(turn, batch, records, by_input(drafts, input_of))

    async def _see_to(self, batch: _Batch, record: Record, decided: Mapping[int, Outcome]) -> None:
        """An input with another outcome: kept as it was recorded if there is a reason, else the difference."""
        recorded, would = batch.outcomes.get(record.offset, ()), decided.get(record.offset, ())
        if await self._is_erased(record, recorded):
            self.found.erased += 1
        elif self._is_closed(record, recorded, would):
            self.found.closed += 1
        elif _is_declared(DECLARED, record, recorded, would):
            self.found.declared += 1
        else:
            self.found.difference = self._difference(record, recorded, would)
            return
        only = _Past(
            [one for one in batch.past.facts if input_of_recorded(one) == record.offset],
            [one for one in batch.past.refusals if input_of_recorded(one) == record.offset],
        )
        await self._remember(only, record.offset + 1)

    async def _remember(self, past: _Past, next_offset: int) -> None:
        await rebuild(self._memory, self._desk.rules, past, _nothing)
        self._memory.next_offset = next_offset

    async def _past(self, up_to: int) -> _Past:
        return _Past(await self._ledger.up_to(up_to), await self._refused.up_to(up_to))

    async def _originals(self, records: Sequence[Record]) -> Mapping[int, Record | None]:
        found: dict[int, Record | None] = {}
        for record in records:
            offset = redriven_offset(record)
            if offset is not None and offset < record.offset:
                found[offset] = await self._inbox_record(offset)
        return found

    async def _inbox_record(self, offset: int) -> Record | None:
        async with aclosing(read_whole(self._reader_of, self._inbox, max(0, offset))) as inbox:
            records = await anext(inbox, ())
        return records[0] if records and records[0].offset == offset else None

    def _is_kept(self, topic: str) -> bool:
        return topic in (self._memory.ledger.topic, self._memory.refused.topic)

    async def _is_erased(self, record: Record, recorded: Outcome) -> bool:
        """Whether it is about somebody whose key was destroyed since: nothing of theirs opens any more."""
        names = set(ids_in(record, recorded))
        people = names | {self._people[name] for name in names if name in await self._known_people()}
        keys = self._keys.turn("auditor", "recompute: who was erased")
        try:
            return any(keys.is_erased(person) for person in people)
        finally:
            keys.discard()

    async def _known_people(self) -> Mapping[str, str]:
        """Whose each handover and offer is, by the ledger; asked for at the first input that has another outcome."""
        if not self._people:
            self._people[""] = ""
            async for records in read_whole(self._reader_of, self._memory_place):
                for record in records:
                    whose(record, self._people)
        return self._people

    def _is_closed(self, record: Record, recorded: Outcome, would: Outcome) -> bool:
        """Whether its sealed content opens no more, since its month's key was destroyed (design §6)."""
        with suppress(Unreadable):
            arrival = read_arrival(record)
            return arrival.sealed is not None and [deed.name for deed in deeds_of(would)] == ["UNREADABLE"]
        return False

    def _difference(self, record: Record, recorded: Outcome, would: Outcome) -> Difference:
        headers = dict(record.headers)
        said = [(headers.get(name) or b"").decode(errors="replace") for name in ("ce_id", "ce_type")]
        return Difference(
            self._inbox,
            record.offset,
            said[0],
            said[1],
            deeds_of(recorded),
            deeds_of(would),
            differs_in(recorded, would),
            rule_of(recorded, would),
        )


def _compared(turn: Turn[Any], batch: _Batch, records: Sequence[Record], decided: Mapping[int, Outcome]) -> _Tried:
    recorded = {record.offset: batch.outcomes[record.offset] for record in records if record.offset in batch.outcomes}
    other = next(differing(recorded, decided), None)
    same = len(records) if other is None else other - records[0].offset
    return _Tried(turn, len(records), same, decided)


def _is_declared(declared: Sequence[Declared], record: Record, recorded: Outcome, would: Outcome) -> bool:
    headers = dict(record.headers)
    change = Declared(
        (headers.get("ce_type") or b"").decode(errors="replace"),
        tuple(deed.name for deed in deeds_of(recorded)),
        tuple(deed.name for deed in deeds_of(would)),
    )
    return change in declared


def _nothing(_: str) -> None:
    """Nobody watches."""
