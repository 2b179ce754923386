"""How a fact about one handover changes it, and the minutes it takes (H3).

Knows when minutes are reserved, used and freed. Must never ask whether the fact should have been recorded.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from services.county.policy import policy_on
from services.county.working_days import add_working_days
from services.handover.book import Book, changed, holding, releasing, taking, with_handover
from services.handover.handover import CLOSED, OPEN_OFFER, RECONTRACTED, RUNNING, TO_START, Handover, Offer, State
from services.handover.ids import handover_id_of
from services.handover.raising import raised
from services.handover.waits import joined_line, left_line
from services.words import allocated, commissioning, referred
from services.words.handover_catalogue import HandoverStep, OfferFact, RecontractWord, ReferredWord

_ONE_DAY = timedelta(days=1)


def answered(book: Book, word: OfferFact) -> Book:
    """The book after an offer was made, answered, or came to nothing."""
    match word:
        case allocated.OfferMade():
            return _offered(book, word)
        case allocated.OfferAcknowledged():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.ACKNOWLEDGED))
        case allocated.OfferDeclined():
            return _fell_through(book, word.handover_id, "DECLINED")
        case allocated.OfferLapsed():
            return _fell_through(book, word.handover_id, "LAPSED")
        case allocated.OfferWithdrawn():
            return _fell_through(book, word.handover_id, "WITHDRAWN")
        case allocated.OfferAccepted():
            return _accepted(book, word)
        case allocated.PackReleased():
            return changed(book, word.handover_id, lambda h: _with_offer(h, issue=word.issue))
        case _:
            assert_never(word)


def moved(book: Book, word: HandoverStep) -> Book:
    """The book after a step of a handover."""
    match word:
        case allocated.HandoverNotPossible():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.NOT_POSSIBLE, dossier=None))
        case allocated.HandoverWaiting():
            return joined_line(book, book.handovers[word.handover_id], word.why)
        case allocated.FirstVisitBooked():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.VISIT_BOOKED))
        case allocated.StartConfirmed():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.STARTED, started_on=word.on))
        case allocated.StartFailed():
            return _fell_through(book, word.handover_id, "FAILED")
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
    return with_handover(book, _with_offer(handover, contract_id=word.contract_id)._replace(to_be_replaced=False))


def _offered(book: Book, word: allocated.OfferMade) -> Book:
    before = book.handovers[word.handover_id]
    due_on = word.respond_by + _ONE_DAY
    offer = Offer(word.offer_id, word.provider_id, word.contract_id, word.respond_by, due_on)
    now = before._replace(state=State.OFFERED, offer=offer, ordinal=word.ordinal, why="")
    book = left_line(with_handover(book, now), before)
    book = book._replace(offers=book.offers.set(word.offer_id, now.id))
    return holding(taking(book, word.contract_id, reserved=now.minutes), word.contract_id, now.id)


def _accepted(book: Book, word: allocated.OfferAccepted) -> Book:
    minutes = book.handovers[word.handover_id].minutes
    limit = add_working_days(word.start_on, policy_on(word.on).not_confirmed_working_days)
    book = taking(book, word.contract_id, reserved=-minutes, used=minutes)
    return changed(
        book,
        word.handover_id,
        lambda h: _with_offer(
            h, accepted_on=word.on, start_on=word.start_on, due_on=limit + _ONE_DAY
        )._replace(state=State.ACCEPTED),
    )


def _fell_through(book: Book, handover_id: str, end: str) -> Book:
    """An offer came to nothing: its minutes are free (H3)."""
    handover = book.handovers[handover_id]
    book = _freed(book, handover)
    return with_handover(book, handover.without_offer(end, book.raises))


def _withdrawn(book: Book, before: Handover) -> Book:
    if before.state in TO_START | RUNNING:
        book = _freed(book, before)
    wave = book.waves.get(before.wave_id) if before.wave_id else None
    if wave is not None and not wave.frozen:
        book = book._replace(waves=book.waves.set(wave.id, wave.without(before.id)))
    return left_line(with_handover(book, before._replace(state=State.WITHDRAWN, dossier=None)), before)


def _ended(book: Book, before: Handover) -> Book:
    contract_id = book.contract_of(before).id
    book = with_handover(_freed(book, before), before._replace(ended=True, dossier=None))
    return raised(book, contract_id)


def _freed(book: Book, handover: Handover) -> Book:
    contract_id = book.contract_of(handover).id
    reserved = -handover.minutes if handover.state in OPEN_OFFER else 0
    used = -handover.minutes - reserved
    return releasing(taking(book, contract_id, reserved=reserved, used=used), contract_id, handover.id)


def _with_offer(handover: Handover, **change: object) -> Handover:
    assert handover.offer is not None
    return handover._replace(offer=handover.offer._replace(**change))  # type: ignore[arg-type]  # names and values are written out by the callers
