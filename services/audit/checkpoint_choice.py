"""Which checkpoint of a partition a proof may rest on: the largest that the notary signed and that is true of it.

Knows notes, the notary's public key and hashes. Must never pass a checkpoint over without saying which, and what it
means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.checkpoint import NotACheckpoint, Note, place_of, read, read_unverified
from services.audit.findings import Finding
from services.audit.merkle import Frontier

NOT_THE_NOTARYS = "It was forged or damaged, or it is of another notary; it proves nothing"
_TOO_LARGE = "At least {} records were cut from its end, or an older copy was put in its place"
_UNTRUE = "Something before that was altered, removed, put in or moved: sis audit verify says what"


class SignedNote(NamedTuple):
    """A checkpoint that the notary signed: how many records it binds, their root, its text and where it lies."""

    size: int
    root: bytes
    note: str
    where: str


class Checkpoints:
    """What lies in the folder of checkpoints, of which proofs may take one.

    `passed_over` says what was not taken of the partitions that were asked for, and what it means.
    """

    def __init__(self, notes: Iterable[Note], key: Ed25519PublicKey) -> None:
        self._notes = list(notes)
        self._key = key
        self.passed_over: list[Finding] = []

    def of(self, origin: str) -> list[SignedNote]:
        """The partition's checkpoints that the notary signed, the smallest first; others of it are passed over."""
        found = []
        for where, note in self._notes:
            try:
                checkpoint = read(note, self._key)
            except NotACheckpoint as fault:
                if _is_said_of(origin, where, note):
                    self.passed_over.append(Finding(where, None, str(fault), NOT_THE_NOTARYS))
                continue
            if checkpoint.origin == origin:
                found.append(SignedNote(checkpoint.size, checkpoint.root, note, where))
        return sorted(found)

    def true_of(self, hashes: Sequence[bytes], signed: Iterable[SignedNote]) -> dict[int, str]:
        """The notes that are true of the partition's records, by size, the largest last; others are passed over."""
        signed = list(signed)
        roots, true = _roots_at(hashes, {one.size for one in signed}), {}
        for one in signed:
            if roots.get(one.size) == one.root:
                true[one.size] = one.note
            else:
                self.passed_over.append(_untrue(one, hashes))
        return true


def _is_said_of(origin: str, where: str, note: str) -> bool:
    """Whether a note that proves nothing lies among the partition's, or says that it is one of them."""
    topic, partition = place_of(origin)
    if where.startswith(f"checkpoints/{topic}-{partition}/"):
        return True
    try:
        return read_unverified(note).origin == origin
    except NotACheckpoint:
        return False


def _untrue(one: SignedNote, hashes: Sequence[bytes]) -> Finding:
    if one.size > len(hashes):
        what = f"it is signed and binds {one.size} records, but there are {len(hashes)}"
        return Finding(one.where, None, what, _TOO_LARGE.format(one.size - len(hashes)))
    return Finding(one.where, None, f"it is signed, but the first {one.size} records are not those it binds", _UNTRUE)


def _roots_at(hashes: Sequence[bytes], sizes: Collection[int]) -> dict[int, bytes]:
    """The root of the first so many records, for each size that there is."""
    tree, roots = Frontier(), {}
    for size in sorted(size for size in sizes if size <= len(hashes)):
        tree.add(hashes[tree.size : size])
        roots[size] = tree.root()
    return roots
