"""The engine's port on a log in memory, and a crash at a named step of a named turn for tests.

Knows the order of the steps inside a turn. Must never know what a record says, nor a Kafka client.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from services.log.errors import Spent
from services.log.memory import MemoryLog, Owner
from services.log.ports import Place
from services.log.record import Draft, Record
from services.words.topics import Flow

_BATCH = 1_000


class Crash(BaseException):
    """The process died here; not an `Exception`, so that nothing but the test catches it."""


class Step(Enum):
    """Where inside a turn."""

    BEFORE_APPEND = auto()
    AFTER_DRAFTS = auto()
    BEFORE_COMMIT = auto()
    AFTER_COMMIT = auto()


@dataclass(frozen=True, slots=True)
class CrashAt:
    """Die in the `turn`-th write (1, 2, ...) at a step; `drafts` says after how many for AFTER_DRAFTS."""

    turn: int
    step: Step
    drafts: int = 0


class MemoryTurns:
    """Turns on a `MemoryLog`. A crash leaves its transaction open, as a killed process does, until a take-over."""

    def __init__(self, log: MemoryLog, flow: Flow, partition: int, crash: CrashAt | None = None) -> None:
        self._log = log
        self._flow = flow
        self._partition = partition
        self._crash = crash
        self._owner: Owner | None = None
        self._turn = 0
        self._position = 0

    async def take_over(self) -> None:
        """Become the owner; the former owner's open transaction is aborted and its writes raise `Fenced`."""
        self._owner = self._log.take_over(f"{self._flow.engine}-{self._partition}")

    def ledger(self) -> AsyncIterator[Sequence[Record]]:
        """All committed records of the ledger partition, up to its end at the time of asking."""
        return self._to_end((self._flow.ledger, self._partition))

    def refused(self) -> AsyncIterator[Sequence[Record]]:
        """All committed records of the refused partition, up to its end at the time of asking."""
        return self._to_end((self._flow.refused, self._partition))

    async def seek(self, offset: int) -> None:
        """Read the inbox from `offset` on."""
        self._position = offset

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next inbox records; never waits, for nobody else can append meanwhile."""
        records, self._position = self._log.seen((self._flow.inbox, self._partition), self._position, at_most)
        return records

    async def write(self, drafts: Sequence[Draft], read_up_to: int) -> None:
        """One transaction. Raises `Fenced`, `DraftTooLarge`, `Crash`; after any of them `Spent`."""
        if self._owner is None:
            raise Spent("no owner, or a turn of this owner has failed: end the process and take over anew")
        owner, self._owner = self._owner, None
        self._turn += 1
        self._maybe_crash(Step.BEFORE_APPEND)
        self._transact(owner, drafts, read_up_to)
        self._maybe_crash(Step.AFTER_COMMIT)
        self._owner = owner

    async def inbox_record(self, offset: int) -> Record | None:
        """One inbox record by its offset; None if there is none there."""
        records, _ = self._log.seen((self._flow.inbox, self._partition), max(offset, 0), 1)
        return records[0] if records and records[0].offset == offset else None

    async def close(self) -> None:
        """Write nothing more."""
        self._owner = None

    def _transact(self, owner: Owner, drafts: Sequence[Draft], read_up_to: int) -> None:
        transaction = self._log.begin(owner)
        try:
            for number, draft in enumerate(drafts):
                self._maybe_crash(Step.AFTER_DRAFTS, number)
                self._log.append(draft, transaction)
            self._maybe_crash(Step.AFTER_DRAFTS, len(drafts))
            self._log.store_offset(transaction, self._flow.engine, (self._flow.inbox, self._partition), read_up_to)
            self._maybe_crash(Step.BEFORE_COMMIT)
        except Exception:
            self._log.abort(transaction)
            raise
        self._log.commit(transaction)

    def _maybe_crash(self, step: Step, drafts: int = 0) -> None:
        if self._crash == CrashAt(self._turn, step, drafts):
            raise Crash(f"turn {self._turn}, {step.name}, {drafts} drafts")

    async def _to_end(self, place: Place) -> AsyncIterator[Sequence[Record]]:
        position, end = 0, self._log.end_offset(place)
        while position < end:
            records, position = self._log.seen(place, position, _BATCH)
            if records:
                yield records
