"""What an owner of a partition works with: the desk, which stays the same, and its memory, which grows turn by turn.

Knows shapes. Must never know what the rules are about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic

from services.log.doors import DoorKeys
from services.log.emitters import Emitters
from services.log.remembered import Remembered
from services.log.rules import Rules, S
from services.log.writing import Partition


@dataclass(frozen=True, slots=True)
class Desk(Generic[S]):
    """What does not change from turn to turn: the rules, the number of partitions, the doors' keys, the alarm bell."""

    rules: Rules[S]
    partitions: int
    doors: DoorKeys
    alarm: Callable[[str], None]
    emitters: Emitters | None = None
    """Whose words must be signed, or may be; None: nobody signs, as in trials of the rules."""


@dataclass(slots=True)
class Memory(Generic[S]):
    """All that the owner of a partition holds between turns."""

    state: S
    ledger: Partition
    refused: Partition
    remembered: Remembered = field(default_factory=Remembered)
    next_offset: int = 0


@dataclass(slots=True)
class Counts:
    """What became of inputs; the three together are all of them."""

    recorded: int = 0
    refused: int = 0
    repeated: int = 0
