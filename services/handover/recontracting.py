"""Support that runs already and is contracted anew, or moves to a renewed contract (H8, ruling 91).

Knows that it takes room like any other. Suspension, toolkit and district are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from services.handover import messages
from services.handover.book import Book
from services.handover.commissioning import amiss
from services.handover.contract import Contract
from services.handover.deciding import Deciding
from services.handover.handover import RECONTRACTED, Handover
from services.handover.ids import handover_id_of
from services.words import commissioning
from services.words.allocated import HandoverReceived, StartConfirmed
from services.words.handover_catalogue import RecontractWord
from services.words.refusals import Refusal


def recontract_refusal(word: RecontractWord, lot: str, book: Book) -> Refusal | None:
    """Why a re-contracting is not recorded; contracts and handovers are judged within the lot."""
    match word:
        case commissioning.ExternalCssRecontracted():
            return next(_external_refusals(word, lot, book), None)
        case commissioning.SupportRecontracted():
            return next(_support_refusals(word, lot, book), None)
        case _:
            assert_never(word)


def recontracted(page: Deciding, word: RecontractWord, lot: str) -> None:
    """A re-contracting is recorded."""
    match word:
        case commissioning.ExternalCssRecontracted():
            _external(page, word, lot)
        case commissioning.SupportRecontracted():
            _support(page, word, lot)
        case _:
            assert_never(word)


def _external(page: Deciding, word: commissioning.ExternalCssRecontracted, lot: str) -> None:
    page.copy(lot)
    handover = page.book.handovers[handover_id_of(word.episode_id)]
    page.about(
        handover,
        HandoverReceived(
            handover_id=handover.id,
            person_id=handover.person_id,
            episode_id=handover.episode_id,
            lot=lot,
            cause=RECONTRACTED,
            way="RUNNING",
        ),
    )
    page.about(
        handover,
        StartConfirmed(
            handover_id=handover.id,
            person_id=handover.person_id,
            episode_id=handover.episode_id,
            provider_id=word.provider_id,
            contract_id=word.contract_id,
            lot=lot,
            weekly_minutes=handover.minutes,
            on=word.on,
            cause=RECONTRACTED,
        ),
    )
    _tell(page, handover.id, word.on)


def _support(page: Deciding, word: commissioning.SupportRecontracted, lot: str) -> None:
    handover = page.book.handovers[word.handover_id]
    page.freed[page.book.contract_of(handover).id] = None
    page.raised.add(lot)
    page.copy(lot, handover)
    _tell(page, handover.id, word.on)


def _tell(page: Deciding, handover_id: str, on: date) -> None:
    handover = page.book.handovers[handover_id]
    assert handover.offer is not None
    page.tell(handover.offer.provider_id, handover.id, messages.recontracted(handover, on))


def _external_refusals(word: commissioning.ExternalCssRecontracted, lot: str, book: Book) -> Iterator[Refusal]:
    if word.since > word.on:
        yield amiss("since")
    if book.today is None or word.on > book.today:
        limit = book.today.isoformat() if book.today else "the day before the first"
        yield Refusal("IN_THE_FUTURE", {"limit": limit})
        return
    if word.provider_id not in book.providers:
        yield Refusal("UNKNOWN_PROVIDER")
    contract = book.contracts.get(word.contract_id)
    yield from _contract_refusals(contract, word.provider_id, lot, word.on, word.weekly_minutes)
    known = book.handovers.get(handover_id_of(word.episode_id))
    if known is not None:
        yield Refusal("WRONG_STATE", {"state": known.state})


def _support_refusals(word: commissioning.SupportRecontracted, lot: str, book: Book) -> Iterator[Refusal]:
    contract = book.contracts.get(word.contract_id)
    if contract is None or contract.lot != lot:
        yield Refusal("UNKNOWN_CONTRACT")
        return
    handover = book.handovers.get(word.handover_id)
    if handover is None or handover.lot != lot:
        yield Refusal("UNKNOWN_HANDOVER")
        return
    provider_id = _supporting(handover)
    yield from _contract_refusals(contract, provider_id or contract.provider_id, lot, word.on, handover.minutes)
    if provider_id is None or book.contract_of(handover).id == contract.id:
        yield Refusal("WRONG_STATE", {"state": handover.state})


def _supporting(handover: Handover) -> str | None:
    """The provider that supports the person now."""
    return handover.offer.provider_id if handover.offer and handover.is_running else None


def _contract_refusals(
    contract: Contract | None, provider_id: str, lot: str, on: date, minutes: int
) -> Iterator[Refusal]:
    """Whether a contract of this provider can take the minutes, on that day and today."""
    if contract is None or contract.lot != lot or contract.provider_id != provider_id:
        yield Refusal("UNKNOWN_CONTRACT")
        return
    if not contract.is_active(on) or not contract.active:
        yield Refusal("CONTRACT_NOT_ACTIVE")
    if contract.free < minutes:
        yield Refusal("NO_ROOM")
