"""What may be asked of the caseload, and what is said when a question means several people.

Knows words only: who asks needs no database for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of the caseload are wanted: of a team, a provider or either, in a phase, the ended ones too."""

    team: str | None = None
    provider: str | None = None
    holder: str | None = None
    phase: str | None = None
    ended_too: bool = False


class SharedId(Exception):
    """Several people have an episode with this id (ruling 10); say whose is meant."""

    def __init__(self, people: Sequence[str]) -> None:
        super().__init__(f"{len(people)} people have an episode with this id")
        self.people = people
