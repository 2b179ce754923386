"""Second reading: what the commissioner's and the recorder's words change (H7 to H9, rulings 70 to 73 and 89 to 92)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from services.words import commissioning, referred
from services.words.calendar import DayBegan
from services.words.word import Word
from tests.second_reading.becoming import complete, confirm, end, release_pack, withdraw
from tests.second_reading.commissioned import ASKED, OVER, RUNNING, TAKEN_ON, Case, Contract, Provider, Wave
from tests.second_reading.desk import Desk


def take(desk: Desk, word: Word) -> None:
    """What an admitted word changes."""
    match word:
        case DayBegan():
            desk.today = word.date
        case (
            commissioning.ProviderRegistered()
            | commissioning.ProviderKeyChanged()
            | commissioning.ProviderSuspended()
            | commissioning.ProviderResumed()
            | referred.ProviderConnected()
        ):
            _take_of_provider(desk, word)
        case commissioning.ContractActivated():
            terms = word.model_dump(include={"provider_id", "lot", "districts", "tier", "from_on", "to_on"})
            desk.contracts[word.contract_id] = Contract(word.contract_id, minutes=word.weekly_minutes, **terms)
        case commissioning.ContractEnded():
            desk.contracts[word.contract_id].to_on = word.on
        case commissioning.CapacityDeclared():
            desk.contracts[word.contract_id].declared.append((word.on, word.weekly_minutes))
        case commissioning.WavePlanned():
            desk.waves[word.wave_id] = Wave(word.lot, word.freeze_on, word.start_on)
        case commissioning.CaseAddedToWave():
            case = desk.cases[word.handover_id]
            case.state, case.wave_id, case.wanted_on = "IN_WAVE", word.wave_id, desk.waves[word.wave_id].start_on
        case commissioning.CaseDeferred():
            _defer(desk, word)
        case commissioning.WaveClosed():
            _close(desk, word.wave_id)
        case commissioning.ExternalCssRecontracted():
            _recontract(desk, word)
        case commissioning.SupportRecontracted():
            _move(desk, word)
        case _:
            _take_of_recorder(desk, word)


def _take_of_provider(desk: Desk, word: Any) -> None:
    provider = desk.providers.setdefault(word.provider_id, Provider(date.min))
    match word:
        case commissioning.ProviderRegistered():
            provider.dspt_valid_to = word.dspt_valid_to
        case commissioning.ProviderKeyChanged() if word.reissue:
            for case in desk.held_by(word.provider_id):
                if case.offer and case.offer.packs:
                    release_pack(desk, case, case.offer)
        case commissioning.ProviderSuspended() | commissioning.ProviderResumed():
            provider.suspended = isinstance(word, commissioning.ProviderSuspended)
        case referred.ProviderConnected():
            before, provider.connected = provider.connected, True
            for case in desk.held_by(word.provider_id):
                if case.recontracted_on and not before:
                    _tell_recontracted(desk, word.provider_id, case)


def _take_of_recorder(desk: Desk, word: Word) -> None:
    match word:
        case referred.HandoverRequested():
            _receive(desk, word)
        case referred.DossierChanged():
            desk.cases[word.handover_id].papers = word.dossier.blob
        case referred.HandoverRequestWithdrawn():
            # of a case whose support the person's ledger has begun the page says nothing: it is recorded, no more
            withdraw(desk, desk.cases[word.handover_id], word.why, unless=(*OVER, "COMPLETED"))
        case referred.HandoverOutcomeSetAside():
            case = desk.cases[word.handover_id]
            if case.state == "STARTED":  # else it is the end that was set aside, and nothing follows
                withdraw(desk, case, word.why)
        case referred.SisSupportStarted():
            complete(desk, desk.cases[word.handover_id], word)
        case referred.SisSupportEnded():
            end(desk, desk.cases[word.handover_id], word)
        case referred.PersonErased():
            for case in desk.cases.values():
                # the page does not say whether one who lost the case hears of it too: who holds a pack does
                for provider_id in {o.provider_id for o in case.offers if o.packs}:
                    if case.person_id == word.person_id:
                        desk.tell(provider_id, "ErasureNotice", case)


def _receive(desk: Desk, word: referred.HandoverRequested) -> None:
    case = Case(
        word.handover_id,
        word.person_id,
        word.episode_id,
        word.lot,
        word.weekly_minutes,
        word.cause,
        word.on,
        word.district,
        word.wanted_on,
        word.needs,
        word.risk,
        word.age_band,
        word.dossier.blob,
    )
    desk.cases[case.id] = case
    if case.lot == "MEDWAY":
        case.state = "NOT_POSSIBLE"
        desk.say("HandoverNotPossible", case, why="MEDWAY")
    else:
        _say_received(desk, case, "BY_WAVE" if case.cause == "LEGACY_CSS" else "AT_ONCE")


def _say_received(desk: Desk, case: Case, way: str) -> None:
    who = {"person_id": case.person_id, "episode_id": case.episode_id}
    desk.say("HandoverReceived", case, **who, cause=case.cause, way=way)


def _defer(desk: Desk, word: commissioning.CaseDeferred) -> None:
    case, wave = desk.cases[word.handover_id], desk.waves[word.wave_id]
    case.state, case.wave_id, case.why = "REQUESTED", None, ""
    if wave.frozen is not None:
        wave.deferred.add(case.id)


def _close(desk: Desk, wave_id: str) -> None:
    """Ruling 70: of all that were in at the freeze, what has become of each, and what is unfinished."""
    wave = desk.waves[wave_id]
    wave.closed = True
    left = [desk.cases[name] for name in wave.frozen or () if name not in wave.deferred]
    counts = {
        "cases": len(wave.frozen or ()),
        "started": sum(case.state in (*RUNNING, "ENDED") for case in left),
        "waiting": sum(case.state in ("IN_WAVE", "WAITING", *ASKED, *TAKEN_ON) for case in left),
        "deferred": len(wave.deferred),
        "withdrawn": sum(case.state == "WITHDRAWN" for case in left),
        "not_possible": sum(case.state == "NOT_POSSIBLE" for case in left),
    }
    desk.facts[0].data.update(counts)


def _recontract(desk: Desk, word: commissioning.ExternalCssRecontracted) -> None:
    handover_id, lot = str(uuid5(UUID(word.episode_id), "handover")), desk.contracts[word.contract_id].lot
    who = (word.person_id, word.episode_id, lot)
    case = Case(handover_id, *who, word.weekly_minutes, "RECONTRACTED", word.on, state="STARTED")
    case.holder, case.started_on, case.recontracted_on = word.contract_id, word.on, word.on
    case.recontracted_with = word.provider_id
    desk.cases[case.id] = case
    _say_received(desk, case, "RUNNING")
    confirm(desk, case, word.on)
    _tell_recontracted(desk, word.provider_id, case)


def _move(desk: Desk, word: commissioning.SupportRecontracted) -> None:
    # ruling 73 would let the day lie ahead and count from then, ruling 91 wants the contract active on both days:
    # minutes are taken at once
    case = desk.cases[word.handover_id]
    desk.contracts[case.holder or ""].raised = desk.time
    case.holder, case.recontracted_on, case.to_be_replaced = word.contract_id, word.on, False
    _tell_recontracted(desk, desk.contracts[word.contract_id].provider_id, case)


def _tell_recontracted(desk: Desk, provider_id: str, case: Case) -> None:
    if desk.providers[provider_id].connected:
        terms = {"contract_id": case.holder, "weekly_minutes": case.minutes, "on": case.recontracted_on}
        desk.tell(provider_id, "Recontracted", case, episode_id=case.episode_id, **terms)
