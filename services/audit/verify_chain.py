"""A ledger or refused partition in itself: its chain, and the numbers 1..n of each key.

Knows headers. Must never know what a record says.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.audit.added import Added
from services.audit.findings import Report
from services.log.chain import ZEROS
from services.log.record import Record


class Chain:
    """Follows one partition from its first record."""

    def __init__(self, origin: str, report: Report) -> None:
        self._origin = origin
        self._report = report
        self._last = ZEROS
        self._last_offset = -1
        self._sequences: dict[bytes, int] = {}

    def take(self, records: Sequence[Record], hashes: Sequence[bytes], headers: Sequence[Added]) -> None:
        """Take the next records, each with its H(record) and what a host added to it."""
        last, sequences = self._last, self._sequences
        for record, hashed, header in zip(records, hashes, headers, strict=True):
            key = record.key or b""
            due = sequences.get(key, 0) + 1
            if header.previous_hash != last or header.sequence != b"%d" % due:
                due = self._tell(record, header, last, due)
            sequences[key] = due
            last, self._last_offset = hashed, record.offset
        self._last = last

    def _tell(self, record: Record, header: Added, last: bytes, due: int) -> int:
        """Say what does not fit; the number to count on from."""
        chained, said = header.previous_hash == last, header.sequence
        number = int(said) if said.isdigit() and len(said) < 19 else 0
        if number == due:
            before = self._last_offset
            what = f"the chain breaks here: the record before it, at offset {before}, is not that which stood there"
            means = f"The record at offset {before} was altered, or another was removed or put in before this one"
        elif number > due:
            what = f"it is number {number} of its key and number {due} is due"
            means = f"{number - due} records of this key were removed before it, or moved behind it"
        else:
            what = f"it is number {number} of its key and number {due} is due"
            means = "It was moved, put in twice, or its number was altered"
        self._report.find(
            self._origin, record.offset, what, means + ("; the chain was recomputed to hide it" if chained else "")
        )
        return max(number, due - 1)
