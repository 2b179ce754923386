"""Second reading: why a provider's reply changes nothing (H5, rulings 67, 68, 79 to 86, decisions 25 and 29).

Where several reasons apply, or the page leaves open which of two it is, all of them are named.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.words import answers
from services.words.answers import Answer
from tests.second_reading.commissioned import ASKED, RUNNING, TAKEN_ON, Case, Offer
from tests.second_reading.desk import Desk, Open

AHEAD = timedelta(days=56)


class AnyOf(frozenset[str]):
    """Reasons that would all do: equal to each of them."""

    def __eq__(self, other: object) -> bool:
        """Whether what was said is one of them."""
        return other in self if isinstance(other, str) else super().__eq__(other)

    __hash__ = frozenset.__hash__


def aside(desk: Desk, word: Answer, provider_id: str) -> AnyOf:
    """The reasons for which a reply is set aside; none if it is taken."""
    match word:
        case answers.ReplyUnreadable():
            return AnyOf({"UNREADABLE"})
        case answers.Acknowledge() | answers.Accept() | answers.Decline():
            found = desk.offer(word.offer_id)
            return _to_offer(desk, word, provider_id, *found) if found else AnyOf({"UNKNOWN"})
    case = desk.cases.get(word.model_dump()["handover_id"])
    return _about_case(desk, word, provider_id, case) if case else AnyOf({"UNKNOWN"})


def _to_offer(desk: Desk, word: Any, provider_id: str, case: Case, offer: Offer) -> AnyOf:
    if offer.provider_id != provider_id:
        lost = any(other.provider_id == provider_id for other in case.offers)
        return AnyOf({"CLOSED"} if lost and Open.CLOSED_TO_THE_LOSER in desk.reading else {"FOREIGN"})
    if offer.end:
        again = isinstance(word, answers.Decline) and offer.end == "DECLINED"
        return AnyOf({"ALREADY_DECLINED"} if again else {"CLOSED"})
    if case.state in RUNNING:
        return AnyOf({"ALREADY_STARTED", "ALREADY_ACCEPTED"})  # rulings 68 and 84 would have both
    if case.state == "ENDED":
        return AnyOf({"ALREADY_STARTED", "ALREADY_ACCEPTED", "CLOSED"})
    if case.state in TAKEN_ON:
        return AnyOf({"ALREADY_ACCEPTED"})
    assert case.state in ASKED
    match word:
        case answers.Acknowledge():
            return AnyOf({"REPEATED"} if case.state == "ACKNOWLEDGED" else ())
        case answers.Accept():
            return AnyOf(_of_acceptance(desk, word.start_on, case, offer))
    return AnyOf()


def _of_acceptance(desk: Desk, start_on: date, case: Case, offer: Offer) -> set[str]:
    today, contract = desk.today or date.min, desk.contracts[offer.contract_id]
    found = set()
    if today > desk.providers[offer.provider_id].dspt_valid_to:
        found.add("DSPT_EXPIRED")
    if start_on < today or start_on <= case.requested_on:
        found.add("START_IN_THE_PAST")
    if start_on > today + AHEAD:
        found.add("START_TOO_FAR")
    if not contract.active(start_on):
        found.add("START_OUTSIDE_CONTRACT")
    return found


def _about_case(desk: Desk, word: Any, provider_id: str, case: Case) -> AnyOf:
    had_offer = any(offer.provider_id == provider_id for offer in case.offers)
    if desk.provider_of(case) != provider_id:
        return AnyOf({"CLOSED"} if had_offer or case.recontracted_with == provider_id else {"FOREIGN"})
    if isinstance(word, answers.EndSupport):
        return AnyOf(_of_end(desk, word.on, case))
    if isinstance(word, answers.ReportChange):
        return AnyOf({"NOT_ACCEPTED"} if case.state in ASKED else _of_change(desk, word.change, case))
    if case.state in ASKED:
        return AnyOf({"NOT_ACCEPTED"})
    if case.state in RUNNING:
        return AnyOf({"ALREADY_STARTED"})
    assert case.offer is not None
    match word:
        case answers.BookFirstVisit():
            return AnyOf(_of_visit(desk, word.on, case.offer))
        case answers.ConfirmStart():
            return AnyOf(_of_start(desk, word.on, case, case.offer))
    return AnyOf()


def _of_end(desk: Desk, on: date, case: Case) -> set[str]:
    if case.state not in RUNNING:
        return {"NOT_STARTED"}
    found = {"REPEATED"} if case.end_reported else set()
    if on < (case.started_on or date.min):
        found.add("BEFORE_START")
    if on > (desk.today or date.min):
        found.add("IN_THE_FUTURE")
    return found


def _of_change(desk: Desk, change: str, case: Case) -> set[str]:
    return {"REPEATED"} if change in case.changes and Open.CHANGES_REPEAT in desk.reading else set()


def _of_visit(desk: Desk, on: date, offer: Offer) -> set[str]:
    found = {"REPEATED"} if offer.visit_on == on else set()
    if on < (offer.accepted_on or date.min):
        found.add("BEFORE_ACCEPTANCE")
    if on > (desk.today or date.min) + AHEAD:
        found.add("VISIT_TOO_FAR")
    return found


def _of_start(desk: Desk, on: date, case: Case, offer: Offer) -> set[str]:
    today, found = desk.today or date.min, set[str]()
    if today > desk.providers[offer.provider_id].dspt_valid_to:
        found.add("DSPT_EXPIRED")
    if on < (offer.accepted_on or date.min):
        found.add("BEFORE_ACCEPTANCE")
    if on > today:
        found.add("IN_THE_FUTURE")
    if on <= case.requested_on:
        found.add("START_IN_THE_PAST")
    return found
