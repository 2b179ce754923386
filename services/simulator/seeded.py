"""What follows from a seed: ids and chance.

Knows how both are derived, so that the same county comes out each time. Must never read a clock or the system's chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random
from uuid import UUID, uuid5

_ALL_COUNTIES = UUID("5b0f7a52-6a34-5d0e-9c5e-2012c0ffee99")


@dataclass(frozen=True)
class County:
    """Which county to invent: how many people, its first and last day, and the seed."""

    people: int
    first: date
    last: date
    seed: int

    @cached_property
    def root(self) -> UUID:
        """The namespace of every id in it."""
        return uuid5(_ALL_COUNTIES, str(self.seed))

    def id(self, name: str) -> str:
        """The id of what bears this name in the county, a UUIDv5."""
        return str(uuid5(self.root, name))

    def chance(self, name: str) -> Random:
        """A source of chance of its own for this name, so that one person's life does not alter another's."""
        return Random(f"{self.seed}/{name}")


def derived(parent: str, name: str) -> str:
    """The id of what bears this name under another id, a UUIDv5."""
    return str(uuid5(UUID(parent), name))
