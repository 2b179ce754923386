"""What is shown of a person and of an episode: the state that the caseload's fold keeps.

Knows only what a row or its explanation needs. Must never know how it came about, nor today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Holder:
    """Who supports a person: an in-house team, or an external provider."""

    kind: Literal["team", "provider"]
    id: str


@dataclass(frozen=True, slots=True)
class HandoverShown:
    """A handover as a row shows it; `provider_id` only while there is an offer or support (ruling 97)."""

    handover_id: str
    state: str
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Where a person lives now, when they last moved, and the latest day of each check after a move (ruling 59)."""

    district: str = ""
    moved_on: date | None = None
    checks: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EpisodeShown:
    """One episode. `opened_on` is the referral's day, a legacy case's `since`, or the first day of external support.

    `s` is day 1 of the clock, `started_on` the episode's own first day, `gap` the days from the last day of the STR
    episode before to it (None: there was none), `continued` whether that one's clock goes on (S9). `ended_on` of one
    entered in error is the day on which that was recorded, or the earlier end (ruling 50). `agreed_on` is the day of
    the review that counted when charging began (ruling 34).
    """

    episode_id: str
    model: Literal["STR", "CSS", "SIS"]
    opened_on: date
    holder: Holder
    holder_since: date
    accepted: bool = False
    started_on: date | None = None
    s: date | None = None
    gap: int | None = None
    continued: bool = False
    enablement_last_day: date | None = None
    reviewed_on: date | None = None
    outcome: str | None = None
    agreed_on: date | None = None
    chargeable_from: date | None = None
    capped: bool = False
    held: bool = False
    exempt_from: date | None = None
    worker_id: str | None = None
    worker_since: date | None = None
    ended_on: date | None = None
    in_error: bool = False
    handover: HandoverShown | None = None

    @property
    def phase(self) -> str:
        """The phase of design §7."""
        if self.ended_on is not None:
            return "ENDED"
        if self.model != "STR":
            return "SIS" if self.model == "SIS" else "LEGACY_CSS"
        if self.s is None:
            return "ACCEPTED" if self.accepted else "REFERRED"
        if self.capped:
            return "CAP_REACHED"
        if self.chargeable_from is not None:
            return "CHARGEABLE"
        return "ENABLEMENT" if self.enablement_last_day is None else "AWAITING_REVIEW"


@dataclass(frozen=True, slots=True)
class Case:
    """All that is shown of one person."""

    person: PersonShown = field(default_factory=PersonShown)
    episodes: Mapping[str, EpisodeShown] = field(default_factory=dict)
