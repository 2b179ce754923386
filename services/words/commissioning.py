"""What the commissioner says: providers, contracts, capacity, waves, re-contracting.

Knows the words alone. The subject is the provider's id for words named Provider…, the lot for all else.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from services.words.fields import LIST_LIMIT, Day, District, Id, Text, WeeklyMinutes
from services.words.provider_fields import ContractMinutes, DeclaredMinutes, Pence, ProviderId, PublicKeyText, Tier
from services.words.word import Sealed, Word


class CommissionerWord(Word, prefix="kmpt.handover.v1"):
    """Whatever the commissioner may emit."""


class ProviderRegistered(CommissionerWord):
    """A provider becomes known, or renews its name, its toolkit's date and its key; offers wait for its topics.

    `dspt_valid_to` is the last day of its security toolkit; `public_key` the key that packs are sealed to.
    """

    provider_id: ProviderId
    name: Text
    dspt_valid_to: Day
    public_key: PublicKeyText


class ProviderKeyChanged(CommissionerWord):
    """A provider has another key; `reissue`: packs of the people it has now are sealed to it and sent again."""

    provider_id: ProviderId
    public_key: PublicKeyText
    reissue: bool


class ProviderSuspended(CommissionerWord):
    """A provider is stopped at once: nothing new is sent to it, running support goes on (H11)."""

    SEALED: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    provider_id: ProviderId
    reason: Text | None = None
    sealed: Sealed | None = None


class ProviderResumed(CommissionerWord):
    """A suspended provider may be asked again."""

    provider_id: ProviderId


class ContractActivated(CommissionerWord):
    """A provider has a contract for a lot from a first day to a last; it is never changed (ruling 73)."""

    contract_id: Text
    provider_id: ProviderId
    lot: Text
    districts: Annotated[list[District], Field(min_length=1, max_length=LIST_LIMIT)]
    tier: Tier
    weekly_minutes: ContractMinutes
    pence_per_hour: Pence
    from_on: Day
    to_on: Day


class ContractEnded(CommissionerWord):
    """A contract ends earlier than was agreed; `on` is its last day (ruling 73)."""

    contract_id: Text
    on: Day


class CapacityDeclared(CommissionerWord):
    """A provider can give so many minutes a week on a contract from a day on (ruling 72)."""

    contract_id: Text
    weekly_minutes: DeclaredMinutes
    on: Day


class WavePlanned(CommissionerWord):
    """Legacy cases of a lot are to move together: collected until `freeze_on`, offered from `start_on` (H7)."""

    wave_id: Text
    lot: Text
    freeze_on: Day
    start_on: Day


class CaseAddedToWave(CommissionerWord):
    """A legacy case moves with a wave (ruling 90)."""

    wave_id: Text
    handover_id: Id


class CaseDeferred(CommissionerWord):
    """A case does not move with its wave after all; it may be added to another (ruling 90)."""

    SEALED: ClassVar = ("reason",)
    NEEDS: ClassVar = ("reason",)
    FILLED: ClassVar = ("sealed",)

    wave_id: Text
    handover_id: Id
    reason: Text | None = None
    sealed: Sealed | None = None


class WaveClosed(CommissionerWord):
    """A wave is over; the allocator fills in its counts, which balance (ruling 70).

    `cases` is the number at the freeze: started + waiting + deferred + withdrawn + not_possible.
    """

    FILLED: ClassVar = ("cases", "started", "waiting", "deferred", "withdrawn", "not_possible")

    wave_id: Text
    cases: int | None = None
    started: int | None = None
    waiting: int | None = None
    deferred: int | None = None
    withdrawn: int | None = None
    not_possible: int | None = None


class ExternalCssRecontracted(CommissionerWord):
    """Support that a provider gives already is contracted as SIS from a day on, without offer or pack (H8)."""

    episode_id: Id
    person_id: Id
    provider_id: ProviderId
    contract_id: Text
    since: Day
    weekly_minutes: WeeklyMinutes
    on: Day


class SupportRecontracted(CommissionerWord):
    """Running support moves to another contract of its provider from a day on (H8)."""

    handover_id: Id
    contract_id: Text
    on: Day
