"""The port that an engine runs on: one inbox partition, and the sole right to write what is decided of it.

Knows the order in which a log may be used. Must never know which log: `memory` and `kafka_turns` are the two.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from services.log.record import Draft, Record


class Fenced(Exception):
    """Another owner has taken this partition over; nothing of this turn was written, and this owner must end."""


class Turns(Protocol):
    """Inbox partition *n* with ledger and refused partition *n*.

    Order of use: `take_over`, then `ledger` and `refused` to their ends, then `seek`, then `read` and `write` in turn.
    Any exception from any method means: end the process. Nothing is retried and no object is used again.
    """

    async def take_over(self) -> None:
        """Become the owner: whoever owned the partition before can write nothing from now on."""

    def ledger(self) -> AsyncIterator[Sequence[Record]]:
        """All committed records of the ledger partition, in order, in batches, up to its end at the time of asking."""

    def refused(self) -> AsyncIterator[Sequence[Record]]:
        """The same of the refused partition."""

    async def seek(self, offset: int) -> None:
        """Read the inbox from `offset` on."""

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next inbox records, at most so many; empty if none came within `wait` seconds."""

    async def write(self, drafts: Sequence[Draft], read_up_to: int) -> None:
        """One transaction: all drafts become visible together or not at all, in this order within each partition.

        `read_up_to` is the next inbox offset to be read; it is stored as the group's offset, for lag and waiting only.
        Raises `Fenced` if another owner has taken over.
        """

    async def inbox_record(self, offset: int) -> Record | None:
        """One inbox record by its offset, for a redrive; None if there is none there."""

    async def close(self) -> None:
        """Let go of the connections; writes nothing."""
