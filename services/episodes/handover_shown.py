"""The handovers as a fold of the handover ledger: what each fact changes in what is shown, and of what it tells.

Knows the words alone, not the rules that admitted them. Must never know SQL, nor today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias, assert_never

from services.episodes.contract_shown import ContractShown, ProviderShown, contracted, provider_told
from services.episodes.handover_case import HandoverCase, OfferShown
from services.episodes.request import handover_id_of
from services.episodes.wave_shown import WaveShown, waved
from services.words import allocated, commissioning, referred
from services.words.answers import AnswerWord
from services.words.calendar import DayBegan
from services.words.handover_catalogue import (
    ContractWord,
    HandoverFact,
    HandoverStep,
    NotedFact,
    OfferFact,
    ProviderWord,
    RecontractWord,
    ReferredWord,
    WaveFact,
    WaveWord,
)
from services.words.keeping import RulesAdopted

Shown: TypeAlias = HandoverCase | ContractShown | ProviderShown | WaveShown
Kind: TypeAlias = Literal["handover", "contract", "provider", "wave"]
Told: TypeAlias = tuple[Kind, str]
"""Of what a fact tells, and its id."""


def told_of(fact: HandoverFact) -> tuple[Told, ...]:
    """What a fact may change; empty: nothing that is shown of its own, such as an answer, which its taking follows."""
    if isinstance(fact, AnswerWord | NotedFact | referred.PersonErased | DayBegan | RulesAdopted):
        return ()
    if isinstance(fact, WaveFact | commissioning.WavePlanned | commissioning.WaveClosed):
        return (("wave", fact.wave_id),)
    if isinstance(fact, commissioning.CaseAddedToWave | commissioning.CaseDeferred):
        return ("wave", fact.wave_id), ("handover", fact.handover_id)
    if isinstance(fact, ContractWord):
        return (("contract", fact.contract_id),)
    if isinstance(fact, ProviderWord | referred.ProviderConnected | referred.MessageNotCollected):
        return (("provider", fact.provider_id),)
    if isinstance(fact, commissioning.ExternalCssRecontracted):
        return (("handover", handover_id_of(fact.episode_id)),)
    return (("handover", fact.handover_id),)


def evolve(kind: Kind, shown: Shown | None, fact: HandoverFact, lot: str) -> Shown | None:
    """What is shown of this kind after one fact that tells of it; `lot` is the fact's key. Total: it never refuses.

    Facts come in the order of the ledger; one of what is not known changes nothing.
    """
    if kind == "wave" and isinstance(fact, WaveWord | WaveFact):
        return waved(shown if isinstance(shown, WaveShown) else None, fact)
    if isinstance(fact, ContractWord):
        return contracted(shown if isinstance(shown, ContractShown) else None, fact)
    if isinstance(fact, ProviderWord | referred.ProviderConnected | referred.MessageNotCollected):
        return provider_told(shown if isinstance(shown, ProviderShown) else None, fact)
    if isinstance(fact, AnswerWord | NotedFact | WaveFact | referred.PersonErased | DayBegan | RulesAdopted):
        return shown
    case = shown if isinstance(shown, HandoverCase) else None
    if isinstance(fact, referred.HandoverRequested):
        return _requested(fact)
    if isinstance(fact, commissioning.ExternalCssRecontracted):
        return _recontracted(fact, lot)
    return case and _moved(case, fact)


_Move: TypeAlias = (
    OfferFact
    | HandoverStep
    | WaveWord
    | commissioning.SupportRecontracted
    | referred.DossierChanged
    | referred.HandoverRequestWithdrawn
    | referred.SisSupportStarted
    | referred.SisSupportEnded
    | referred.HandoverOutcomeSetAside
)


def _moved(case: HandoverCase, fact: _Move) -> HandoverCase:
    if isinstance(fact, OfferFact):
        return _answered(case, fact)
    if isinstance(fact, HandoverStep):
        return _stepped(case, fact)
    if isinstance(fact, WaveWord):
        return _in_wave(case, fact)
    if isinstance(fact, RecontractWord):
        return replace(case, contract_id=fact.contract_id)
    if isinstance(fact, ReferredWord):
        return case  # the allocator says next what follows from it
    assert_never(fact)


def _requested(fact: referred.HandoverRequested) -> HandoverCase:
    return HandoverCase(
        handover_id=fact.handover_id,
        person_id=fact.person_id,
        episode_id=fact.episode_id,
        lot=fact.lot,
        weekly_minutes=fact.weekly_minutes,
        requested_on=fact.on,
        cause=fact.cause,
        district=fact.district,
    )


def _recontracted(fact: commissioning.ExternalCssRecontracted, lot: str) -> HandoverCase:
    """Support that runs already: asked for and begun on the day from which it is contracted (H8)."""
    return HandoverCase(
        handover_id=handover_id_of(fact.episode_id),
        person_id=fact.person_id,
        episode_id=fact.episode_id,
        lot=lot,
        weekly_minutes=fact.weekly_minutes,
        requested_on=fact.on,
        cause="RECONTRACTED",
        state="STARTED",
        provider_id=fact.provider_id,
        contract_id=fact.contract_id,
        started_on=fact.on,
    )


def _answered(case: HandoverCase, fact: OfferFact) -> HandoverCase:
    match fact:
        case allocated.OfferMade():
            return _offered(case, fact)
        case allocated.OfferAcknowledged():
            return replace(case, state="ACKNOWLEDGED")
        case allocated.OfferDeclined():
            return _lost(case.with_latest("DECLINED", answered_on=fact.on, reason=fact.reason))
        case allocated.OfferLapsed():
            return _lost(case.with_latest("LAPSED"))
        case allocated.OfferWithdrawn():
            return _lost(case.with_latest("WITHDRAWN", reason=fact.why))
        case allocated.OfferAccepted():
            accepted = case.with_latest("ACCEPTED", answered_on=fact.on, start_on=fact.start_on)
            return replace(accepted, state="ACCEPTED")
        case allocated.PackReleased():
            return case
        case _:
            assert_never(fact)


def _offered(case: HandoverCase, fact: allocated.OfferMade) -> HandoverCase:
    offer = OfferShown(fact.offer_id, fact.provider_id, fact.contract_id, fact.on, fact.respond_by)
    return replace(
        case,
        state="OFFERED",
        why=None,
        offers=(*case.offers, offer),
        provider_id=fact.provider_id,
        contract_id=fact.contract_id,
    )


def _lost(case: HandoverCase) -> HandoverCase:
    """The handover after its offer came to nothing: it is to be tried again."""
    return replace(case, state="REQUESTED", visit_on=None)


def _stepped(case: HandoverCase, fact: HandoverStep) -> HandoverCase:
    match fact:
        case allocated.HandoverWaiting():
            return replace(case, state="WAITING", why=fact.why)
        case allocated.FirstVisitBooked():
            return replace(case, state="VISIT_BOOKED", visit_on=fact.on)
        case allocated.StartConfirmed():
            return replace(case, state="STARTED", started_on=fact.on)
        case allocated.StartFailed():
            return _lost(case.with_latest("START_FAILED", reason=fact.why))
        case allocated.HandoverCompleted():
            return replace(case, state="COMPLETED", started_on=fact.on)
        case allocated.SupportEnded():
            return replace(case, ended=True)
        case allocated.HandoverWithdrawn():
            return replace(case, state="WITHDRAWN", why=fact.why, visit_on=None, started_on=None)
        case allocated.HandoverNotPossible():
            return replace(case, state="NOT_POSSIBLE", why=fact.why)
        case (
            allocated.HandoverReceived()
            | allocated.SupportEndReported()
            | allocated.SupportToBeReplaced()
            | allocated.ChangeReported()
        ):
            return case
        case _:
            assert_never(fact)


def _in_wave(case: HandoverCase, fact: WaveWord) -> HandoverCase:
    match fact:
        case commissioning.CaseAddedToWave():
            return replace(case, state="IN_WAVE", wave_id=fact.wave_id)
        case commissioning.CaseDeferred():
            return replace(case, state="REQUESTED", wave_id=None, why=None)
        case commissioning.WavePlanned() | commissioning.WaveClosed():
            return case
        case _:
            assert_never(fact)
