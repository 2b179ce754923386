from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from services.log.record import Draft
from services.words import replies
from services.words.topics import replies_topic
from tests.doors.whole_county import WholeCounty
from tests.memory_handover import an_id

PERSON, EPISODE = an_id("a person of dover"), an_id("her episode")
HANDOVER = str(uuid5(UUID(EPISODE), "handover"))
OFFER = str(uuid5(UUID(HANDOVER), "1"))
DETAILS = {
    "nhs_number": "9990079471",
    "family_name": "Relf",
    "given_names": "Sheila",
    "birth_date": "1973-06-05",
    "address_lines": ["79 Hop Row", "Dover"],
    "postcode": "CT17 9ZZ",
    "gp_practice": "Synthetic Practice 30",
}


@pytest.fixture
def county(tmp_path: Path) -> WholeCounty:
    """A provider with room in East Kent, and a person of Dover whose team has seen that she needs long-term support."""
    county = WholeCounty(tmp_path)
    county.day("2012-10-01")
    county.register("oak", "c-oak")
    county.tell("PersonRegistered", PERSON, {"district": "dover", "details": DETAILS})
    episode = {"episode_id": EPISODE, "on": "2012-10-01"}
    asked = {"team": "recovery-east", "source": "A1", "reason": "01", "priority": "1"}
    county.tell("ReferralReceived", PERSON, {**episode, **asked})
    county.tell("ReferralAccepted", PERSON, episode)
    county.tell("EnablementStarted", PERSON, episode)
    review = {"outcome": "LONG_TERM_SUPPORT", "weekly_minutes": 240, "needs": ["BASIC_SKILLS"], "risk": "LOW"}
    county.tell("ReviewHeld", PERSON, {**episode, **review})
    return county


OF_HANDOVERS = ("Handover", "Offer", "Pack", "StartConfirmed", "ConfirmStart", "Support")


def told_of(county: WholeCounty) -> list[str]:
    """What both ledgers say of the handover, the trust's side first."""
    names = [fact.type.removeprefix("kmpt.") for fact in (*county.county.ledger(), *county.allocator.ledger())]
    return [name for name in names if any(word in name for word in OF_HANDOVERS)]


def test_a_request_becomes_support_by_way_of_every_door(county: WholeCounty) -> None:
    """From a team's review to the provider's first day and last: each step crosses once, and both ledgers agree."""
    county.answer("oak", replies.Accept(offer_id=OFFER, start_on=date(2012, 10, 8)), HANDOVER)
    county.day("2012-10-08")
    county.answer("oak", replies.ConfirmStart(handover_id=HANDOVER, on=date(2012, 10, 8)), HANDOVER)
    county.day("2012-11-05")
    county.answer("oak", replies.EndSupport(handover_id=HANDOVER, on=date(2012, 11, 2), reason="01"), HANDOVER)

    assert told_of(county) == [
        "episodes.v1.HandoverRequested",
        "episodes.v1.SisSupportStarted",
        "episodes.v1.SisSupportEnded",
        "handover.v1.HandoverRequested",
        "handover.v1.HandoverReceived",
        "handover.v1.OfferMade",
        "handover.v1.OfferAccepted",
        "handover.v1.PackReleased",
        "handover.v1.ConfirmStart",
        "handover.v1.StartConfirmed",
        "handover.v1.SisSupportStarted",
        "handover.v1.HandoverCompleted",
        "handover.v1.EndSupport",
        "handover.v1.SupportEndReported",
        "handover.v1.SisSupportEnded",
        "handover.v1.SupportEnded",
    ]
    assert (county.county.refused(), county.allocator.refused(), county.county.alarms) == ([], [], [])
    assert [name for name, _ in county.allocator.inbox_of("oak")] == ["Offer", "Pack", "HandoverClosed"]


def test_garbage_is_set_aside_and_holds_nothing_up(county: WholeCounty) -> None:
    """What is no reply is set aside, its sender hears so, and the answer after it counts."""
    county.put(Draft(replies_topic("oak"), 0, None, [("ce_type", b"\xff")], b"garbage"))
    county.answer("oak", replies.Accept(offer_id=OFFER, start_on=date(2012, 10, 8)), HANDOVER)

    (aside,) = (fact for fact in county.allocator.ledger() if fact.type.endswith("ReplySetAside"))
    assert (aside.data["provider_id"], aside.data["why"]) == ("oak", "UNREADABLE")
    assert "handover.v1.PackReleased" in told_of(county)
    assert [name for name, _ in county.allocator.inbox_of("oak")] == ["Offer", "ReplyNotTaken", "Pack"]


def test_h6_an_outcome_that_comes_too_late_comes_back(county: WholeCounty) -> None:
    """She died while the provider's word was on its way: her ledger decides, and the minutes are free again."""
    county.answer("oak", replies.Accept(offer_id=OFFER, start_on=date(2012, 10, 8)), HANDOVER)
    county.day("2012-10-08")
    county.send("PersonDied", PERSON, {"on": "2012-10-07"})
    county.county.settle()
    county.send_answer("oak", replies.ConfirmStart(handover_id=HANDOVER, on=date(2012, 10, 8)), HANDOVER)
    county.carry("replies")
    county.allocator.settle()
    county.rest()

    told = told_of(county)
    assert "handover.v1.StartConfirmed" in told
    assert "episodes.v1.HandoverOutcomeSetAside" in told
    assert "episodes.v1.SisSupportStarted" not in told
    assert "handover.v1.HandoverWithdrawn" in told
    assert county.allocator.book.contracts["c-oak"].used == 0


def test_everything_said_by_doors_once_more_changes_nothing(county: WholeCounty) -> None:
    """Doors that lost their positions say everything again, and neither ledger gets a record more."""
    before = county.county.raw(), county.allocator.raw()

    county.forget_positions()
    county.rest()

    assert (county.county.raw(), county.allocator.raw()) == before
