"""Who is asked, who waits and why, and who is asked again (H1, H2, H9, H10, H11, rulings 61, 62, 74 to 78 and 83)."""

from __future__ import annotations

from typing import cast

import pytest

from services.words import answers
from services.words.allocated import HandoverNotPossible, HandoverWaiting, OfferMade
from services.words.commissioning import ContractEnded, ProviderResumed, ProviderSuspended
from services.words.messages import Offer
from tests.handover.story import EAST, MEDWAY, Story, day_of, handover, one_provider, with_providers


def asked_in_turn(story: Story, case: str) -> list[str]:
    """Who is asked about a case when everybody declines."""
    found = []
    while (offer := story.case(case).offer) is not None:
        found.append(offer.contract_id)
        story.decline(offer.provider_id, case)
    return found


def why(story: Story, case: str) -> str | None:
    """What was said last of why a case waits."""
    words = [fact.word for fact in story.facts if isinstance(fact.word, HandoverWaiting)]
    return next((word.why for word in reversed(words) if word.handover_id == handover(case)), None)


def test_h1_candidates_come_by_tier_then_share_then_contract_id() -> None:
    """The lowest tier first; in a tier whoever has used least of what is declared; then by id."""
    story = Story()
    story.day("2012-10-01")
    for contract_id, provider_id, tier, minutes in (
        ("c4", "elm", 2, 1000),
        ("c3", "oak", 1, 300),
        ("c2", "ash", 1, 1000),
        ("c1", "yew", 1, 1000),
    ):
        story.provider(provider_id).contract(contract_id, provider_id, tier=tier, weekly_minutes=minutes)
    story.request("zoe", 100)

    story.request("ann", 100)

    assert story.case("zoe").offer.contract_id == "c1"
    assert asked_in_turn(story, "ann") == ["c2", "c3", "c1", "c4"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda story: story.contract("c", "oak", districts=["thanet"]), "NO_CONTRACT"),
        (lambda story: story.contract("c", "oak", from_on="2012-10-02"), "NO_CONTRACT"),
        (lambda story: story.contract("c", "oak", to_on="2012-09-30"), "NO_CONTRACT"),
        (lambda story: story.contract("c", "elm"), "NO_PROVIDER"),
        (lambda story: story.contract("c", "yew"), "NO_PROVIDER"),
        (lambda story: story.contract("c", "oak", weekly_minutes=119), "NO_ROOM"),
    ],
)
def test_h1_who_cannot_be_asked(spoil: object, reason: str) -> None:
    """Without a contract of the day and district, a connected provider in date, and room, a case waits and says why."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak").provider("elm", connected=False).provider("yew", "2012-09-30")
    spoil(story)  # type: ignore[operator]  # one of the functions above

    story.request("ann", 120)

    assert story.said()[-1] == "HandoverWaiting"
    assert why(story, "ann") == reason


def test_h9_a_case_of_medway_is_not_possible() -> None:
    """No contract of the county covers Medway; the case goes back to its team's list (ruling 92)."""
    story = one_provider()

    story.request("ann", lot=MEDWAY, district="medway")

    assert story.said() == ["HandoverRequested", "HandoverNotPossible"]
    assert cast(HandoverNotPossible, story.last.facts[1].word).why == "MEDWAY"
    assert story.at("ann") == ("NOT_POSSIBLE", None)


@pytest.mark.parametrize(
    ("day", "limit"), [("2012-12-20", "2012-12-31"), ("2012-06-01", "2012-06-12"), ("2012-10-05", "2012-10-12")]
)
def test_h2_an_offer_is_answered_by_the_fifth_working_day_after(day: str, limit: str) -> None:
    """Weekends, Christmas and a jubilee do not count, nor does the day of the offer (ruling 77)."""
    story = Story()
    story.day(day)
    story.provider("oak").contract("c-oak", "oak", from_on="2012-01-01")

    story.request("ann")

    assert cast(OfferMade, story.last.facts[-1].word).respond_by == day_of(limit)


