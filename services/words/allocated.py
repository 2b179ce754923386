"""What the allocator alone says in the handover ledger, beside the copies of what it admitted.

Knows the words alone. Whoever emits one is refused NOT_YOURS. `lot` is the handover's.
"""

from __future__ import annotations

from services.words.fields import Day, Id, Text, WeeklyMinutes
from services.words.provider_fields import ProviderId
from services.words.word import Word


class AllocatorWord(Word, prefix="kmpt.handover.v1"):
    """Whatever the allocator writes of its own accord."""


class HandoverReceived(AllocatorWord):
    """A handover begins to exist; `way` is AT_ONCE, BY_WAVE (a legacy case, H7) or RUNNING (re-contracted, H8)."""

    handover_id: Id
    person_id: Id
    episode_id: Id
    lot: Text
    cause: Text
    way: Text


class HandoverNotPossible(AllocatorWord):
    """No provider can ever be asked; the case goes back to its team's list (H9, ruling 92)."""

    handover_id: Id
    lot: Text
    why: Text


class HandoverWaiting(AllocatorWord):
    """Nobody can be asked today; `why` is NO_CONTRACT, NO_PROVIDER, NO_ROOM or ALL_ASKED (ruling 76)."""

    handover_id: Id
    lot: Text
    why: Text


class OfferMade(AllocatorWord):
    """A provider is asked; its minutes are reserved until it has answered (H2, H3). `ordinal` counts from 1."""

    offer_id: Id
    handover_id: Id
    lot: Text
    ordinal: int
    provider_id: ProviderId
    contract_id: Text
    weekly_minutes: WeeklyMinutes
    wanted_on: Day | None = None
    on: Day
    respond_by: Day
    policy: Text


class OfferAcknowledged(AllocatorWord):
    """The provider has seen the offer."""

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    on: Day


class OfferDeclined(AllocatorWord):
    """The provider does not take the case; its minutes are free and the next is asked."""

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    on: Day
    reason: Text


class OfferLapsed(AllocatorWord):
    """The provider did not answer in time; its minutes are free and the next is asked (ruling 77)."""

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    respond_by: Day


class OfferWithdrawn(AllocatorWord):
    """An open offer is taken back and counts as not made: WITHDRAWN, CONTRACT_ENDED or PROVIDER_SUSPENDED."""

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    why: Text


class OfferAccepted(AllocatorWord):
    """The provider takes the case; from here on its minutes are used. `on` is the day of the answer."""

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    contract_id: Text
    on: Day
    start_on: Day
    policy: Text


class PackReleased(AllocatorWord):
    """The provider was told who the person is (H5).

    The host fills in which `fields` of the details it holds, and `ciphertext_hash`, SHA-256 of its sealed blob; none
    if the person's records were erased, so that there was nothing to release.
    """

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    issue: int
    fields: list[str] | None = None
    ciphertext_hash: bytes | None = None


class FirstVisitBooked(AllocatorWord):
    """The day of the provider's first visit is agreed."""

    handover_id: Id
    lot: Text
    provider_id: ProviderId
    on: Day


class StartConfirmed(AllocatorWord):
    """The provider says that its support has begun; the person's ledger has the last word (H6).

    The outcomes door brings it to the recorder; a re-contracted case is said so too (ruling 94).
    """

    handover_id: Id
    person_id: Id
    episode_id: Id
    provider_id: ProviderId
    contract_id: Text
    lot: Text
    weekly_minutes: WeeklyMinutes
    on: Day
    cause: Text


class StartFailed(AllocatorWord):
    """The provider that accepted does not start; its minutes are free and the next is asked (ruling 83).

    `why` is the provider's reason, or NOT_CONFIRMED, CONTRACT_ENDED or PROVIDER_SUSPENDED.
    """

    offer_id: Id
    handover_id: Id
    lot: Text
    provider_id: ProviderId
    why: Text


class HandoverCompleted(AllocatorWord):
    """The person's ledger says that the provider supports the person: the handover is done."""

    handover_id: Id
    lot: Text
    provider_id: ProviderId
    sis_episode_id: Id
    on: Day


class HandoverWithdrawn(AllocatorWord):
    """The handover is no more; `why` is the request's or the set-aside outcome's reason (rulings 46, 64 and 65)."""

    handover_id: Id
    lot: Text
    why: Text


class SupportEndReported(AllocatorWord):
    """The provider says that its support is over; the outcomes door brings it to the recorder (ruling 94)."""

    handover_id: Id
    person_id: Id
    lot: Text
    on: Day
    reason: Text


class SupportEnded(AllocatorWord):
    """The person's ledger says that support is over; its minutes are free (ruling 87)."""

    handover_id: Id
    lot: Text
    provider_id: ProviderId
    contract_id: Text
    on: Day
    reason: Text


class SupportToBeReplaced(AllocatorWord):
    """The contract of running support has ended; the support goes on until the commissioner replaces it (ruling 78)."""

    handover_id: Id
    lot: Text
    provider_id: ProviderId
    contract_id: Text


class ChangeReported(AllocatorWord):
    """The provider says that something happened to the person; it changes nothing here (ruling 86)."""

    handover_id: Id
    lot: Text
    provider_id: ProviderId
    change: Text


class ReplySetAside(AllocatorWord):
    """A reply changed nothing, and why (H5); offer and handover are named as the reply named them."""

    provider_id: ProviderId
    reply_id: Text
    reply: Text
    offer_id: Text | None = None
    handover_id: Text | None = None
    why: Text


class ForeignReplyNoted(AllocatorWord):
    """A provider answered about a case it was never asked about: somebody should look (ruling 85)."""

    provider_id: ProviderId
    reply_id: Text
    handover_id: Id


class WaveFrozen(AllocatorWord):
    """Nothing is added to the wave any more; these are its cases (ruling 89)."""

    wave_id: Text
    lot: Text
    cases: list[str]


class WaveStarted(AllocatorWord):
    """The cases of the wave are offered from here on (H7)."""

    wave_id: Text
    lot: Text
