"""What teams say of the work they do: workers, needs, plans, contacts.

Knows the words alone. Which contact counts is `episodes.caseload`'s.
"""

from __future__ import annotations

from typing import ClassVar

from services.words.fields import (
    Activities,
    Activity,
    Agency,
    Attendance,
    Day,
    Id,
    Instant,
    Mechanism,
    Minutes,
    Needs,
    Place,
    Risk,
    Text,
    WeeklyMinutes,
)
from services.words.people import TeamWord
from services.words.word import Sealed


class WorkerAssigned(TeamWord):
    """A worker has the case from a day on."""

    episode_id: Id
    on: Day
    worker_id: Id


class NeedsAssessed(TeamWord):
    """The person's needs and risk were assessed (R88)."""

    episode_id: Id
    on: Day
    needs: Needs
    risk: Risk


class SupportPlanAgreed(TeamWord):
    """A programme of support was agreed with the person (R90)."""

    episode_id: Id
    on: Day
    activities: Activities
    weekly_minutes: WeeklyMinutes


class ContactRecorded(TeamWord):
    """A contact took place, or should have (S10); at any hour of any day (R109)."""

    episode_id: Id
    contact_id: Id
    started_at: Instant
    minutes: Minutes
    worker_id: Id
    place: Place
    mechanism: Mechanism
    attendance: Attendance
    activities: Activities


class ContactCorrected(TeamWord):
    """The minutes or the attendance of a recorded contact were wrong (ruling 17: at least one of them is given)."""

    SEALED: ClassVar = ("reason",)
    NEEDS: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    episode_id: Id
    contact_id: Id
    minutes: Minutes | None = None
    attendance: Attendance | None = None
    reason: Text | None = None
    sealed: Sealed | None = None

    def missing(self) -> tuple[str, ...]:
        """A correction corrects something."""
        neither = self.minutes is None and self.attendance is None
        return (*super().missing(), "minutes") if neither else super().missing()


class ContactEnteredInError(TeamWord):
    """A recorded contact never took place; it counts no more and its id stays taken (ruling 98)."""

    SEALED: ClassVar = ("reason",)
    NEEDS: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    episode_id: Id
    contact_id: Id
    reason: Text | None = None
    sealed: Sealed | None = None


class IndirectActivityRecorded(TeamWord):
    """Work for a person without the person: records, meetings with other agencies (R93, R95)."""

    episode_id: Id
    on: Day
    minutes: Minutes
    worker_id: Id
    agency: Agency | None = None
    activity: Activity


class OnwardReferralMade(TeamWord):
    """The person was referred to another agency (R92, R97)."""

    episode_id: Id
    on: Day
    agency: Agency
