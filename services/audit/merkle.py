"""Merkle trees of RFC 6962 (section 2.1): roots that grow record by record, inclusion and consistency proofs.

Knows hashes. Must never know what was hashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf, here of H(record)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree of which only the roots of its full subtrees are kept: at most one for each bit of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def add(self, entries: Iterable[bytes]) -> None:
        """Append entries: the largest full subtrees that they make, level by level, which is faster than one by one."""
        leaves, done = [sha256(b"\x00" + entry).digest() for entry in entries], 0
        while done < len(leaves):
            most = 1 << (len(leaves) - done).bit_length() - 1
            width = min(self.size & -self.size or most, most)
            self._append(leaves[done : done + width])
            done += width

    def _append(self, nodes: list[bytes]) -> None:
        """Append a full subtree by its leaves' hashes; it begins where one of its width may."""
        width = len(nodes)
        while len(nodes) > 1:
            pairs = zip(nodes[::2], nodes[1::2], strict=True)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        node, rest = nodes[0], self.size // width
        while rest & 1:
            node = node_hash(self._full.pop(), node)
            rest >>= 1
        self._full.append(node)
        self.size += width

    def root(self) -> bytes:
        """The root of all that was added."""
        if not self._full:
            return EMPTY
        node = self._full[-1]
        for left in reversed(self._full[:-1]):
            node = node_hash(left, node)
        return node


def root_of(entries: Sequence[bytes]) -> bytes:
    """The root of these entries."""
    tree = Frontier()
    tree.add(entries)
    return tree.root()


def inclusion(entries: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the entry at `index` (RFC 6962, 2.1.1), from the leaf upwards."""
    if len(entries) <= 1:
        return []
    half = _split(len(entries))
    if index < half:
        return [*inclusion(entries[:half], index), root_of(entries[half:])]
    return [*inclusion(entries[half:], index - half), root_of(entries[:half])]


def consistency(entries: Sequence[bytes], first: int) -> list[bytes]:
    """Proof that the tree of the `first` entries is a beginning of this one (RFC 6962, 2.1.2); 0 < first."""
    return [] if first == len(entries) else _consistency(entries, first, True)


def _consistency(entries: Sequence[bytes], first: int, whole: bool) -> list[bytes]:
    if first == len(entries):
        return [] if whole else [root_of(entries)]
    half = _split(len(entries))
    if first <= half:
        return [*_consistency(entries[:half], first, whole), root_of(entries[half:])]
    return [*_consistency(entries[half:], first - half, False), root_of(entries[:half])]


def is_included(entry: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether an audit path leads from an entry to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf_hash(entry)
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(step, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def is_consistent(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a proof shows that the larger tree begins with the smaller one (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not steps:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
