"""A waiting line: entries by their order, smallest first, as a leftist heap that is never changed in place.

Knows orders and names. Must never know why anything waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty; `None` is the empty one. `depth` of the right branch is never above the left one's."""

    order: int
    name: str
    depth: int = 1
    left: Line | None = None
    right: Line | None = None


def joined(one: Line | None, other: Line | None) -> Line | None:
    """Both lines in one; takes steps in proportion to the logarithm of their lengths."""
    if one is None or other is None:
        return one or other
    if other.order < one.order:
        one, other = other, one
    right = joined(one.right, other)
    left = one.left
    if _depth(left) < _depth(right):
        left, right = right, left
    return Line(one.order, one.name, _depth(right) + 1, left, right)


def after_first(line: Line) -> Line | None:
    """The line without its first entry."""
    return joined(line.left, line.right)


def entries(line: Line | None) -> Iterator[Line]:
    """All entries, in no order."""
    todo = [line]
    while todo:
        entry = todo.pop()
        if entry is not None:
            yield entry
            todo += (entry.left, entry.right)


def _depth(line: Line | None) -> int:
    return 0 if line is None else line.depth
