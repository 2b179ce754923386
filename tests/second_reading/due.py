"""Second reading: what is due after every word, and who is asked (H1, H2, H10, rulings 61, 62, 74 to 78, 83 and 89)."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from tests.second_reading.answered import AnyOf
from tests.second_reading.becoming import fail, let_go, take_back
from tests.second_reading.commissioned import (
    ASKED,
    RUNNING,
    TAKEN_ON,
    Case,
    Contract,
    Offer,
    Wave,
    fifth_working_day_after,
    share,
)
from tests.second_reading.desk import POLICY, Desk, Open, Told, of


def settle(desk: Desk) -> None:
    """All that is due on today, and whoever looks for somebody is tried in the order of requests (H10)."""
    if desk.today is None:
        return
    _note_what_was_raised(desk, desk.today)
    for case in desk.cases.values():
        _stop(desk, case, desk.today)
    for wave_id, wave in desk.waves.items():
        _turn(desk, wave_id, wave, desk.today)
    for case in desk.cases.values():
        if case.looks_for_somebody:
            _try(desk, case, desk.today)


def _note_what_was_raised(desk: Desk, today: date) -> None:
    """Ruling 62: a declaration above the former, counting from its day, and a contract that begins."""
    for contract in desk.contracts.values():
        now = contract.capacity(today) if contract.active(today) else -1
        if now > desk.standing.get(contract.id, -1):
            contract.raised = desk.time
        desk.standing[contract.id] = now


def _stop(desk: Desk, case: Case, today: date) -> None:
    """Lapses, starts not confirmed, and what a contract's end or a suspension does (rulings 77, 78, 83)."""
    if case.holder is None:
        return
    contract, offer = desk.contracts[case.holder], case.offer
    ended = "CONTRACT_ENDED" if today > contract.to_on else ""
    stopped = "PROVIDER_SUSPENDED" if desk.providers[contract.provider_id].suspended else ended
    if case.state in RUNNING and ended and not case.to_be_replaced:
        case.to_be_replaced = True
        desk.say("SupportToBeReplaced", case, provider_id=contract.provider_id, contract_id=contract.id)
    elif case.state in ASKED and offer and today > offer.respond_by and not _ended_before(desk, contract, offer):
        desk.say("OfferLapsed", case, **of(offer), respond_by=offer.respond_by)
        desk.tell(offer.provider_id, "OfferLapsed", case, offer_id=offer.id, respond_by=offer.respond_by)
        let_go(desk, case, offer, "LAPSED", in_vain=True)
    elif case.state in ASKED and offer and stopped:
        take_back(desk, case, offer, stopped)
    elif case.state in TAKEN_ON and offer and offer.start_on:
        late = "NOT_CONFIRMED" if today > fifth_working_day_after(offer.start_on) else ""
        if whys := {why for why in (late, stopped) if why}:
            fail(desk, case, offer, AnyOf(whys))


def _ended_before(desk: Desk, contract: Contract, offer: Offer) -> bool:
    return Open.AS_THE_DAYS_COME in desk.reading and contract.to_on < offer.respond_by


def _turn(desk: Desk, wave_id: str, wave: Wave, today: date) -> None:
    """A wave is frozen and started on the first day that is late enough (ruling 89)."""
    if wave.frozen is None and today >= wave.freeze_on:
        wave.frozen = sorted(
            case.id for case in desk.cases.values() if case.wave_id == wave_id and case.state == "IN_WAVE"
        )
        desk.facts.append(Told(wave.lot, "WaveFrozen", {"wave_id": wave_id, "lot": wave.lot, "cases": wave.frozen}))
    if not wave.started and today >= wave.start_on:
        wave.started = True
        desk.facts.append(Told(wave.lot, "WaveStarted", {"wave_id": wave_id, "lot": wave.lot}))
        for case in desk.cases.values():
            if case.wave_id == wave_id and case.state == "IN_WAVE":
                case.state = "WAITING"


def _try(desk: Desk, case: Case, today: date) -> None:
    covering = [c for c in desk.contracts.values() if c.lot == case.lot and case.district in c.districts]
    covering = [contract for contract in covering if contract.active(today)]
    able = [contract for contract in covering if desk.providers[contract.provider_id].can_be_asked(today)]
    unasked = [contract for contract in able if contract.provider_id not in case.refused]
    at_once = Open.RAISED_THE_SAME_DAY in desk.reading
    again = [c for c in able if c not in unasked and c.raised + at_once > case.refused[c.provider_id]]
    for among in (unasked, again):
        if rooms := [contract for contract in among if desk.free(contract) >= case.minutes]:
            order = {c.id: (c.tier, share(c, desk.taken(c.id), today), c.id) for c in rooms}
            _ask(desk, case, min(rooms, key=lambda contract: order[contract.id]), today)
            return
    # the page names the reasons to wait and leaves to us where NO_ROOM ends and ALL_ASKED begins
    why = "NO_ROOM" if unasked or again else "ALL_ASKED" if able else "NO_PROVIDER" if covering else "NO_CONTRACT"
    if case.why != why:
        desk.say("HandoverWaiting", case, why=why)
    case.state, case.why = "WAITING", why


def _ask(desk: Desk, case: Case, contract: Contract, today: date) -> None:
    ordinal, respond_by = len(case.offers) + 1, fifth_working_day_after(today)
    offer = Offer(str(uuid5(UUID(case.id), str(ordinal))), contract.provider_id, contract.id, respond_by)
    case.offers.append(offer)
    case.state, case.holder = "OFFERED", contract.id
    about = {"contract_id": contract.id, "weekly_minutes": case.minutes, "wanted_on": case.wanted_on}
    desk.say("OfferMade", case, **of(offer), **about, ordinal=ordinal, on=today, respond_by=respond_by, policy=POLICY)
    who = {"district": case.district, "age_band": case.age_band, "needs": case.needs, "risk": case.risk}
    desk.tell(offer.provider_id, "Offer", case, offer_id=offer.id, lot=case.lot, **about, **who, respond_by=respond_by)
