"""What follows from a provider's reply: taken, or set aside with the sender told why (H5).

Knows the fact and the message of each. Must never judge a reply: `replies` does.
"""

from __future__ import annotations

from typing import TypedDict, assert_never

from services.county.codes import is_known
from services.county.policy import policy_on
from services.handover.commissioning import release_pack
from services.handover.deciding import Deciding
from services.handover.handover import Handover, Offer
from services.handover.replies import FOREIGN, UNKNOWN, handover_named, set_aside
from services.handover.stopping import fail
from services.words import allocated, answers
from services.words.answers import AnswerWord
from services.words.coded import coded_fields
from services.words.messages import ReplyNotTaken
from services.words.refusals import Refusal


def reply_refusal(word: AnswerWord) -> Refusal | None:
    """A reply with a code that no list has is no reply that could be judged."""
    for coded in coded_fields(type(word)):
        if not all(is_known(coded.list_name, code) for code in coded.codes(word)):
            return Refusal("UNKNOWN_CODE", {"field": coded.field, "list": coded.list_name})
    return None


def replied(page: Deciding, word: AnswerWord, provider_id: str) -> None:
    """A reply is recorded, as taken or as set aside."""
    why = "ID_REUSED" if page.told.reused else set_aside(word, provider_id, page.book)
    handover = handover_named(word, page.book)
    if why is not None:
        _set_aside(page, word, provider_id, handover, why)
        return
    assert handover is not None
    assert handover.offer is not None
    assert page.book.today is not None
    page.copy(handover.lot, handover)
    _taken(page, word, handover, handover.offer)


def _not_taken(page: Deciding, word: AnswerWord, provider_id: str, why: str) -> None:
    """The sender hears that its reply changed nothing."""
    offer_id, handover_id = _named(word)
    reply = type(word).__name__
    told = ReplyNotTaken(reply_id=page.told.id, reply=reply, offer_id=offer_id, handover_id=handover_id, why=why)
    page.tell(provider_id, handover_id or offer_id or page.told.id, told)


def _set_aside(page: Deciding, word: AnswerWord, provider_id: str, handover: Handover | None, why: str) -> None:
    offer_id, handover_id = _named(word)
    aside = allocated.ReplySetAside(
        provider_id=provider_id,
        reply_id=page.told.id,
        reply=type(word).__name__,
        offer_id=offer_id,
        handover_id=handover_id,
        why=why,
    )
    key = handover.lot if handover else provider_id
    correlation = handover.episode_id if handover else provider_id
    page.say(key, aside, correlation)
    if why == FOREIGN and handover is not None:
        foreign = allocated.ForeignReplyNoted(provider_id=provider_id, reply_id=page.told.id, handover_id=handover.id)
        page.say(key, foreign, correlation)
    _not_taken(page, word, provider_id, UNKNOWN if why == FOREIGN else why)


def _taken(page: Deciding, word: AnswerWord, handover: Handover, offer: Offer) -> None:
    match word:
        case answers.Acknowledge() | answers.Accept() | answers.Decline():
            _offer_answered(page, word, handover, offer)
        case answers.BookFirstVisit():
            page.about(handover, allocated.FirstVisitBooked(on=word.on, **_who(handover, offer)))
        case answers.ConfirmStart():
            _started(page, word, handover, offer)
        case answers.ReportStartFailure():
            fail(page, handover, word.reason)
        case answers.ReportChange():
            page.about(handover, allocated.ChangeReported(change=word.change, **_who(handover, offer)))
        case answers.EndSupport():
            _end_reported(page, word, handover)
        case _:
            assert_never(word)


def _offer_answered(
    page: Deciding, word: answers.Acknowledge | answers.Accept | answers.Decline, handover: Handover, offer: Offer
) -> None:
    today = page.book.today
    assert today is not None
    match word:
        case answers.Acknowledge():
            acknowledged = allocated.OfferAcknowledged(offer_id=offer.id, on=today, **_who(handover, offer))
            page.about(handover, acknowledged)
        case answers.Accept():
            _accepted(page, word, handover, offer)
        case answers.Decline():
            declined = allocated.OfferDeclined(offer_id=offer.id, on=today, reason=word.reason, **_who(handover, offer))
            page.freed[offer.contract_id] = None
            page.about(handover, declined)
            page.place_again(handover)
        case _:
            assert_never(word)


def _accepted(page: Deciding, word: answers.Accept, handover: Handover, offer: Offer) -> None:
    today = page.book.today
    assert today is not None
    accepted = allocated.OfferAccepted(
        offer_id=offer.id,
        contract_id=offer.contract_id,
        on=today,
        start_on=word.start_on,
        policy=policy_on(today).version,
        **_who(handover, offer),
    )
    page.about(handover, accepted)
    release_pack(page, handover.id, 1)


def _started(page: Deciding, word: answers.ConfirmStart, handover: Handover, offer: Offer) -> None:
    page.about(
        handover,
        allocated.StartConfirmed(
            person_id=handover.person_id,
            episode_id=handover.episode_id,
            contract_id=offer.contract_id,
            weekly_minutes=handover.minutes,
            on=word.on,
            cause=handover.cause,
            **_who(handover, offer),
        ),
    )


def _end_reported(page: Deciding, word: answers.EndSupport, handover: Handover) -> None:
    reported = allocated.SupportEndReported(
        handover_id=handover.id, person_id=handover.person_id, lot=handover.lot, on=word.on, reason=word.reason
    )
    page.about(handover, reported)


class _Who(TypedDict):
    handover_id: str
    lot: str
    provider_id: str


def _who(handover: Handover, offer: Offer) -> _Who:
    return {"handover_id": handover.id, "lot": handover.lot, "provider_id": offer.provider_id}


def _named(word: AnswerWord) -> tuple[str | None, str | None]:
    """Offer and handover as the reply named them."""
    fields = word.__dict__
    return fields.get("offer_id"), fields.get("handover_id")
