"""How a fact about an offer changes its handover, and the minutes it takes (H3).

Knows when minutes are reserved, used and freed. Must never ask whether the fact should have been recorded.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from services.county.policy import policy_on
from services.county.working_days import add_working_days
from services.handover.book import Book, changed, holding, releasing, taking, with_handover
from services.handover.handover import OPEN_OFFER, Handover, Offer, State
from services.handover.waits import left_line
from services.words import allocated
from services.words.handover_catalogue import OfferFact

_ONE_DAY = timedelta(days=1)


def answered(book: Book, word: OfferFact) -> Book:
    """The book after an offer was made, answered, or came to nothing."""
    match word:
        case allocated.OfferMade():
            return _offered(book, word)
        case allocated.OfferAcknowledged():
            return changed(book, word.handover_id, lambda h: h._replace(state=State.ACKNOWLEDGED))
        case allocated.OfferDeclined():
            return fell_through(book, word.handover_id, "DECLINED")
        case allocated.OfferLapsed():
            return fell_through(book, word.handover_id, "LAPSED")
        case allocated.OfferWithdrawn():
            return fell_through(book, word.handover_id, "WITHDRAWN")
        case allocated.OfferAccepted():
            return _accepted(book, word)
        case allocated.PackReleased():
            return changed(book, word.handover_id, lambda h: with_offer(h, issue=word.issue))
        case _:
            assert_never(word)


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
        lambda h: with_offer(h, accepted_on=word.on, start_on=word.start_on, due_on=limit + _ONE_DAY)._replace(
            state=State.ACCEPTED
        ),
    )


def fell_through(book: Book, handover_id: str, end: str) -> Book:
    """An offer came to nothing: its minutes are free (H3)."""
    handover = book.handovers[handover_id]
    book = freed(book, handover)
    return with_handover(book, handover.without_offer(end, book.raises))


def freed(book: Book, handover: Handover) -> Book:
    """The book in which a handover takes no minutes any more."""
    contract_id = book.contract_of(handover).id
    reserved = -handover.minutes if handover.state in OPEN_OFFER else 0
    used = -handover.minutes - reserved
    return releasing(taking(book, contract_id, reserved=reserved, used=used), contract_id, handover.id)


def with_offer(handover: Handover, **change: object) -> Handover:
    """The handover with its offer changed."""
    assert handover.offer is not None
    return handover._replace(offer=handover.offer._replace(**change))  # type: ignore[arg-type]  # names and values are written out by the callers
