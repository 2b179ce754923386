"""Second reading: what a provider's reply changes, or what is written of one that changes nothing (H5, H6, 85)."""

from __future__ import annotations

from datetime import date

from services.words import answers
from services.words.answers import Answer
from tests.second_reading.answered import AnyOf, aside
from tests.second_reading.becoming import confirm, fail, let_go, release_pack
from tests.second_reading.commissioned import Case, Offer
from tests.second_reading.desk import POLICY, Desk, Told, of


def reply(desk: Desk, word: Answer, provider_id: str, id: str, *, reused: bool) -> None:
    """A reply is taken, or set aside for a reason that its sender hears."""
    named = {name: getattr(word, name) for name in ("offer_id", "handover_id") if hasattr(word, name)}
    said = {"reply_id": id, "reply": type(word).__name__, **named}
    if isinstance(word, answers.ReplyUnreadable):
        said = {"reply_id": word.reply_id, "reply": word.reply}
    why = AnyOf({"ID_REUSED"}) if reused else aside(desk, word, provider_id)
    if not why:
        desk.copy(word, provider_id)
        _take_reply(desk, word)
        return
    offered = desk.offer(named.get("offer_id", ""))
    case = offered[0] if offered else desk.cases.get(named.get("handover_id", ""))
    key = case.lot if case else provider_id
    desk.facts.append(Told(key, "ReplySetAside", {"provider_id": provider_id, **said, "why": why}))
    if case and why == "FOREIGN":
        note = {"provider_id": provider_id, "reply_id": id, "handover_id": case.id}
        desk.facts.append(Told(case.lot, "ForeignReplyNoted", note))
    heard = AnyOf("UNKNOWN" if reason == "FOREIGN" else reason for reason in why)
    desk.messages.append(Told(provider_id, "ReplyNotTaken", {**said, "why": heard}))


def _take_reply(desk: Desk, word: Answer) -> None:
    today = desk.today or date.min
    match word:
        case answers.Acknowledge() | answers.Accept() | answers.Decline():
            found = desk.offer(word.offer_id)
            assert found is not None
            _take_answer(desk, word, *found, today)
        case answers.BookFirstVisit():
            case, offer = _taken_on(desk, word.handover_id)
            case.state, offer.visit_on = "VISIT_BOOKED", word.on
            desk.say("FirstVisitBooked", case, provider_id=offer.provider_id, on=word.on)
        case answers.ConfirmStart():
            case, offer = _taken_on(desk, word.handover_id)
            case.state, case.started_on = "STARTED", word.on
            confirm(desk, case, word.on)
        case answers.ReportStartFailure():
            case, offer = _taken_on(desk, word.handover_id)
            fail(desk, case, offer, word.reason)
        case answers.ReportChange():
            case = desk.cases[word.handover_id]
            case.changes.append(word.change)
            desk.say("ChangeReported", case, provider_id=desk.provider_of(case), change=word.change)
        case answers.EndSupport():
            case = desk.cases[word.handover_id]
            case.end_reported = True
            desk.say("SupportEndReported", case, person_id=case.person_id, on=word.on, reason=word.reason)


def _taken_on(desk: Desk, handover_id: str) -> tuple[Case, Offer]:
    case = desk.cases[handover_id]
    assert case.offer is not None
    return case, case.offer


def _take_answer(desk: Desk, word: Answer, case: Case, offer: Offer, today: date) -> None:
    match word:
        case answers.Acknowledge():
            case.state = "ACKNOWLEDGED"
            desk.say("OfferAcknowledged", case, **of(offer), on=today)
        case answers.Accept():
            case.state, offer.accepted_on, offer.start_on = "ACCEPTED", today, word.start_on
            days = {"on": today, "start_on": word.start_on}
            desk.say("OfferAccepted", case, **of(offer), contract_id=offer.contract_id, **days, policy=POLICY)
            release_pack(desk, case, offer)
        case answers.Decline():
            desk.say("OfferDeclined", case, **of(offer), on=today, reason=word.reason)
            let_go(desk, case, offer, "DECLINED", in_vain=True)
