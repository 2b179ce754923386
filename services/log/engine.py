"""The engine: one owner of one inbox partition, deciding it for ever, exactly once.

Knows the order that keeps a ledger whole (reference: the rules of exactly-once): take over, rebuild, read on from where
the ledger says, one transaction a turn, memory moves after the commit. Crash-only: every exception ends the process.
Must never trust the group's offset, nor go on after a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic

from services.log.codec import Undecodable, decode
from services.log.desk import Counts, Desk, Memory
from services.log.keys import Keys
from services.log.rebuilding import rebuild
from services.log.record import Record
from services.log.rules import S
from services.log.turn import Turn
from services.log.turns import Turns
from services.log.writing import Partition
from services.words import envelope as named
from services.words.keeping import Redriven
from services.words.topics import Flow

MOST_IN_A_TURN = 2000


class InboxBroken(Exception):
    """The inbox handed out other offsets than it must: going on would skip or repeat inputs."""


class Engine(Generic[S]):
    """Decides partition `number` of a flow on a port."""

    def __init__(
        self, desk: Desk[S], flow: Flow, number: int, turns: Turns, keys: Keys, kick: Callable[[str], None]
    ) -> None:
        self._desk = desk
        self._flow = flow
        self._number = number
        self._turns = turns
        self._keys = keys
        self._kick = kick
        self.memory = Memory(desk.rules.initial, Partition(flow.ledger, number), Partition(flow.refused, number))
        self.counts = Counts()

    async def start(self) -> None:
        """Take the partition over, rebuild what is known of it, and go to where its ledger ends."""
        self._kick("take over")
        await self._turns.take_over()
        await rebuild(self.memory, self._desk.rules, self._turns, self._kick)
        await self._turns.seek(self.memory.next_offset)

    async def run(self) -> None:
        """Decide for ever."""
        while True:
            await self.step(wait=1.0)

    async def step(self, wait: float) -> int:
        """One turn: read, decide, write. Returns the number of inputs; 0 if none came within `wait` seconds."""
        self._kick("read the inbox")
        records = await self._turns.read(MOST_IN_A_TURN, wait)
        if not records:
            return 0
        self._must_follow(records)
        self._kick("decide")
        originals = await self._originals(records)
        keys = self._keys.turn(self._flow.engine, f"decide {len(records)} inputs of partition {self._number}")
        turn = Turn(self._desk, self.memory, keys, originals)
        drafts = turn.decide(records)
        keys.commit()
        self._kick("write the turn")
        next_offset = records[-1].offset + 1
        await self._turns.write(drafts, next_offset)
        turn.kept(next_offset)
        self._count(turn.counts)
        return len(records)

    def _must_follow(self, records: Sequence[Record]) -> None:
        """Inboxes have plain emitters only, so their offsets have no gap; anything else is an error (F2)."""
        expected = self.memory.next_offset
        if records[0].offset != expected or records[-1].offset != expected + len(records) - 1:
            raise InboxBroken(
                f"{self._flow.inbox} partition {self._number} gave offsets {records[0].offset} to {records[-1].offset} "
                f"where {expected} comes next; start the service again"
            )

    async def _originals(self, records: Sequence[Record]) -> Mapping[int, Record | None]:
        """The refused inbox records that redrives among these records are about."""
        found: dict[int, Record | None] = {}
        for record in records:
            offset = redriven_offset(record)
            if offset is not None and offset < record.offset:
                found[offset] = await self._turns.inbox_record(offset)
        return found

    def _count(self, counts: Counts) -> None:
        self.counts.recorded += counts.recorded
        self.counts.refused += counts.refused
        self.counts.repeated += counts.repeated


def redriven_offset(record: Record) -> int | None:
    """The offset of the refused record that a redrive is about; None if this is no redrive, or cannot be read."""
    if (named.TYPE, Redriven.TYPE.encode()) not in record.headers:
        return None
    try:
        name, fields = decode(record.value)
    except Undecodable:
        return None
    return fields["offset"] if name == Redriven.TYPE else None
