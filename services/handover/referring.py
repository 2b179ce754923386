"""What the recorder says of a handover, brought by the referrals door: the person's ledger has the last word (H6).

Knows H6, H7, H9 and rulings 46, 64, 65 and 87. Must never judge the person's side of it.
"""

from __future__ import annotations

from typing import assert_never

from services.county.places import Area
from services.handover import messages
from services.handover.book import Book
from services.handover.deciding import Deciding
from services.handover.handover import CLOSED, LEGACY, Handover, State
from services.handover.stopping import tell_unsuccessful, withdraw
from services.words import allocated, referred
from services.words.handover_catalogue import ReferredWord
from services.words.refusals import Refusal


def referred_refusal(word: ReferredWord, book: Book) -> Refusal | None:
    """Why a word of the recorder is not recorded: the door knows no reason, so somebody should look."""
    handover = book.handovers.get(word.handover_id)
    if isinstance(word, referred.HandoverRequested):
        return _wrong(handover) if handover else None
    if handover is None:
        return Refusal("UNKNOWN_HANDOVER")
    if isinstance(word, referred.SisSupportStarted) and handover.state is not State.STARTED:
        return _wrong(handover)
    if isinstance(word, referred.SisSupportEnded) and not (handover.state is State.COMPLETED and handover.is_running):
        return _wrong(handover)
    return None


def referred_told(page: Deciding, word: ReferredWord) -> None:
    """A word of the recorder is recorded."""
    page.copy(word.lot, page.book.handovers.get(word.handover_id))
    handover = page.book.handovers[word.handover_id]
    match word:
        case referred.HandoverRequested():
            _requested(page, handover)
        case referred.DossierChanged():
            return
        case referred.HandoverRequestWithdrawn():
            if handover.state not in CLOSED | {State.COMPLETED}:
                withdraw(page, handover, word.why)
        case referred.HandoverOutcomeSetAside():
            if handover.state is State.STARTED:
                withdraw(page, handover, word.why)
        case referred.SisSupportStarted():
            _completed(page, handover, word)
        case referred.SisSupportEnded():
            _ended(page, handover, word)
        case _:
            assert_never(word)


def _requested(page: Deciding, handover: Handover) -> None:
    if handover.lot == Area.MEDWAY:
        impossible = allocated.HandoverNotPossible(handover_id=handover.id, lot=handover.lot, why="MEDWAY")
        page.about(handover, impossible)
        return
    received = allocated.HandoverReceived(
        handover_id=handover.id,
        person_id=handover.person_id,
        episode_id=handover.episode_id,
        lot=handover.lot,
        cause=handover.cause,
        way="BY_WAVE" if handover.cause == LEGACY else "AT_ONCE",
    )
    page.about(handover, received)
    if handover.is_to_be_placed:
        page.place_again(handover)


def _completed(page: Deciding, handover: Handover, word: referred.SisSupportStarted) -> None:
    assert handover.offer is not None
    completed = allocated.HandoverCompleted(
        handover_id=handover.id,
        lot=handover.lot,
        provider_id=handover.offer.provider_id,
        sis_episode_id=word.sis_episode_id,
        on=word.on,
    )
    page.about(handover, completed)
    page.tell(handover.offer.provider_id, handover.id, messages.closed(handover, "COMPLETED"))
    tell_unsuccessful(page, handover, "PLACED")


def _ended(page: Deciding, handover: Handover, word: referred.SisSupportEnded) -> None:
    assert handover.offer is not None
    page.freed[handover.offer.contract_id] = None
    page.raised.add(handover.lot)
    ended = allocated.SupportEnded(
        handover_id=handover.id,
        lot=handover.lot,
        provider_id=handover.offer.provider_id,
        contract_id=handover.offer.contract_id,
        on=word.on,
        reason=word.reason,
    )
    page.about(handover, ended)


def _wrong(handover: Handover) -> Refusal:
    return Refusal("WRONG_STATE", {"state": handover.state})
