"""A partition against every checkpoint that anybody holds of it.

Knows hashes, sizes and roots. Must never know what a record says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.audit.findings import Report
from services.audit.merkle import Frontier

LATE_MS = 600_000
"""A notary signs a record within a minute of reading it; one that starts has to read everything again first."""


class Held(NamedTuple):
    """What a witness holds of a partition: the root of its first `size` records, or its first bytes; and who it is."""

    size: int
    root: bytes
    witness: str


class Roots:
    """Grows the tree of one partition and compares it with what is held, as each size is reached."""

    def __init__(self, origin: str, held: Sequence[Held], report: Report) -> None:
        self._origin = origin
        self._due = sorted(held, reverse=True)
        self._report = report
        self._tree = Frontier()
        self._last_offset = -1
        self._good: tuple[int, int] = (0, -1)
        self._bad = False
        self._newest = max((one.size for one in held), default=0)

    def take(self, hashes: Sequence[bytes], offsets: Sequence[int]) -> None:
        """Take the H(record) of the next records, and their offsets."""
        done = 0
        while self._due and self._tree.size + len(hashes) - done >= self._due[-1].size:
            held = self._due.pop()
            cut = held.size - self._tree.size
            self._tree.add(hashes[done : done + cut])
            done += cut
            self._compare(held, offsets[done - 1] if done else self._last_offset)
        self._tree.add(hashes[done:])
        if offsets:
            self._last_offset = offsets[-1]

    def end(self) -> None:
        """Say what is held of records that are not there, and how far proof reaches."""
        for held in self._due:
            self._report.find(
                self._origin,
                None,
                f"it has {self._tree.size} records, but {held.witness} holds a checkpoint of {held.size}",
                f"At least {held.size - self._tree.size} records were cut from its end, or an older copy was put in "
                "its place",
            )
        beyond = self._tree.size - self._newest
        if beyond > 0:
            self._report.limits.append(
                f"{self._origin}: the last {beyond} of {self._tree.size} records are in no checkpoint yet; for them "
                "only chain and inbox speak"
            )

    def _compare(self, held: Held, offset: int) -> None:
        if self._tree.root().startswith(held.root):
            self._good = (held.size, offset)
            self._report.count("checkpoints that agree")
        elif not self._bad:
            self._bad = True
            size, last = self._good
            self._report.find(
                self._origin,
                None,
                f"its first {held.size} records are not those of the checkpoint that {held.witness} holds; its first "
                f"{size} are proved",
                f"Between offsets {last + 1} and {offset} something was altered, removed, put in or moved, whatever "
                "the chain says",
            )
