"""Every fact of the handover ledger as one plain English sentence, for timelines and for history.

Knows words and the meaning of codes. Must never say who a person is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.words import allocated, answers, commissioning, referred
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
from services.words.not_taken import in_words
from services.words.sentences import day_in_words, meaning, sentence_of

_CAUSES = {
    "LONG_TERM_SUPPORT": "long-term support is needed",
    "LEGACY_CSS": "a long-term case was found in house",
    "RECONTRACTED": "support by a provider was contracted anew",
}
_WAITS_BECAUSE = {
    "NO_CONTRACT": "no contract covers the district today",
    "NO_PROVIDER": "no provider with a contract can be asked today",
    "NO_ROOM": "no provider has room",
    "ALL_ASKED": "everybody who has room was asked before",
}
_OVER_BECAUSE = {
    "ENDED": "the episode ended",
    "DIED": "the person died",
    "ENTERED_IN_ERROR": "the episode was entered in error",
    "DECLINED_BY_PERSON": "the person does not want to move",
    "WITHDRAWN": "the handover was withdrawn",
    "CONTRACT_ENDED": "the contract ended",
    "PROVIDER_SUSPENDED": "the provider was suspended",
    "NOT_CONFIRMED": "no start was confirmed in time",
    "ALREADY_STARTED": "support has started already",
    "UNKNOWN_PERSON": "the person is not known there",
    "UNKNOWN_HANDOVER": "the handover is not known there",
    "MEDWAY": "no contract of the county covers Medway",
}
_WAYS = {
    "AT_ONCE": "a provider is asked at once",
    "BY_WAVE": "it waits for its wave",
    "RUNNING": "the provider supports the person already",
}


def handover_sentence_of(fact: HandoverFact) -> str:
    """The fact in plain words; a code that no list knows is said as it stands."""
    if isinstance(fact, OfferFact):
        return _offer(fact)
    if isinstance(fact, HandoverStep):
        return _step(fact)
    if isinstance(fact, AnswerWord):
        return _answer(fact)
    if isinstance(fact, ReferredWord):
        return _referred(fact)
    if isinstance(fact, referred.PersonErased):
        return "A person's records were erased; providers that hold a pack of theirs were told."
    if isinstance(fact, RecontractWord):
        return _recontracted(fact)
    if isinstance(fact, ContractWord):
        return _contract(fact)
    if isinstance(fact, ProviderWord | referred.ProviderConnected):
        return _provider(fact)
    if isinstance(fact, referred.MessageNotCollected):
        return _not_collected(fact)
    if isinstance(fact, WaveWord | WaveFact):
        return _wave(fact)
    if isinstance(fact, NotedFact):
        return _noted(fact)
    if isinstance(fact, DayBegan | RulesAdopted):
        return sentence_of(fact)
    assert_never(fact)


def _offer(fact: OfferFact) -> str:
    who = f"Provider {fact.provider_id}"
    match fact:
        case allocated.OfferMade():
            asked = f"{who} was asked on {day_in_words(fact.on)} for {fact.weekly_minutes} minutes a week"
            return f"{asked} under contract {fact.contract_id}; it answers by {day_in_words(fact.respond_by)}."
        case allocated.OfferAcknowledged():
            return f"{who} saw the offer on {day_in_words(fact.on)}."
        case allocated.OfferDeclined():
            return f"{who} declined the offer on {day_in_words(fact.on)}: {meaning('decline', fact.reason)}."
        case allocated.OfferLapsed():
            return f"{who} did not answer by {day_in_words(fact.respond_by)}; the offer lapsed."
        case allocated.OfferWithdrawn():
            return f"The offer to provider {fact.provider_id} was withdrawn: {_over(fact.why)}."
        case allocated.OfferAccepted():
            return f"{who} accepted on {day_in_words(fact.on)} and means to start on {day_in_words(fact.start_on)}."
        case allocated.PackReleased():
            return _pack(fact)
        case _:
            assert_never(fact)


def _pack(fact: allocated.PackReleased) -> str:
    if fact.ciphertext_hash is None:
        return f"There was nothing to release to provider {fact.provider_id}: the person's records were erased."
    again = "" if fact.issue == 1 else f" again, as issue {fact.issue}"
    return f"Provider {fact.provider_id} was told who the person is{again}, sealed to its key."


def _step(fact: HandoverStep) -> str:
    match fact:
        case allocated.HandoverReceived():
            return f"The handover began: {_WAYS.get(fact.way, fact.way)}."
        case allocated.HandoverNotPossible():
            return f"No provider can ever be asked: {_over(fact.why)}."
        case allocated.HandoverWaiting():
            return f"The case waits: {_WAITS_BECAUSE.get(fact.why, fact.why)}."
        case allocated.HandoverWithdrawn():
            return f"The handover was withdrawn: {_over(fact.why)}."
        case _:
            return _provider_step(fact)


_ProviderStep = (
    allocated.FirstVisitBooked
    | allocated.StartConfirmed
    | allocated.StartFailed
    | allocated.HandoverCompleted
    | allocated.SupportEndReported
    | allocated.SupportEnded
    | allocated.SupportToBeReplaced
    | allocated.ChangeReported
)


def _provider_step(fact: _ProviderStep) -> str:
    match fact:
        case allocated.FirstVisitBooked():
            return f"Provider {fact.provider_id} visits for the first time on {day_in_words(fact.on)}."
        case allocated.StartConfirmed():
            return f"Provider {fact.provider_id} says that its support began on {day_in_words(fact.on)}."
        case allocated.StartFailed():
            return f"Provider {fact.provider_id} does not start: {_over(fact.why)}."
        case allocated.HandoverCompleted():
            return (
                f"The handover is done: provider {fact.provider_id} supports the person from {day_in_words(fact.on)}."
            )
        case allocated.SupportEndReported():
            why = meaning("closure", fact.reason)
            return f"The provider says that {day_in_words(fact.on)} was the last day of its support: {why}."
        case allocated.SupportEnded():
            why = meaning("closure", fact.reason)
            return f"Support by provider {fact.provider_id} ended; its last day was {day_in_words(fact.on)}: {why}."
        case allocated.SupportToBeReplaced():
            return f"Contract {fact.contract_id} has ended; the support goes on until it is replaced."
        case allocated.ChangeReported():
            return f"Provider {fact.provider_id} reports of the person: {meaning('change', fact.change)}."
        case _:
            assert_never(fact)


def _answer(fact: AnswerWord) -> str:
    match fact:
        case answers.Acknowledge():
            return "The provider answered that it has seen the offer."
        case answers.Accept():
            return f"The provider answered that it takes the case and means to start on {day_in_words(fact.start_on)}."
        case answers.Decline():
            return f"The provider answered that it does not take the case: {meaning('decline', fact.reason)}."
        case answers.BookFirstVisit():
            return f"The provider answered that its first visit is on {day_in_words(fact.on)}."
        case answers.ConfirmStart():
            return f"The provider answered that it started on {day_in_words(fact.on)}."
        case answers.ReportStartFailure():
            return f"The provider answered that it cannot start: {meaning('decline', fact.reason)}."
        case answers.ReportChange():
            return f"The provider answered that something changed: {meaning('change', fact.change)}."
        case answers.EndSupport():
            why = meaning("closure", fact.reason)
            return f"The provider answered that its support ended on {day_in_words(fact.on)}: {why}."
        case _:
            assert_never(fact)


def _referred(fact: ReferredWord) -> str:
    match fact:
        case referred.HandoverRequested():
            asked = f"{fact.weekly_minutes} minutes a week in {meaning('district', fact.district)}"
            return f"A handover was asked for on {day_in_words(fact.on)}, {asked}: {_cause(fact.cause)}."
        case referred.DossierChanged():
            return "The details that go with the request for a handover were replaced."
        case referred.HandoverRequestWithdrawn():
            return f"The request for a handover was withdrawn on {day_in_words(fact.on)}: {_over(fact.why)}."
        case referred.SisSupportStarted():
            return f"The person's ledger says that provider {fact.provider_id} supports from {day_in_words(fact.on)}."
        case referred.SisSupportEnded():
            return f"The person's ledger says that {day_in_words(fact.on)} was the last day of external support."
        case referred.HandoverOutcomeSetAside():
            return f"The person's ledger could not take an outcome: {_over(fact.why)}."
        case _:
            assert_never(fact)


def _recontracted(fact: RecontractWord) -> str:
    contract = f"contract {fact.contract_id} from {day_in_words(fact.on)}"
    match fact:
        case commissioning.ExternalCssRecontracted():
            since = f"Provider {fact.provider_id} supports the person since {day_in_words(fact.since)}"
            return f"{since}; {fact.weekly_minutes} minutes a week are under {contract}."
        case commissioning.SupportRecontracted():
            return f"The running support moves to {contract}."
        case _:
            assert_never(fact)


def _contract(fact: ContractWord) -> str:
    match fact:
        case commissioning.ContractActivated():
            term = f"from {day_in_words(fact.from_on)} to {day_in_words(fact.to_on)}"
            where = _list([meaning("district", one) for one in fact.districts])
            return (
                f"Provider {fact.provider_id} has contract {fact.contract_id} for {fact.lot}, tier {fact.tier}, "
                f"{term}: {fact.weekly_minutes} minutes a week in {where}."
            )
        case commissioning.ContractEnded():
            return f"Contract {fact.contract_id} ends; its last day is {day_in_words(fact.on)}."
        case commissioning.CapacityDeclared():
            minutes = f"{fact.weekly_minutes} minutes a week"
            return f"Contract {fact.contract_id} has {minutes} from {day_in_words(fact.on)}."
        case _:
            assert_never(fact)


def _provider(fact: ProviderWord | referred.ProviderConnected) -> str:
    who = f"Provider {fact.provider_id}"
    match fact:
        case commissioning.ProviderRegistered():
            return f"{who} was registered; its security toolkit holds until {day_in_words(fact.dspt_valid_to)}."
        case commissioning.ProviderKeyChanged():
            again = "; packs are sent again" if fact.reissue else ""
            return f"{who} has another key{again}."
        case commissioning.ProviderSuspended():
            return f"{who} was suspended: nothing new is sent to it."
        case commissioning.ProviderResumed():
            return f"{who} may be asked again."
        case referred.ProviderConnected():
            return f"{who} is connected: it has its topics."
        case _:
            assert_never(fact)


def _wave(fact: WaveWord | WaveFact) -> str:
    wave, begun = f"wave {fact.wave_id}", f"Wave {fact.wave_id}"
    match fact:
        case commissioning.WavePlanned():
            days = f"it is frozen on {day_in_words(fact.freeze_on)} and offered from {day_in_words(fact.start_on)}"
            return f"{begun} was planned in {fact.lot}: {days}."
        case commissioning.CaseAddedToWave():
            return f"The case moves with {wave}."
        case commissioning.CaseDeferred():
            return f"The case does not move with {wave} after all."
        case allocated.WaveFrozen():
            return f"{begun} was frozen with {len(fact.cases)} cases."
        case allocated.WaveStarted():
            return f"{begun} started: its cases are offered."
        case commissioning.WaveClosed():
            return f"{begun} was closed: {_counts(fact)}."
        case _:
            assert_never(fact)


def _counts(fact: commissioning.WaveClosed) -> str:
    fates = f"{fact.started} started, {fact.waiting} waiting, {fact.deferred} deferred"
    return f"of {fact.cases} cases {fates}, {fact.withdrawn} withdrawn, {fact.not_possible} not possible"


def _noted(fact: NotedFact) -> str:
    match fact:
        case allocated.ReplySetAside():
            return f"A reply of provider {fact.provider_id} ({fact.reply}) changed nothing: {in_words(fact.why)}."
        case allocated.ForeignReplyNoted():
            return f"Provider {fact.provider_id} answered about a case or offer that never was its own; look into it."
        case _:
            assert_never(fact)


def _not_collected(fact: referred.MessageNotCollected) -> str:
    who = f"Provider {fact.provider_id}"
    return f"{who} has not collected a message of {day_in_words(fact.since)} ({fact.message}); call them."


def _cause(cause: str) -> str:
    return _CAUSES.get(cause, cause)


def _over(why: str) -> str:
    """Why something came to nothing: a reason of the trust's own, else a provider's."""
    return _OVER_BECAUSE.get(why) or meaning("decline", why)


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