def test_ruling_77_an_offer_lapses_on_the_first_day_after_its_limit() -> None:
    """On the last day it is still open; on the next day that begins, however many were skipped, it is not."""
    story = with_providers(("oak", "ash"))
    story.request("ann")

    story.day("2012-10-08")
    assert story.at("ann") == ("OFFERED", "oak")
    story.day("2012-10-11")

    assert story.said() == ["DayBegan", "OfferLapsed", "OfferMade"]
    assert story.announced() == [("oak", "OfferLapsed"), ("ash", "Offer")]


def test_h2_who_declined_is_not_asked_again_because_minutes_were_freed() -> None:
    """Minutes freed by others' declines and withdrawals are no raise of capacity (ruling 62)."""
    story = one_provider(minutes=200)
    story.request("ann", 150)
    story.decline("oak", "ann")
    story.request("bob", 150)

    story.withdrawn("bob")

    assert story.at("ann") == ("WAITING", None)
    assert why(story, "ann") == "ALL_ASKED"


@pytest.mark.parametrize("minutes", [500, 600])
def test_h2_who_declined_is_asked_again_once_capacity_was_raised(minutes: int) -> None:
    """A declaration above the former is a raise, on that contract; the same again is none."""
    story = one_provider()
    story.declared("c-oak", 500, "2012-10-01")
    story.request("ann")
    story.decline("oak", "ann")

    story.declared("c-oak", minutes, "2012-10-01")

    assert story.at("ann") == (("OFFERED", "oak") if minutes > 500 else ("WAITING", None))


