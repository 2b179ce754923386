"""Which ids a partition has had, and with what content: 32 bytes for each content (ruling 3).

Knows 16 bytes of a hash of subject and id, 16 of the content's digest, and whether it was recorded. Must never hold
anything from which subject, id or content could be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from hashlib import sha256

_ENTRY = 32
_NAME = 15
"""Bytes of the hash that are compared in full; of the sixteenth the lowest bit says whether the content was recorded."""


class Had(Enum):
    """What is known of an id and a content."""

    NEVER = "never had"
    SAME = "had with the same content"
    OTHER = "recorded with other content"


class Remembered:
    """All contents ever recorded or refused, in buckets of bytes: small, and a look-up stays short."""

    def __init__(self) -> None:
        self._buckets: dict[bytes, bytearray] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many contents are remembered."""
        return self._count

    def had(self, subject: str, id: str, digest: bytes) -> Had:
        """What is known of this id of this subject; the same content goes before any other."""
        answer = Had.NEVER
        for recorded, known in self._entries(_name_of(subject, id)):
            if known == digest[:16]:
                return Had.SAME
            if recorded:
                answer = Had.OTHER
        return answer

    def recorded(self, subject: str, id: str, digest: bytes) -> Had:
        """As `had`, but refused contents count for nothing: what a redrive asks."""
        answer = Had.NEVER
        for recorded, known in self._entries(_name_of(subject, id)):
            if recorded:
                answer = Had.SAME if known == digest[:16] else Had.OTHER
        return answer

    def remember(self, subject: str, id: str, digest: bytes, *, recorded: bool) -> None:
        """Keep a content, as recorded or as refused."""
        name = _name_of(subject, id)
        last = (name[15] & 0xFE) | recorded
        self._buckets.setdefault(name[:2], bytearray()).extend(name[:_NAME] + bytes((last,)) + digest[:16])
        self._count += 1

    def take_over(self, newer: Remembered) -> None:
        """Add all that another remembers."""
        for place, entries in newer._buckets.items():
            self._buckets.setdefault(place, bytearray()).extend(entries)
        self._count += newer._count

    def _entries(self, name: bytes) -> Iterator[tuple[bool, bytes]]:
        bucket = self._buckets.get(name[:2])
        if bucket is None:
            return
        at = bucket.find(name[:_NAME])
        while at >= 0:
            if at % _ENTRY == 0 and bucket[at + _NAME] | 1 == name[_NAME] | 1:
                yield bool(bucket[at + _NAME] & 1), bytes(bucket[at + 16 : at + _ENTRY])
            at = bucket.find(name[:_NAME], at + 1)


def _name_of(subject: str, id: str) -> bytes:
    return sha256(f"{subject}\0{id}".encode()).digest()[:16]
