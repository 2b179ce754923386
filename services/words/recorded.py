"""What the recorder alone says in the episodes ledger: what is due, and its side of a handover.

Knows the words alone. A team that emits one is refused NOT_YOURS.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.words.fields import Day, District, Id, Needs, Risk, Text, WeeklyMinutes
from services.words.word import Word


class Dossier(BaseModel):
    """The sealed details of a person's newest registration or correction, as the ledger holds them.

    `key_id`, `key` and `blob` are the sealing; source, id, type and subject are what it is bound to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key_id: str
    key: bytes
    blob: bytes
    source: str
    id: str
    type: str
    subject: str


class RecorderWord(Word, prefix="kmpt.episodes.v1"):
    """Whatever the recorder writes of its own accord; its subject is the person's id."""


class EnablementEnded(RecorderWord):
    """The free weeks are over; `last_day` was the last of them (S3)."""

    episode_id: Id
    last_day: Day
    policy: Text


class ChargeablePeriodStarted(RecorderWord):
    """Support is chargeable from this day on (S4, R45)."""

    episode_id: Id
    on: Day
    policy: Text


class CapApproaching(RecorderWord):
    """The last permitted day is near (S5); `on` is the day of the warning."""

    episode_id: Id
    on: Day
    cap_on: Day
    policy: Text


class CapReached(RecorderWord):
    """The last permitted day is over (S5, R44)."""

    episode_id: Id
    last_day: Day
    policy: Text


class HandoverRequested(RecorderWord):
    """Long-term support is needed and belongs to an external provider; `on` is the recorder's today (S6).

    `wanted_on` is the day after the cap, absent for a legacy case; `cause` is LONG_TERM_SUPPORT or LEGACY_CSS.
    """

    handover_id: Id
    episode_id: Id
    on: Day
    wanted_on: Day | None = None
    district: District
    lot: Text
    weekly_minutes: WeeklyMinutes
    needs: Needs
    risk: Risk
    age_band: Text
    cause: Text
    dossier: Dossier
    policy: Text


class DossierChanged(RecorderWord):
    """The person's details were corrected while a request for a handover is in being."""

    handover_id: Id
    lot: Text
    dossier: Dossier


class HandoverRequestWithdrawn(RecorderWord):
    """The request is no more; `why` is ENDED, DIED, ENTERED_IN_ERROR or DECLINED_BY_PERSON (ruling 46)."""

    handover_id: Id
    lot: Text
    on: Day
    why: Text


class SisSupportStarted(RecorderWord):
    """An external provider supports the person from this day on; responsibility has moved (H6)."""

    handover_id: Id
    episode_id: Id | None = None
    sis_episode_id: Id
    provider_id: Text
    contract_id: Text
    lot: Text
    weekly_minutes: WeeklyMinutes
    on: Day
    cause: Text


class SisSupportEnded(RecorderWord):
    """External support is over; `on` was its last day (ruling 87)."""

    handover_id: Id
    sis_episode_id: Id
    lot: Text
    on: Day
    reason: Text


class HandoverOutcomeSetAside(RecorderWord):
    """An outcome of a handover came too late to be taken (ruling 65).

    `why` is ENDED, DIED, ENTERED_IN_ERROR, WITHDRAWN, UNKNOWN_PERSON, UNKNOWN_HANDOVER or ALREADY_STARTED.
    """

    handover_id: Id
    lot: Text
    why: Text