def test_ruling_62_an_end_of_running_support_is_a_raise() -> None:
    """When somebody's support ends, whoever declined on that contract may be asked again."""
    story = one_provider()
    story.request("ann")
    story.accept("oak", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")
    story.support_started("ann")
    story.request("bob")
    story.decline("oak", "bob")

    story.support_ended("ann")

    assert story.said() == ["SisSupportEnded", "SupportEnded", "OfferMade"]
    assert story.at("bob") == ("OFFERED", "oak")


def test_ruling_62_a_declaration_for_a_day_to_come_is_a_raise_on_that_day() -> None:
    """What is declared from Wednesday on counts from Wednesday on (ruling 73)."""
    story = one_provider()
    story.declared("c-oak", 100, "2012-10-01")
    story.declared("c-oak", 300, "2012-10-03")
    story.request("ann", 120)
    story.day("2012-10-02")
    assert why(story, "ann") == "NO_ROOM"

    story.day("2012-10-03")

    assert story.at("ann") == ("OFFERED", "oak")


def test_h2_whoever_was_asked_comes_after_everybody_unasked_with_room() -> None:
    """A raise does not put one who declined before somebody who was never asked."""
    story = with_providers(("oak", "ash"))
    story.declared("c-oak", 300, "2012-10-01")
    story.declared("c-ash", 0, "2012-10-01")
    story.request("ann")
    story.decline("oak", "ann")
    story.declared("c-ash", 300, "2012-10-01")
    story.declared("c-oak", 400, "2012-10-01")

    assert story.at("ann") == ("OFFERED", "ash")


def test_ruling_74_a_decline_rules_out_all_contracts_of_the_provider() -> None:
    """Two contracts of one provider are two candidates, and one refusal is of both."""
    story = one_provider()
    story.contract("d-oak", "oak", tier=2)
    story.request("ann")

    story.decline("oak", "ann")

    assert story.at("ann") == ("WAITING", None)


def test_ruling_74_a_withdrawn_offer_does_not_count_as_asked() -> None:
    """After a suspension is lifted the provider is asked as if it had never been."""
    story = one_provider()
    story.request("ann")
    story.tell(ProviderSuspended(provider_id="oak"), "oak")
    assert why(story, "ann") == "NO_PROVIDER"

    story.tell(ProviderResumed(provider_id="oak"), "oak")

    assert story.at("ann") == ("OFFERED", "oak")


def test_ruling_75_waiting_cases_are_tried_in_the_order_of_their_requests() -> None:
    """Each is tried in turn, and a small case may pass a large one that finds no room."""
    story = one_provider(minutes=0 + 100)
    for case, minutes in (("ann", 300), ("bob", 100), ("cem", 120), ("dee", 100)):
        story.request(case, minutes)
    assert [story.at(case)[0] for case in ("ann", "bob", "cem", "dee")] == ["WAITING", "OFFERED", "WAITING", "WAITING"]

    story.contract("d-oak", "oak", weekly_minutes=230)

    assert [story.at(case)[0] for case in ("ann", "cem", "dee")] == ["WAITING", "OFFERED", "OFFERED"]
    offered = [cast(Offer, message.word).weekly_minutes for message in story.last.messages]
    assert offered == [120, 100]


def test_ruling_76_a_waiting_case_says_why_once_and_again_when_the_reason_changes() -> None:
    """Days alone say nothing; another reason is said."""
    story = Story()
    story.day("2012-10-01")
    story.request("ann")
    story.day("2012-10-02")
    assert story.said() == ["DayBegan"]

    story.provider("oak", connected=False)
    story.contract("c-oak", "oak", weekly_minutes=60)

    assert story.said() == ["ContractActivated", "HandoverWaiting"]
    assert why(story, "ann") == "NO_PROVIDER"


def test_h3_a_lowering_loses_nothing_and_gives_nothing_new() -> None:
    """What is taken stands above the lowered capacity until it drains (ruling 61)."""
    story = one_provider()
    story.request("ann", 400)

    story.declared("c-oak", 300, "2012-10-01")
    story.request("bob", 60)

    assert story.at("ann") == ("OFFERED", "oak")
    assert story.book.contracts["c-oak"].free == -100
    assert why(story, "bob") == "NO_ROOM"


@pytest.mark.parametrize("how", ["suspended", "ended"])
def test_h11_what_becomes_of_cases_when_a_provider_is_stopped(how: str) -> None:
    """Open offers are taken back, accepted ones fail, the next is asked, and running support goes on (ruling 78)."""
    story = with_providers(("oak", "ash"))
    for case in ("ann", "bob", "cem"):
        story.request(case, 100)
    story.accept("oak", "bob", "2012-10-08")
    story.accept("oak", "cem", "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", "cem", "2012-10-02")

    if how == "suspended":
        story.tell(ProviderSuspended(provider_id="oak", reason="a safeguarding enquiry"), "oak")
    else:
        story.tell(ContractEnded(contract_id="c-oak", on=day_of("2012-10-01")), EAST)

    replaced = [] if how == "suspended" else ["SupportToBeReplaced"]
    assert story.said()[1:] == ["OfferWithdrawn", "StartFailed", *replaced, "OfferMade", "OfferMade"]
    assert [story.at(case) for case in ("ann", "bob", "cem")] == [
        ("OFFERED", "ash"),
        ("OFFERED", "ash"),
        ("STARTED", "oak"),
    ]


def test_ruling_78_support_of_an_ended_contract_is_to_be_replaced_once() -> None:
    """On the day after the contract's last day it is said, and not again."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak").contract("c-oak", "oak", to_on="2012-10-03")
    story.request("ann")
    story.accept("oak", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")
    story.day("2012-10-03")
    assert story.said() == ["DayBegan"]

    story.day("2012-10-04")
    assert story.said() == ["DayBegan", "SupportToBeReplaced"]
    story.day("2012-10-05")
    assert story.said() == ["DayBegan"]


def test_ruling_83_a_start_that_is_not_confirmed_has_failed() -> None:
    """Five working days after the day that was given the next candidate is asked."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.accept("oak", "ann", "2012-10-08")
    story.day("2012-10-15")
    assert story.at("ann") == ("ACCEPTED", "oak")

    story.day("2012-10-16")

    assert story.said() == ["DayBegan", "StartFailed", "OfferMade"]
    assert story.announced() == [("oak", "HandoverClosed"), ("ash", "Offer")]


def test_ruling_64_a_withdrawal_wins_even_after_the_start_was_confirmed() -> None:
    """Until the person's ledger says that support has started, a withdrawal frees the minutes; the provider is told."""
    story = one_provider()
    story.request("ann")
    story.accept("oak", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")

    story.withdrawn("ann", "DIED")

    assert story.said() == ["HandoverRequestWithdrawn", "HandoverWithdrawn"]
    assert story.announced() == [("oak", "HandoverClosed")]
    assert story.book.contracts["c-oak"].taken == 0


def test_ruling_65_a_start_that_the_recorder_cannot_take_is_withdrawn() -> None:
    """The outcome comes back set aside: minutes freed, provider told, and the late withdrawal changes nothing more."""
    story = one_provider()
    story.request("ann")
    story.accept("oak", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")

    story.set_aside("ann", "ENDED")
    assert story.said() == ["HandoverOutcomeSetAside", "HandoverWithdrawn"]
    story.withdrawn("ann")

    assert story.said() == ["HandoverRequestWithdrawn"]
    assert story.at("ann") == ("WITHDRAWN", "oak")


def test_a_withdrawal_while_asked_takes_the_offer_back() -> None:
    """The provider hears that the offer is no more; whoever declined hears that the case is closed."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.decline("oak", "ann")

    story.withdrawn("ann")

    assert story.said() == ["HandoverRequestWithdrawn", "OfferWithdrawn", "HandoverWithdrawn"]
    assert story.announced() == [("ash", "OfferWithdrawn"), ("oak", "HandoverClosed")]


def test_h10_room_that_is_freed_goes_to_whoever_waited_first() -> None:
    """One who declines frees minutes, and whoever waited longer is tried before the one who was declined."""
    story = one_provider(minutes=120)
    story.request("ann", 120)
    story.request("bob", 120)

    story.tell(answers.Decline(offer_id=story.newest_offer("ann"), reason="OTHER"), "oak")

    assert [story.at(case)[0] for case in ("ann", "bob")] == ["WAITING", "OFFERED"]


def test_h10_who_loses_an_offer_goes_before_whoever_requested_later() -> None:
    """On one day a contract is over and another begins: the earlier request gets the room, waiting or not."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak").contract("c-oak", "oak", weekly_minutes=120, to_on="2012-10-02")
    story.provider("ash").contract("c-ash", "ash", weekly_minutes=120, from_on="2012-10-03")
    story.request("ann", 120)
    story.request("bob", 120)

    story.day("2012-10-03")

    assert story.said() == ["DayBegan", "OfferWithdrawn", "OfferMade"]
    assert [story.at(case) for case in ("ann", "bob")] == [("OFFERED", "ash"), ("WAITING", None)]


def test_ruling_76_all_of_a_line_hear_of_a_new_reason_when_another_joins_it() -> None:
    """When the only contract is over, who loses its offer and who waited for room are both told so."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak").contract("c-oak", "oak", weekly_minutes=120, to_on="2012-10-02")
    story.request("ann", 120)
    story.request("bob", 120)
    assert why(story, "bob") == "NO_ROOM"

    story.day("2012-10-03")

    assert story.said() == ["DayBegan", "OfferWithdrawn", "HandoverWaiting", "HandoverWaiting"]
    assert (why(story, "ann"), why(story, "bob")) == ("NO_CONTRACT", "NO_CONTRACT")


def test_ruling_62_a_contract_that_begins_is_a_raise_on_its_first_day() -> None:
    """Whoever declined under one contract is asked again when its next one begins, though it was agreed before."""
    story = one_provider()
    story.contract("d-oak", "oak", from_on="2012-10-03")
    story.request("ann")
    story.decline("oak", "ann")
    assert why(story, "ann") == "ALL_ASKED"

    story.day("2012-10-03")

    assert story.case("ann").offer.contract_id == "d-oak"


def test_ruling_76_a_raise_without_enough_room_is_another_reason_to_wait() -> None:
    """An end of support makes whoever declined a candidate again; if it has too little room, that is what is said."""
    story = one_provider(minutes=200)
    story.request("bob", 150)
    story.decline("oak", "bob")
    for case in ("ann", "cem"):
        story.request(case, 100)
        story.accept("oak", case, "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")
    story.support_started("ann")
    assert why(story, "bob") == "ALL_ASKED"

    story.support_ended("ann")

    assert story.said() == ["SisSupportEnded", "SupportEnded", "HandoverWaiting"]
    assert why(story, "bob") == "NO_ROOM"
