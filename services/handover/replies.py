"""Whether a provider's reply is taken, and why not: one table of replies and states.

Knows H5, rulings 68, 79 and 81 to 86, and decision 0025. Must never tell a provider more than the reason that is its
own business.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import assert_never

from services.county.policy import policy_on
from services.handover.book import Book
from services.handover.handover import OPEN_OFFER, RUNNING, TO_START, Handover, Offer, State
from services.words import answers
from services.words.answers import AnswerWord

OfferAnswer = answers.Acknowledge | answers.Accept | answers.Decline
"""Replies that name an offer; all others name a handover."""
UNKNOWN, FOREIGN, CLOSED = "UNKNOWN", "FOREIGN", "CLOSED"


def handover_named(word: AnswerWord, book: Book) -> Handover | None:
    """The handover that a reply is about; None if there is none."""
    handover_id = book.offers.get(word.offer_id) if isinstance(word, OfferAnswer) else word.handover_id
    return book.handovers.get(handover_id) if handover_id else None


def set_aside(word: AnswerWord, provider_id: str, book: Book) -> str | None:
    """Why a reply changes nothing; None if it is taken."""
    handover = handover_named(word, book)
    if handover is None:
        return UNKNOWN
    if not handover.had_by(provider_id):
        return FOREIGN
    offer = handover.offer
    if isinstance(word, OfferAnswer):
        mine = offer is not None and offer.provider_id == provider_id and offer.id == word.offer_id
        return _current_offer(word, handover, book) if mine else _former_offer(word, handover, provider_id)
    if offer is None or offer.provider_id != provider_id or handover.state is State.WITHDRAWN or handover.ended:
        return CLOSED
    return _current_case(word, handover, offer, book)


def _former_offer(word: OfferAnswer, handover: Handover, provider_id: str) -> str:
    ends = [past.end for past in handover.past if (past.offer_id, past.provider_id) == (word.offer_id, provider_id)]
    if not ends:
        return FOREIGN
    return "ALREADY_DECLINED" if ends == ["DECLINED"] and isinstance(word, answers.Decline) else CLOSED


def _current_offer(word: OfferAnswer, handover: Handover, book: Book) -> str | None:
    if handover.state is State.WITHDRAWN:
        return CLOSED
    if handover.state in TO_START:
        return "ALREADY_ACCEPTED"
    if handover.state in RUNNING:
        return "ALREADY_STARTED"
    match word:
        case answers.Acknowledge():
            return "REPEATED" if handover.state is State.ACKNOWLEDGED else None
        case answers.Accept():
            return _cannot_accept(word.start_on, handover, book)
        case answers.Decline():
            return None
        case _:
            assert_never(word)


def _cannot_accept(start_on: date, handover: Handover, book: Book) -> str | None:
    """Why an acceptance is set aside; the offer stays open (rulings 79 and 81)."""
    today, contract = book.today, book.contract_of(handover)
    assert today is not None
    if not book.providers[contract.provider_id].is_in_date(today):
        return "DSPT_EXPIRED"
    if start_on < today or start_on <= handover.requested_on:
        return "START_IN_THE_PAST"
    if start_on > today + timedelta(days=policy_on(today).start_ahead_days):
        return "START_TOO_FAR"
    return None if contract.is_active(start_on) else "START_OUTSIDE_CONTRACT"


def _current_case(
    word: answers.BookFirstVisit
    | answers.ConfirmStart
    | answers.ReportStartFailure
    | answers.ReportChange
    | answers.EndSupport,
    handover: Handover,
    offer: Offer,
    book: Book,
) -> str | None:
    """A reply of the provider that is asked, has accepted, or supports the person."""
    if isinstance(word, answers.EndSupport):
        return _cannot_end(word.on, handover, book)
    if handover.state in OPEN_OFFER:
        return "NOT_ACCEPTED"
    if isinstance(word, answers.ReportChange):
        return None
    if handover.state in RUNNING:
        return "ALREADY_STARTED"
    if isinstance(word, answers.BookFirstVisit):
        return _cannot_book(word.on, offer, book)
    return _cannot_start(word.on, handover, offer, book) if isinstance(word, answers.ConfirmStart) else None


def _cannot_book(on: date, offer: Offer, book: Book) -> str | None:
    """Why a booked visit is set aside: the same again (ruling 68), or a day on which nobody visits (decision 0025)."""
    assert book.today is not None
    assert offer.accepted_on is not None
    if on == offer.visit_on:
        return "REPEATED"
    if on < offer.accepted_on:
        return "BEFORE_ACCEPTANCE"
    return "VISIT_TOO_FAR" if on > book.today + timedelta(days=policy_on(book.today).start_ahead_days) else None


def _cannot_start(on: date, handover: Handover, offer: Offer, book: Book) -> str | None:
    """Why a confirmed start is set aside (rulings 67, 80 and 82)."""
    assert book.today is not None
    assert offer.accepted_on is not None
    if not book.providers[offer.provider_id].is_in_date(book.today):
        return "DSPT_EXPIRED"
    if on > book.today:
        return "IN_THE_FUTURE"
    if on < offer.accepted_on:
        return "BEFORE_ACCEPTANCE"
    return "START_IN_THE_PAST" if on <= handover.requested_on else None


def _cannot_end(on: date, handover: Handover, book: Book) -> str | None:
    """Why a reported end is set aside (ruling 84)."""
    if handover.state not in RUNNING:
        return "NOT_STARTED"
    if handover.end_reported:
        return "REPEATED"
    assert book.today is not None
    assert handover.started_on is not None
    if on < handover.started_on:
        return "BEFORE_START"
    return "IN_THE_FUTURE" if on > book.today else None
