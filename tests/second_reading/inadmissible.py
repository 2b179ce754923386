"""Second reading: why a word of the handover inbox is refused (design §8, rulings 8, 15, 22, 72, 73, 89 to 92).

Ruling 8 orders INVALID_DATA before UNKNOWN_CODE and both before the rest; among the handover's own codes the page gives
no order, so all that apply are named. Written from the page; shares nothing with the program but words and code lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from services.county.codes import code_list
from services.words import answers, commissioning, referred
from services.words.calendar import DayBegan
from services.words.word import Word
from tests.second_reading.commissioned import RUNNING, Case, Contract, Wave
from tests.second_reading.desk import Desk

EAST = {"ashford", "canterbury", "dover", "folkestone-and-hythe", "swale", "thanet"}
WEST = {"dartford", "gravesham", "maidstone", "sevenoaks", "tonbridge-and-malling", "tunbridge-wells"}
TRUST = {"auditor", "stack"}
"""Principals that no provider may be, some of them (decision 12); teams are others."""
LOTS = {"EAST_KENT": EAST, "WEST_KENT": WEST}
_LISTS: Mapping[str, Mapping[str, str]] = {
    "ContractActivated": {"districts": "district"},
    "Decline": {"reason": "decline"},
    "ReportStartFailure": {"reason": "decline"},
    "ReportChange": {"change": "change"},
    "EndSupport": {"reason": "closure"},
}
_WAVE_WORDS = (commissioning.CaseAddedToWave, commissioning.CaseDeferred, commissioning.WaveClosed)
_RECORDER = (
    referred.DossierChanged,
    referred.HandoverRequestWithdrawn,
    referred.SisSupportStarted,
    referred.SisSupportEnded,
    referred.HandoverOutcomeSetAside,
)


def codes(desk: Desk, word: Word, subject: str, received_on: date) -> frozenset[str]:
    """Every code that may be given for refusing this word; none if it is taken."""
    if isinstance(word, DayBegan):
        return frozenset({"IN_THE_FUTURE"} if word.date > received_on else ())
    if _is_ill_formed(word, subject):
        return frozenset({"INVALID_DATA"})
    if _has_unknown_code(word):
        return frozenset({"UNKNOWN_CODE"})
    return frozenset(_codes(desk, word, subject))


def _is_ill_formed(word: Word, subject: str) -> bool:
    """What is said of another than the subject, and days in an order that cannot be."""
    named = getattr(word, "lot", None)  # what the referrals door brings is of its lot, for the door says it so
    if type(word).__name__.startswith("Provider") or isinstance(word, referred.MessageNotCollected):
        named = word.model_dump()["provider_id"]
    wrong = named is not None and named != subject
    wrong |= type(word).__name__.startswith("Provider") and (named in code_list("team") or named in TRUST)
    if isinstance(word, commissioning.ContractActivated):
        wrong |= word.to_on < word.from_on
    if isinstance(word, commissioning.WavePlanned):
        wrong |= word.freeze_on > word.start_on
    return wrong


def _has_unknown_code(word: Word) -> bool:
    for field, name in _LISTS.get(type(word).__name__, {}).items():
        value = getattr(word, field)
        if any(code not in code_list(name) for code in (value if isinstance(value, list) else [value])):
            return True
    return False


def _codes(desk: Desk, word: Any, subject: str) -> set[str]:
    match word:
        case commissioning.ProviderRegistered():
            return set()
        case answers.Answer():
            return _unless(subject in desk.providers, "UNKNOWN_PROVIDER")
        case commissioning.ContractActivated():
            return _of_activation(desk, word)
        case commissioning.ContractEnded() | commissioning.CapacityDeclared():
            return _of_contract(desk.contracts.get(word.contract_id), word, subject)
        case commissioning.WavePlanned():
            return _of_plan(desk, word)
        case commissioning.ExternalCssRecontracted() | commissioning.SupportRecontracted():
            return _of_recontracting(desk, word, subject)
        case referred.HandoverRequested():
            return _unless(word.handover_id not in desk.cases, "WRONG_STATE")
        case referred.PersonErased():
            return set()
    if isinstance(word, _WAVE_WORDS):
        return _of_wave(desk, word, subject)
    if isinstance(word, _RECORDER):
        return _of_recorder(desk.cases.get(word.handover_id), word)
    return _unless(word.provider_id in desk.providers, "UNKNOWN_PROVIDER")


def _of_activation(desk: Desk, word: commissioning.ContractActivated) -> set[str]:
    found = _unless(word.provider_id in desk.providers, "UNKNOWN_PROVIDER")
    found |= _unless(word.contract_id not in desk.contracts, "CONTRACT_EXISTS")
    return found | _unless(set(word.districts) <= LOTS.get(word.lot, set()), "OUT_OF_LOT")


def _of_contract(contract: Contract | None, word: Any, subject: str) -> set[str]:
    if contract is None or contract.lot != subject:
        return {"UNKNOWN_CONTRACT"}
    if isinstance(word, commissioning.ContractEnded):
        return _unless(contract.active(word.on), "CONTRACT_NOT_ACTIVE")
    return _unless(word.weekly_minutes <= contract.minutes, "OVER_CONTRACT")


def _of_plan(desk: Desk, word: commissioning.WavePlanned) -> set[str]:
    found = _unless(word.wave_id not in desk.waves, "WAVE_EXISTS") | _unless(word.lot in LOTS, "OUT_OF_LOT")
    return found | _unless(desk.today is None or word.freeze_on > desk.today, "IN_THE_PAST")


def _of_wave(desk: Desk, word: Any, subject: str) -> set[str]:
    wave = desk.waves.get(word.wave_id)
    found = _unless(wave is not None and wave.lot == subject, "UNKNOWN_WAVE")
    if isinstance(word, commissioning.WaveClosed):
        return found or _of_closing(wave)
    case = desk.cases.get(word.handover_id)
    if case is None or case.lot != subject:
        found |= {"UNKNOWN_HANDOVER"}
    if isinstance(word, commissioning.CaseAddedToWave):
        return found | _of_adding(wave, case)
    return found | _of_deferring(wave, case, word.wave_id)


def _of_adding(wave: Wave | None, case: Case | None) -> set[str]:
    found = {"WAVE_FROZEN"} if wave and wave.frozen is not None else set()
    found |= {"WAVE_CLOSED"} if wave and wave.closed else set()
    fits = case is None or (case.cause == "LEGACY_CSS" and case.state == "REQUESTED")
    return found | _unless(fits, "WRONG_STATE")


def _of_deferring(wave: Wave | None, case: Case | None, wave_id: str) -> set[str]:
    found = {"WAVE_CLOSED"} if wave and wave.closed else set()
    if case and case.wave_id != wave_id:  # the page does not say which of the two a case of no wave, or another's, is
        found |= {"UNKNOWN_HANDOVER", "WRONG_STATE"}
    return found | _unless(case is None or case.state in ("IN_WAVE", "WAITING"), "WRONG_STATE")


def _of_closing(wave: Wave | None) -> set[str]:
    found = {"WAVE_CLOSED"} if wave and wave.closed else set()
    return found | _unless(wave is None or wave.started, "WAVE_NOT_STARTED")


def _of_recontracting(desk: Desk, word: Any, subject: str) -> set[str]:
    contract, found, case = desk.contracts.get(word.contract_id), set[str](), None
    provider_id: str | None
    if isinstance(word, commissioning.ExternalCssRecontracted):
        found |= _unless(word.provider_id in desk.providers, "UNKNOWN_PROVIDER")
        found |= _unless(str(uuid5(UUID(word.episode_id), "handover")) not in desk.cases, "WRONG_STATE")
        found |= _unless(desk.today is not None and word.on <= desk.today, "IN_THE_FUTURE")
        provider_id = word.provider_id
    else:
        case = desk.cases.get(word.handover_id)
        found |= _unless(case is not None and case.lot == subject, "UNKNOWN_HANDOVER")
        found |= _unless(case is None or (case.state in RUNNING and case.holder != word.contract_id), "WRONG_STATE")
        provider_id = desk.provider_of(case) if case else None
    if contract is None or contract.lot != subject:
        return found | {"UNKNOWN_CONTRACT"}
    found |= _unless(provider_id in (None, contract.provider_id), "UNKNOWN_CONTRACT")
    if desk.today is None or not (contract.active(word.on) and contract.active(desk.today)):
        found |= {"CONTRACT_NOT_ACTIVE"}
    minutes = case.minutes if case else getattr(word, "weekly_minutes", 0)
    return found | _unless(desk.today is None or minutes <= desk.free(contract), "NO_ROOM")


def _of_recorder(case: Case | None, word: Any) -> set[str]:
    if case is None or case.lot != word.lot:
        return {"UNKNOWN_HANDOVER"}
    # the person's ledger says these two once and in this order; that all else is refused the page leaves to WRONG_STATE
    if isinstance(word, referred.SisSupportStarted):
        return _unless(case.state == "STARTED", "WRONG_STATE")
    return _unless(not isinstance(word, referred.SisSupportEnded) or case.state == "COMPLETED", "WRONG_STATE")


def _unless(holds: bool, code: str) -> set[str]:
    return set() if holds else {code}
