"""What teams say of an episode's course: referral, start, review, hold, end.

Knows the words alone. Which of them may be said when is `episodes.episode`'s.
"""

from __future__ import annotations

from typing import ClassVar

from services.words.fields import (
    Closure,
    Completion,
    Day,
    Exemption,
    Id,
    Needs,
    Outcome,
    Priority,
    ReferralReason,
    ReferralSource,
    Rejection,
    Risk,
    Team,
    Text,
    WeeklyMinutes,
)
from services.words.people import TeamWord
from services.words.word import Sealed


class ReferralReceived(TeamWord):
    """Somebody asks a team for STR support for a person; the episode begins to exist."""

    episode_id: Id
    team: Team
    on: Day
    source: ReferralSource
    reason: ReferralReason
    priority: Priority


class ReferralRejected(TeamWord):
    """The team does not take the referral; the episode is over before it began."""

    episode_id: Id
    on: Day
    reason: Rejection


class ReferralAccepted(TeamWord):
    """The team takes the referral; support has not begun yet."""

    episode_id: Id
    on: Day


class EnablementStarted(TeamWord):
    """The first day of support, day 1 of the free weeks and of the six months (R42, R44)."""

    episode_id: Id
    on: Day


class EnablementCompleted(TeamWord):
    """Enablement ends before its six weeks are over; `last_day` was its last day (R42: "up to")."""

    episode_id: Id
    last_day: Day
    reason: Completion


class ReviewHeld(TeamWord):
    """Team and person have looked at what was reached and what is needed next (S6).

    Long-term support needs minutes, needs and risk, for it asks for a handover.
    """

    episode_id: Id
    on: Day
    outcome: Outcome
    weekly_minutes: WeeklyMinutes | None = None
    needs: Needs | None = None
    risk: Risk | None = None

    def missing(self) -> tuple[str, ...]:
        """Long-term support asks for a handover, which needs all three."""
        if self.outcome != "LONG_TERM_SUPPORT":
            return ()
        return tuple(name for name in ("weekly_minutes", "needs", "risk") if getattr(self, name) is None)


class ChargeExemptionRecorded(TeamWord):
    """A person is not to be charged from a day on, e.g. under section 117 (S12)."""

    episode_id: Id
    exemption: Exemption
    from_on: Day


class EpisodePlacedOnHold(TeamWord):
    """Support pauses; the clock does not (S8)."""

    SEALED: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    episode_id: Id
    on: Day
    reason: Text | None = None
    sealed: Sealed | None = None


class EpisodeResumed(TeamWord):
    """Support goes on after a hold."""

    SEALED: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    episode_id: Id
    on: Day
    reason: Text | None = None
    sealed: Sealed | None = None


class EpisodeMovedToTeam(TeamWord):
    """Another team supports the person from a day on."""

    episode_id: Id
    on: Day
    team: Team


class HandoverDeclinedByPerson(TeamWord):
    """The person does not want to move to an external provider; the request is withdrawn."""

    SEALED: ClassVar = ("reason",)
    NEEDS: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    episode_id: Id
    on: Day
    reason: Text | None = None
    sealed: Sealed | None = None


class EpisodeEnded(TeamWord):
    """Support is over; `on` was its last day. The recorder writes it too: at a death, and at a handover's start."""

    episode_id: Id
    on: Day
    reason: Closure


class EpisodeEnteredInError(TeamWord):
    """The episode should never have been recorded and counts for nothing."""

    SEALED: ClassVar = ("reason",)
    NEEDS: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    episode_id: Id
    reason: Text | None = None
    sealed: Sealed | None = None


class LegacyCssCaseIdentified(TeamWord):
    """A long-term case is found in house that belongs to an external provider (R24); it asks for a handover."""

    episode_id: Id
    team: Team
    since: Day
    weekly_minutes: WeeklyMinutes
    needs: Needs
    risk: Risk
