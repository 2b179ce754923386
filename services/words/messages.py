"""All that leaves the trust for a provider, `kmpt.sis.v1.*`; each is seen by that provider only.

Knows the words alone. No word but a pack has a field that could hold an identity, and a pack holds it sealed (H4, H5).
"""

from __future__ import annotations

from services.words.fields import Day, District, Id, Needs, Risk, Text, WeeklyMinutes
from services.words.word import Word


class ProviderMessage(Word, prefix="kmpt.sis.v1"):
    """What the allocator says to one provider; its key and subject are the handover's id."""


class Offer(ProviderMessage):
    """A provider is asked whether it takes a case; it answers by the end of `respond_by` (H2, H4)."""

    offer_id: Id
    handover_id: Id
    contract_id: Text
    lot: Text
    district: District
    age_band: Text
    needs: Needs
    risk: Risk
    weekly_minutes: WeeklyMinutes
    wanted_on: Day | None = None
    respond_by: Day


class OfferWithdrawn(ProviderMessage):
    """An offer is no more, and the provider is not to answer it; why is not its business."""

    offer_id: Id
    handover_id: Id


class OfferLapsed(ProviderMessage):
    """No answer came by the end of `respond_by`."""

    offer_id: Id
    handover_id: Id
    respond_by: Day


class Pack(ProviderMessage):
    """The provider has accepted and is told who the person is, sealed to its key (H5).

    `blob` is AES-256-GCM of the details, `key` its content key sealed by HPKE to the provider's public key.
    """

    offer_id: Id
    handover_id: Id
    issue: int
    start_on: Day
    weekly_minutes: WeeklyMinutes
    needs: Needs
    risk: Risk
    key: bytes
    blob: bytes


class PackReissued(ProviderMessage):
    """The pack again, after the provider's key has changed, on the commissioner's word (ruling 71)."""

    offer_id: Id
    handover_id: Id
    issue: int
    start_on: Day
    weekly_minutes: WeeklyMinutes
    needs: Needs
    risk: Risk
    key: bytes
    blob: bytes


class Recontracted(ProviderMessage):
    """Support that the provider gives already is now under this contract (H8)."""

    handover_id: Id
    episode_id: Id
    contract_id: Text
    weekly_minutes: WeeklyMinutes
    on: Day


class HandoverClosed(ProviderMessage):
    """A handover that the provider was asked about is closed for it (ruling 95).

    `outcome` is PLACED, WITHDRAWN, START_FAILED or COMPLETED.
    """

    handover_id: Id
    outcome: Text


class ReplyNotTaken(ProviderMessage):
    """A reply changed nothing, and why; foreign and unknown alike are UNKNOWN (ruling 85)."""

    reply_id: Text
    reply: Text
    offer_id: Text | None = None
    handover_id: Text | None = None
    why: Text


class ErasureNotice(ProviderMessage):
    """The trust has erased this person's records; the provider is to do with its pack what the law asks of it."""

    handover_id: Id
