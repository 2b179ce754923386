from __future__ import annotations

from services.handover.messages import PackToSeal
from services.words import answers
from services.words.referred import DossierChanged
from tests.handover.story import EAST, MONDAY, Story, day_of, dossier, handover, one_provider, person, with_providers


def test_h7_a_request_is_offered_at_once() -> None:
    """A request from short-term support is offered in the same breath in which it is received."""
    story = one_provider()

    story.request("ann")

    assert story.said() == ["HandoverRequested", "HandoverReceived", "OfferMade"]
    assert story.announced() == [("oak", "Offer")]
    assert story.at("ann") == ("OFFERED", "oak")


def test_the_straight_road_from_request_to_completed() -> None:
    """Asked, seen, accepted, visited, started, and completed when the person's ledger says so."""
    story = one_provider()
    story.request("ann")

    steps: list[tuple[list[str], list[tuple[str, str]]]] = []

    def note() -> None:
        steps.append((story.said(), story.announced()))

    story.acknowledge("oak", "ann")
    note()
    story.accept("oak", "ann", "2012-10-08")
    note()
    story.tell(answers.BookFirstVisit(handover_id=handover("ann"), on=day_of("2012-10-05")), "oak")
    note()
    story.day("2012-10-08")
    story.start("oak", "ann", "2012-10-08")
    note()
    story.support_started("ann")
    note()

    assert steps == [
        (["Acknowledge", "OfferAcknowledged"], []),
        (["Accept", "OfferAccepted", "PackReleased"], [("oak", "Pack")]),
        (["BookFirstVisit", "FirstVisitBooked"], []),
        (["ConfirmStart", "StartConfirmed"], []),
        (["SisSupportStarted", "HandoverCompleted"], [("oak", "HandoverClosed")]),
    ]
    assert story.at("ann") == ("COMPLETED", "oak")
    assert story.book.contracts["c-oak"].used == 120


def test_h3_minutes_are_reserved_used_and_freed() -> None:
    """An offer reserves minutes, an acceptance uses them, the end of support frees them."""
    story = one_provider()
    taken: list[tuple[int, int]] = []

    def note() -> None:
        contract = story.book.contracts["c-oak"]
        taken.append((contract.reserved, contract.used))

    story.request("ann")
    note()
    story.accept("oak", "ann", "2012-10-02")
    note()
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")
    story.support_started("ann")
    note()
    story.end("oak", "ann", "2012-10-02")
    note()
    story.support_ended("ann")
    note()

    assert taken == [(120, 0), (0, 120), (0, 120), (0, 120), (0, 0)]
    assert story.case("ann").ended


def test_h2_whoever_declines_is_followed_by_the_next_candidate() -> None:
    """A decline frees the minutes, and the next in the order of asking is asked at once."""
    story = with_providers(("oak", "ash"))
    story.request("ann")

    story.decline("oak", "ann")

    assert story.said() == ["Decline", "OfferDeclined", "OfferMade"]
    assert story.announced() == [("ash", "Offer")]
    assert story.book.contracts["c-oak"].taken == 0


def test_h6_after_a_failed_start_the_next_candidate_is_asked() -> None:
    """A provider that cannot start after all is told that the case is closed for it; the next is asked."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.accept("oak", "ann", "2012-10-08")

    story.tell(answers.ReportStartFailure(handover_id=handover("ann"), reason="FAILED_CONTACT"), "oak")

    assert story.said() == ["ReportStartFailure", "StartFailed", "OfferMade"]
    assert story.announced() == [("oak", "HandoverClosed"), ("ash", "Offer")]


def test_ruling_95_those_who_were_not_placed_hear_it_when_it_is_completed() -> None:
    """Whoever declined hears PLACED, and whoever has the case COMPLETED; nobody hears who it was."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.decline("oak", "ann")
    story.accept("ash", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("ash", "ann", "2012-10-02")

    story.support_started("ann")

    closed = [(message.provider_id, message.word.model_dump()["outcome"]) for message in story.last.messages]
    assert closed == [("ash", "COMPLETED"), ("oak", "PLACED")]


def test_h5_a_pack_goes_to_whoever_accepted_and_is_made_of_the_newest_dossier() -> None:
    """The pack of an acceptance is made of the papers as last corrected, for that provider alone (ruling 69)."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    newer = dossier("ann", 2)
    story.tell(DossierChanged(handover_id=handover("ann"), person_id=person("ann"), lot=EAST, dossier=newer), EAST)

    story.accept("oak", "ann", "2012-10-08")

    (message,) = story.last.messages
    assert isinstance(message.word, PackToSeal)
    assert (message.provider_id, message.word.provider_id) == ("oak", "oak")
    assert message.word.dossier == newer


def test_ruling_77_nothing_is_offered_before_the_first_day() -> None:
    """A request from before the first day is offered when the first day begins."""
    story = Story()
    story.provider("oak").contract("c-oak", "oak")
    story.request("ann")
    assert story.at("ann") == ("REQUESTED", None)

    story.day("2012-10-01")

    assert story.at("ann") == ("OFFERED", "oak")


def test_folding_the_facts_again_gives_the_same_book_and_announces_nothing() -> None:
    """The book is a fold of the ledger; folding has nothing to send with."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.decline("oak", "ann")
    story.request("bob", 500)
    story.request("cem", 500)
    story.day("2012-10-12")

    assert story.told_again() == story.book


def test_ruling_95_whoever_declined_and_is_asked_again_hears_both_ends() -> None:
    """An offer taken back says nothing of the case: who declined it earlier hears that the case is closed as well."""
    story = with_providers(("oak",))
    story.request("ann")
    story.decline("oak", "ann")
    story.declared("c-oak", 300, MONDAY)
    story.declared("c-oak", 400, MONDAY)
    assert story.at("ann") == ("OFFERED", "oak")

    story.withdrawn("ann")

    assert story.announced() == [("oak", "OfferWithdrawn"), ("oak", "HandoverClosed")]
