"""What the doors bring into the handover inbox from within the trust: the recorder's words, that topics exist, and
which messages a provider has not collected.

Knows the words alone. They carry their door's HMAC, and nobody else may say them; the subject of the recorder's words
is the lot.
"""

from __future__ import annotations

from services.words.fields import Day, District, Id, Needs, Risk, Text, WeeklyMinutes
from services.words.provider_fields import ProviderId
from services.words.recorded import Dossier
from services.words.word import Word


class ReferralsWord(Word, prefix="kmpt.handover.v1"):
    """What the referrals door reads in the episodes ledger, with the person it was said of."""


class ConnectionsWord(Word, prefix="kmpt.handover.v1"):
    """What the connections door says of providers; its subject is the provider's id."""


class ExchangeWord(Word, prefix="kmpt.handover.v1"):
    """What the file exchange says of providers; its subject is the provider's id."""


class HandoverRequested(ReferralsWord):
    """Long-term support is needed and belongs to an external provider (S6); `on` was the recorder's today."""

    handover_id: Id
    person_id: Id
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


class DossierChanged(ReferralsWord):
    """The person's details were corrected; a pack released from here on is made of these (ruling 69)."""

    handover_id: Id
    person_id: Id
    lot: Text
    dossier: Dossier


class HandoverRequestWithdrawn(ReferralsWord):
    """The request is no more (ruling 46)."""

    handover_id: Id
    person_id: Id
    lot: Text
    on: Day
    why: Text


class SisSupportStarted(ReferralsWord):
    """The person's ledger says that responsibility has moved: the handover is completed (H6)."""

    handover_id: Id
    person_id: Id
    episode_id: Id | None = None
    sis_episode_id: Id
    provider_id: ProviderId
    contract_id: Text
    lot: Text
    weekly_minutes: WeeklyMinutes
    on: Day
    cause: Text


class SisSupportEnded(ReferralsWord):
    """The person's ledger says that external support is over; its minutes are free (ruling 87)."""

    handover_id: Id
    person_id: Id
    sis_episode_id: Id
    lot: Text
    on: Day
    reason: Text


class HandoverOutcomeSetAside(ReferralsWord):
    """The person's ledger could not take an outcome (ruling 65)."""

    handover_id: Id
    person_id: Id
    lot: Text
    why: Text


class PersonErased(ReferralsWord):
    """A person's key was destroyed; providers that hold a pack of theirs are to hear of it (design §6)."""

    person_id: Id
    lot: Text
    request_id: Id


class ProviderConnected(ConnectionsWord):
    """A provider's two topics exist; from here on it can be asked (H1)."""

    provider_id: ProviderId


class MessageNotCollected(ExchangeWord):
    """A provider without Kafka has not collected a message for more than 5 days; the message still lies there.

    `message` is the name of its type, `since` the London day on which it was sent; `handover_id` is absent where the
    message is about none.
    """

    provider_id: ProviderId
    message_id: Id
    message: Text
    handover_id: Id | None = None
    since: Day
