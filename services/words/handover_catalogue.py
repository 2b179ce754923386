"""Every word of the handover by its full name: who may say it, and what leaves the trust.

Knows all of them. Must never know how they are carried.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from services.words import allocated, commissioning, messages, referred, replies
from services.words.answers import AnswerWord, ReplyUnreadable
from services.words.calendar import DayBegan
from services.words.keeping import RulesAdopted
from services.words.word import Word

ProviderWord = (
    commissioning.ProviderRegistered
    | commissioning.ProviderKeyChanged
    | commissioning.ProviderSuspended
    | commissioning.ProviderResumed
)
"""What the commissioner says of a provider; its subject is the provider's id."""
ContractWord = commissioning.ContractActivated | commissioning.ContractEnded | commissioning.CapacityDeclared
WaveWord = (
    commissioning.WavePlanned | commissioning.CaseAddedToWave | commissioning.CaseDeferred | commissioning.WaveClosed
)
RecontractWord = commissioning.ExternalCssRecontracted | commissioning.SupportRecontracted
LotWord = ContractWord | WaveWord | RecontractWord
"""What the commissioner says of a lot; its subject is the lot."""
CommissionerWord = ProviderWord | LotWord
ReferredWord = (
    referred.HandoverRequested
    | referred.DossierChanged
    | referred.HandoverRequestWithdrawn
    | referred.SisSupportStarted
    | referred.SisSupportEnded
    | referred.HandoverOutcomeSetAside
)
"""What the referrals door brings from the recorder; its subject is the lot."""
OfferFact = (
    allocated.OfferMade
    | allocated.OfferAcknowledged
    | allocated.OfferDeclined
    | allocated.OfferLapsed
    | allocated.OfferWithdrawn
    | allocated.OfferAccepted
    | allocated.PackReleased
)
HandoverStep = (
    allocated.HandoverReceived
    | allocated.HandoverNotPossible
    | allocated.HandoverWaiting
    | allocated.FirstVisitBooked
    | allocated.StartConfirmed
    | allocated.StartFailed
    | allocated.HandoverCompleted
    | allocated.HandoverWithdrawn
    | allocated.SupportEndReported
    | allocated.SupportEnded
    | allocated.SupportToBeReplaced
    | allocated.ChangeReported
)
NotedFact = allocated.ReplySetAside | allocated.ForeignReplyNoted
WaveFact = allocated.WaveFrozen | allocated.WaveStarted
AllocatorFact = OfferFact | HandoverStep | NotedFact | WaveFact
"""What the allocator writes of its own accord."""
HandoverFact = (
    CommissionerWord
    | ReferredWord
    | referred.ProviderConnected
    | referred.MessageNotCollected
    | referred.PersonErased
    | AnswerWord
    | AllocatorFact
    | DayBegan
    | RulesAdopted
)
"""Everything that may stand in the handover ledger."""
MessageWord = (
    messages.Offer
    | messages.OfferWithdrawn
    | messages.OfferLapsed
    | messages.Pack
    | messages.PackReissued
    | messages.Recontracted
    | messages.HandoverClosed
    | messages.ReplyNotTaken
    | messages.ErasureNotice
)
"""Everything that is said to a provider."""
ReplyWord = (
    replies.Acknowledge
    | replies.Accept
    | replies.Decline
    | replies.BookFirstVisit
    | replies.ConfirmStart
    | replies.ReportStartFailure
    | replies.ReportChange
    | replies.EndSupport
)
"""Everything that a provider answers."""


def _named(union: object) -> dict[str, type[Word]]:
    return {word.TYPE: word for word in get_args(union)}


COMMISSIONER_WORDS: Mapping[str, type[Word]] = _named(CommissionerWord)
"""What the commissioner may emit into the handover inbox."""
REFERRED_WORDS: Mapping[str, type[Word]] = {
    **_named(ReferredWord),
    referred.PersonErased.TYPE: referred.PersonErased,
}
"""What only the referrals door says."""
ANSWER_WORDS: Mapping[str, type[Word]] = _named(AnswerWord)
"""What only the replies door says, as providers answer."""
UNREADABLE_WORDS: Mapping[str, type[Word]] = {ReplyUnreadable.TYPE: ReplyUnreadable}
"""What only the replies door says, of what is no reply; never in a ledger, where it is a reply set aside."""
CONNECTION_WORDS: Mapping[str, type[Word]] = {referred.ProviderConnected.TYPE: referred.ProviderConnected}
"""What only the connections door says."""
EXCHANGE_WORDS: Mapping[str, type[Word]] = {referred.MessageNotCollected.TYPE: referred.MessageNotCollected}
"""What only the file exchange says."""
ALLOCATOR_WORDS: Mapping[str, type[Word]] = _named(AllocatorFact)
"""What only the allocator writes."""
MESSAGE_WORDS: Mapping[str, type[Word]] = _named(MessageWord)
"""What the allocator says to providers."""
REPLY_WORDS: Mapping[str, type[Word]] = _named(ReplyWord)
"""What a provider says on its replies topic."""
HANDOVER_WORDS: Mapping[str, type[Word]] = {
    **COMMISSIONER_WORDS,
    **REFERRED_WORDS,
    **CONNECTION_WORDS,
    **EXCHANGE_WORDS,
    **ANSWER_WORDS,
    **UNREADABLE_WORDS,
    **ALLOCATOR_WORDS,
    **MESSAGE_WORDS,
    **REPLY_WORDS,
}
"""Every word that only the handover has."""
