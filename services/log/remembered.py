"""Which ids a partition has had, and with what content: 32 bytes for each content (ruling 3).

Knows 16 bytes of a hash of subject and id, 16 of the content's digest, and whether it was recorded. Must never hold
anything from which subject, id or content could be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from hashlib import sha256
from typing import TypeAlias

_ENTRY = 32
_NAME = 15
"""Bytes of the hash compared in full; of the sixteenth the lowest bit says whether the content was recorded."""
_MOST_IN_A_BUCKET = 96
"""Mean number of entries above which there is one bucket more: small enough to search, large enough to cost little."""
_BYTES = [bytes((number,)) for number in range(256)]


class Had(Enum):
    """What is known of an id and a content."""

    NEVER = "never had"
    SAME = "had with the same content"
    OTHER = "recorded with other content"


Entry: TypeAlias = tuple[bool, bytes]
"""Whether a content was recorded (else refused), and the first 16 bytes of its digest."""


def name_of(subject: str, id: str) -> bytes:
    """The 16 bytes under which an id of a subject is remembered."""
    return sha256(f"{subject}\0{id}".encode()).digest()[:16]


def entry_of(digest: bytes, *, recorded: bool) -> Entry:
    """A content as it is remembered."""
    return recorded, digest[:16]


def had(entries: Iterable[Entry], digest: bytes) -> Had:
    """What these entries say of a content; the same content goes before any other."""
    answer = Had.NEVER
    for recorded, known in entries:
        if known == digest[:16]:
            return Had.SAME
        if recorded:
            answer = Had.OTHER
    return answer


def had_recorded(entries: Iterable[Entry], digest: bytes) -> Had:
    """As `had`, but refused contents count for nothing: what a redrive asks."""
    return had((entry for entry in entries if entry[0]), digest)


class Remembered:
    """All contents ever recorded or refused, in buckets of bytes: small, and a look-up stays short.

    Buckets are split one at a time as they fill (linear hashing; W. Litwin, 1980), so that no input waits for a
    reordering of all.
    """

    def __init__(self) -> None:
        self._buckets = [b""]
        self._half = 1
        self._count = 0

    def __len__(self) -> int:
        """How many contents are remembered."""
        return self._count

    def entries(self, name: bytes) -> Sequence[Entry]:
        """All contents of the id of this name, in the order in which they came."""
        bucket = self._buckets[self._place_of(name)]
        at = bucket.find(name[:_NAME])
        if at < 0:  # nearly always, so nothing is made for it
            return ()
        found = []
        while at >= 0:
            if at % _ENTRY == 0 and bucket[at + _NAME] | 1 == name[_NAME] | 1:
                found.append((bool(bucket[at + _NAME] & 1), bucket[at + 16 : at + _ENTRY]))
            at = bucket.find(name[:_NAME], at + 1)
        return found

    def remember(self, name: bytes, entry: Entry) -> None:
        """Keep a content of the id of this name."""
        recorded, digest = entry
        last = (name[_NAME] & 0xFE) | recorded
        self._buckets[self._place_of(name)] += name[:_NAME] + _BYTES[last] + digest
        self._count += 1
        if self._count > _MOST_IN_A_BUCKET * len(self._buckets):
            self._add_a_bucket()

    def take_over(self, newer: Mapping[bytes, Iterable[Entry]]) -> None:
        """Keep all these, by name."""
        for name, entries in newer.items():
            for entry in entries:
                self.remember(name, entry)

    def _place_of(self, name: bytes) -> int:
        number = int.from_bytes(name[:4], "big")
        place = number % (2 * self._half)
        return place if place < len(self._buckets) else number % self._half

    def _add_a_bucket(self) -> None:
        """Split the bucket whose turn it is: what belongs to its new other half goes there."""
        place = len(self._buckets) - self._half
        entries = _split(self._buckets[place])
        self._buckets[place] = b""
        self._buckets.append(b"")
        if len(self._buckets) == 2 * self._half:
            self._half *= 2
        for entry in entries:
            self._buckets[self._place_of(entry)] += entry


def _split(bucket: bytes) -> list[bytes]:
    return [bucket[at : at + _ENTRY] for at in range(0, len(bucket), _ENTRY)]
