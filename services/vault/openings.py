"""The log of openings: who opened something and why, written before it is opened, each entry bound to the one before.

Knows who, why and when. Must never know a person, or what was found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from services.vault.store import OpeningRow, Store

_FIRST = bytes(32)


class OpeningsBroken(Exception):
    """An entry of the log of openings was changed, removed or put in between."""


class Openings:
    """The log of openings of one vault."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def log(self, who: str, why: str, what: str) -> None:
        """Write and commit one entry; only then may be opened what it stands for."""
        self.log_each(who, (why,), what)

    def log_each(self, who: str, whys: Iterable[str], what: str) -> None:
        """Write an entry for each reason and commit them together; only then may be opened what they stand for."""
        with self._store.at_once():
            # Read inside the transaction: whoever writes meanwhile waits, so the chain never forks.
            last = self._store.last_opening()
            first, prev_hash = (last.seq + 1, last.hash) if last else (1, _FIRST)
            at = self._now().astimezone(UTC).isoformat()
            for seq, why in enumerate(whys, start=first):
                entry = OpeningRow(seq, at, who, why, what, prev_hash, b"")
                prev_hash = hash_of(entry)
                self._store.add_opening(entry._replace(hash=prev_hash))

    def verify(self) -> int:
        """Return the number of entries if each is as it was written and follows the one before.

        Raises `OpeningsBroken`. That the newest entries are missing can only be seen against a number noted elsewhere.
        """
        seq, prev_hash = 0, _FIRST
        for entry in self._store.openings():
            seq += 1
            if entry.seq != seq or entry.prev_hash != prev_hash or entry.hash != hash_of(entry):
                raise OpeningsBroken(f"The log of openings is not as it was written, from entry {seq} on.")
            prev_hash = entry.hash
        return seq


def opening_hashes(data: Path) -> Callable[[int], list[bytes]]:
    """What gives the hashes of a data folder's log of openings after so many entries; it opens nothing else there."""
    return Store(data / "vault" / "vault.sqlite").opening_hashes


def hash_of(entry: OpeningRow) -> bytes:
    """SHA-256 over the canonical JSON (RFC 8785) of all columns but the hash; the former hash in hexadecimal."""
    seq, at, who, why, what, prev_hash, _ = entry
    content = {"seq": seq, "at": at, "who": who, "why": why, "what": what, "prev_hash": prev_hash.hex()}
    # Texts and one whole number under ASCII names: orjson spells them as RFC 8785 does, in a fraction of the time.
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
