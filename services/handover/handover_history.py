"""How a step of one handover changes it: requested, re-contracted, waiting, started, completed, withdrawn, ended.

Knows what each leaves behind. Must never ask whether the fact should have been recorded.
"""

from __future__ import annotations

from typing import assert_never

from services.handover.book import Book, changed, holding, releasing, taking, with_handover
from services.handover.handover import CLOSED, RECONTRACTED, RUNNING, TO_START, Handover, Offer, State
from services.handover.ids import handover_id_of
from services.handover.offer_history import fell_through, freed, with_offer
from services.handover.raising import raised
from services.handover.waits import joined_line, left_line
from services.words import allocated, commissioning, referred
from services.words.handover_catalogue import HandoverStep, RecontractWord, ReferredWord


def moved(book: Book, word: HandoverStep) -> Book:
    """The book after a step of a handover."""
    match word:
        case allocated.HandoverNotPossible():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.NOT_POSSIBLE, dossier=None))
        case allocated.HandoverWaiting():
            return joined_line(book, book.handovers[word.handover_id], word.why)
        case allocated.FirstVisitBooked():
            visited = State.VISIT_BOOKED
            return changed(book, word.handover_id, lambda h: with_offer(h, visit_on=word.on)._replace(state=visited))
        case allocated.StartConfirmed():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.STARTED, started_on=word.on))
        case allocated.StartFailed():
            return fell_through(book, word.handover_id, "FAILED")
        case allocated.HandoverCompleted():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.COMPLETED))
        case allocated.HandoverWithdrawn():
            return _withdrawn(book, book.handovers[word.handover_id])
        case allocated.SupportEnded():
            return _ended(book, book.handovers[word.handover_id])
        case allocated.SupportEndReported():
            return changed(book, word.handover_id, lambda h: h._replace(end_reported=True))
        case allocated.SupportToBeReplaced():
            return changed(book, word.handover_id, lambda h: h._replace(to_be_replaced=True))
        case allocated.HandoverReceived() | allocated.ChangeReported():
            return book
        case _:
            assert_never(word)


def referred_to(book: Book, word: ReferredWord | RecontractWord, lot: str) -> Book:
    """The book after what the recorder or the commissioner said of one handover."""
    match word:
        case referred.HandoverRequested():
            return _requested(book, word)
        case referred.DossierChanged():
            dossier = word.dossier
            return changed(book, word.handover_id, lambda h: h if h.state in CLOSED else h._replace(dossier=dossier))
        case commissioning.ExternalCssRecontracted():
            return _recontracted(book, word, lot)
        case commissioning.SupportRecontracted():
            return _replaced(book, word)
        case (
            referred.HandoverRequestWithdrawn()
            | referred.SisSupportStarted()
            | referred.SisSupportEnded()
            | referred.HandoverOutcomeSetAside()
        ):
            return book
        case _:
            assert_never(word)


def _requested(book: Book, word: referred.HandoverRequested) -> Book:
    handover = Handover(
        id=word.handover_id,
        order=book.requests,
        person_id=word.person_id,
        episode_id=word.episode_id,
        lot=word.lot,
        district=word.district,
        minutes=word.weekly_minutes,
        requested_on=word.on,
        cause=word.cause,
        wanted_on=word.wanted_on,
        age_band=word.age_band,
        needs=tuple(word.needs),
        risk=word.risk,
        dossier=word.dossier,
    )
    early = (*book.early, handover.id) if book.today is None else book.early
    return with_handover(book._replace(requests=book.requests + 1, early=early), handover)


def _recontracted(book: Book, word: commissioning.ExternalCssRecontracted, lot: str) -> Book:
    handover = Handover(
        id=handover_id_of(word.episode_id),
        order=book.requests,
        person_id=word.person_id,
        episode_id=word.episode_id,
        lot=lot,
        district="",
        minutes=word.weekly_minutes,
        requested_on=word.on,
        cause=RECONTRACTED,
        state=State.STARTED,
        offer=Offer("", word.provider_id, word.contract_id),
        started_on=word.on,
        contracted_on=word.on,
    )
    book = with_handover(book._replace(requests=book.requests + 1), handover)
    return holding(taking(book, word.contract_id, used=handover.minutes), word.contract_id, handover.id)


def _replaced(book: Book, word: commissioning.SupportRecontracted) -> Book:
    """Running support moves: it takes minutes of the new contract and frees those of the old, which ends there."""
    handover = book.handovers[word.handover_id]
    former = book.contract_of(handover).id
    book = taking(book, former, used=-handover.minutes)
    book = raised(releasing(book, former, handover.id), former)
    book = holding(taking(book, word.contract_id, used=handover.minutes), word.contract_id, handover.id)
    moved = with_offer(handover, contract_id=word.contract_id)
    return with_handover(book, moved._replace(contracted_on=word.on, to_be_replaced=False))


def _withdrawn(book: Book, before: Handover) -> Book:
    if before.state in TO_START | RUNNING:
        book = freed(book, before)
    wave = book.waves.get(before.wave_id) if before.wave_id else None
    if wave is not None and not wave.frozen:
        book = book._replace(waves=book.waves.set(wave.id, wave.without(before.id)))
    return left_line(with_handover(book, before._replace(state=State.WITHDRAWN, dossier=None)), before)


def _ended(book: Book, before: Handover) -> Book:
    contract_id = book.contract_of(before).id
    book = with_handover(freed(book, before), before._replace(ended=True, dossier=None))
    return raised(book, contract_id)
