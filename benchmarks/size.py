"""How much a benchmark measures.

Must never know what.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured, and how often."""

    quick: bool
    profile: bool
    repetitions: int = 5

    def of(self, full: int, quick: int) -> int:
        """The one or the other."""
        return quick if self.quick else full
