"""Placing: whoever lost what it had and whoever waits is tried in the order of the requests (H10, rulings 75 and 76).

Knows that those who wait could not be placed before this input, so only what it bettered needs a look. Must never read
all handovers.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from immutables import Map

from services.handover import messages
from services.handover.contract import Contract
from services.handover.deciding import Deciding
from services.handover.handover import Handover, State
from services.handover.ids import offer_id_of
from services.handover.policy import candidate, has_room, respond_by, why_waiting
from services.handover.waiting import Kind, Waiters, members
from services.handover.waits import kind_in
from services.words.allocated import HandoverWaiting, OfferMade

_Turn = tuple[int, str, Kind, bool]
"""Order of a request, its handover, its kind, and whether it stands for a waiting line."""


def place(page: Deciding) -> None:
    """Ask whoever can now be asked; say who begins to wait, and for whom the reason has changed."""
    if page.book.today is None:
        return
    lots = {page.book.handovers[name].lot for name in page.restless}
    lots |= {page.book.contracts[name].lot for name in page.freed} | page.lots | page.raised
    for lot in sorted(lots):
        _place_in(page, lot)


def _place_in(page: Deciding, lot: str) -> None:
    waiters = page.book.waiters.get(lot, Map())
    turns = _turns(page, lot, waiters)
    tried = {kind for _, _, kind, waits in turns if waits}
    heapify(turns)
    while turns:
        _, name, kind, waits = heappop(turns)
        handover = page.book.handovers[name]
        hopeless = not waits and kind in waiters and kind not in tried
        contract = None if hopeless else candidate(page.book, lot, kind)
        if contract is not None:
            _offer(page, handover, contract)
        elif not waits:
            _wait(page, handover, kind)
        following = page.book.waiters.get(lot, Map()).get(kind)
        if waits and contract is not None and following is not None:
            heappush(turns, (following.line.order, following.line.name, kind, True))
    if lot in page.lots | page.raised:
        _tell_new_reasons(page, lot)


def _turns(page: Deciding, lot: str, waiters: Map[Kind, Waiters]) -> list[_Turn]:
    book = page.book
    restless = (book.handovers[name] for name in page.restless)
    turns = [(h.order, h.id, kind_in(book, h), False) for h in restless if h.lot == lot]
    freed = [book.contracts[name] for name in page.freed]
    for kind, waiting in waiters.items():
        if lot in page.lots or any(contract.lot == lot and has_room(contract, kind) for contract in freed):
            turns.append((waiting.line.order, waiting.line.name, kind, True))
    return turns


def _offer(page: Deciding, handover: Handover, contract: Contract) -> None:
    assert page.book.today is not None
    limit, policy = respond_by(page.book.today)
    wave = page.book.waves[handover.wave_id] if handover.wave_id else None
    ordinal = handover.ordinal + 1
    made = OfferMade(
        offer_id=offer_id_of(handover.id, ordinal),
        handover_id=handover.id,
        lot=handover.lot,
        ordinal=ordinal,
        provider_id=contract.provider_id,
        contract_id=contract.id,
        weekly_minutes=handover.minutes,
        wanted_on=wave.start_on if wave else handover.wanted_on,
        on=page.book.today,
        respond_by=limit,
        policy=policy.version,
    )
    page.about(handover, made)
    page.tell(contract.provider_id, handover.id, messages.offer(handover, made))


def _wait(page: Deciding, handover: Handover, kind: Kind) -> None:
    page.about(handover, _waiting(handover, why_waiting(page.book, handover.lot, kind)))


def _tell_new_reasons(page: Deciding, lot: str) -> None:
    """Those who went on waiting hear of a new reason, in the order of their requests."""
    told: list[tuple[Handover, str]] = []
    for kind, waiters in page.book.waiters.get(lot, Map()).items():
        why = why_waiting(page.book, lot, kind)
        if waiters.why != why:
            told += ((handover, why) for handover in members(waiters, page.book.handovers) if handover.why != why)
    for handover, why in sorted(told, key=lambda entry: entry[0].order):
        assert handover.state is State.WAITING
        page.about(handover, _waiting(handover, why))


def _waiting(handover: Handover, why: str) -> HandoverWaiting:
    return HandoverWaiting(handover_id=handover.id, lot=handover.lot, why=why)
