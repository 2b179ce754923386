"""Every reply in every state: taken, or set aside for a reason that the sender hears (H5, rulings 67, 68, 79 to 86)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.handover.ids import offer_id_of
from services.words import answers
from services.words.commissioning import ProviderRegistered
from services.words.messages import ReplyNotTaken
from services.words.word import Word
from tests.handover.story import Story, day_of, handover, with_providers
from tests.memory_handover import an_id

TAKEN = None


def asked() -> Story:
    """`oak` is asked about ann."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    return story


def acknowledged() -> Story:
    """`oak` has seen the offer."""
    story = asked()
    story.acknowledge("oak", "ann")
    return story


def accepted() -> Story:
    """`oak` has accepted, to start on Monday the 8th."""
    story = asked()
    story.accept("oak", "ann", "2012-10-08")
    return story


def booked() -> Story:
    """`oak` has booked a visit."""
    story = accepted()
    story.tell(answers.BookFirstVisit(handover_id=handover("ann"), on=day_of("2012-10-05")), "oak")
    return story


def started() -> Story:
    """`oak` has started on Tuesday the 2nd."""
    story = accepted()
    story.day("2012-10-02")
    story.start("oak", "ann", "2012-10-02")
    return story


def completed() -> Story:
    """The person's ledger says so too."""
    story = started()
    story.support_started("ann")
    return story


def end_reported() -> Story:
    """`oak` has reported the end."""
    story = completed()
    story.end("oak", "ann", "2012-10-02")
    return story


def ended() -> Story:
    """The person's ledger says that support has ended."""
    story = end_reported()
    story.support_ended("ann")
    return story


def declined() -> Story:
    """`oak` has declined, and `ash` is asked."""
    story = asked()
    story.decline("oak", "ann")
    return story


def lapsed() -> Story:
    """`oak` has not answered in time, and `ash` is asked."""
    story = asked()
    story.day("2012-10-09")
    return story


def withdrawn() -> Story:
    """The request is withdrawn while `oak` is asked."""
    story = asked()
    story.withdrawn("ann")
    return story


def withdrawn_late() -> Story:
    """The request is withdrawn after `oak` has accepted."""
    story = accepted()
    story.withdrawn("ann")
    return story


REPLIES: dict[str, Callable[[Story], Word]] = {
    "Acknowledge": lambda _: answers.Acknowledge(offer_id=first_offer()),
    "Accept": lambda _: answers.Accept(offer_id=first_offer(), start_on=day_of("2012-10-11")),
    "Decline": lambda _: answers.Decline(offer_id=first_offer(), reason="NO_CAPACITY"),
    "BookFirstVisit": lambda _: answers.BookFirstVisit(handover_id=handover("ann"), on=day_of("2012-10-10")),
    "ConfirmStart": lambda story: answers.ConfirmStart(handover_id=handover("ann"), on=story.today),
    "ReportStartFailure": lambda _: answers.ReportStartFailure(handover_id=handover("ann"), reason="OTHER"),
    "ReportChange": lambda _: answers.ReportChange(handover_id=handover("ann"), change="ADMISSION"),
    "EndSupport": lambda story: answers.EndSupport(handover_id=handover("ann"), on=story.today, reason="02"),
}


def first_offer() -> str:
    """The id of ann's first offer, which was `oak`'s."""
    return offer_id_of(handover("ann"), 1)


#            Acknowledge, Accept, Decline, BookFirstVisit, ConfirmStart, ReportStartFailure, ReportChange, EndSupport
TABLE: list[tuple[Callable[[], Story], str]] = [
    (asked, "- - - NOT_ACCEPTED NOT_ACCEPTED NOT_ACCEPTED NOT_ACCEPTED NOT_STARTED"),
    (acknowledged, "REPEATED - - NOT_ACCEPTED NOT_ACCEPTED NOT_ACCEPTED NOT_ACCEPTED NOT_STARTED"),
    (accepted, "ALREADY_ACCEPTED ALREADY_ACCEPTED ALREADY_ACCEPTED - START_IN_THE_PAST - - NOT_STARTED"),
    (booked, "ALREADY_ACCEPTED ALREADY_ACCEPTED ALREADY_ACCEPTED - START_IN_THE_PAST - - NOT_STARTED"),
    (
        started,
        "ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED - -",
    ),
    (
        completed,
        "ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED - -",
    ),
    (
        end_reported,
        "ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED - REPEATED",
    ),
    (ended, "ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (declined, "CLOSED CLOSED ALREADY_DECLINED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (lapsed, "CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (withdrawn, "CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (withdrawn_late, "CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED"),
]


@pytest.mark.parametrize(
    ("given", "reply", "why"),
    [
        pytest.param(given, reply, why, id=f"{reply} when {given.__name__}")
        for given, row in TABLE
        for reply, why in zip(REPLIES, row.split(), strict=True)
    ],
)
def test_each_reply_in_each_state(given: Callable[[], Story], reply: str, why: str) -> None:
    """A reply is taken and copied, or it changes nothing, is recorded with its reason, and the sender hears that."""
    story = given()
    before = story.book

    story.tell(REPLIES[reply](story), "oak")

    if why == "-":
        assert story.said()[0] == reply
        assert len(story.said()) > 1
        assert ("oak", "ReplyNotTaken") not in story.announced()
        return
    assert story.said() == ["ReplySetAside"]
    assert story.why_set_aside() == why
    (message,) = story.last.messages
    assert isinstance(message.word, ReplyNotTaken)
    assert (message.provider_id, message.word.reply, message.word.why) == ("oak", reply, why)
    assert story.book == before


@pytest.mark.parametrize("reply", REPLIES)
def test_ruling_85_a_reply_of_one_who_was_never_asked_is_foreign_and_hears_unknown(reply: str) -> None:
    """Somebody else's case: it is noted that somebody should look, and the sender learns no more than of a wrong id."""
    story = asked()

    story.tell(REPLIES[reply](story), "ash")

    assert story.said() == ["ReplySetAside", "ForeignReplyNoted"]
    assert story.why_set_aside() == "FOREIGN"
    assert [message.word.why for message in story.last.messages if isinstance(message.word, ReplyNotTaken)] == [
        "UNKNOWN"
    ]


def test_ruling_85_nobody_answers_the_next_providers_offer() -> None:
    """Whoever declined can work out the id of the next offer, and gains nothing by it."""
    story = declined()

    story.accept("oak", "ann", "2012-10-08")

    assert story.why_set_aside() == "FOREIGN"
    assert story.at("ann") == ("OFFERED", "ash")


def test_a_reply_about_what_does_not_exist_is_unknown() -> None:
    """An id that nothing has is set aside like any other reply."""
    story = asked()

    story.tell(answers.Acknowledge(offer_id=an_id("no offer")), "oak")

    assert story.said() == ["ReplySetAside"]
    assert story.why_set_aside() == "UNKNOWN"


def test_ruling_68_a_reused_reply_id_is_set_aside_whatever_it_says() -> None:
    """Even a reply that would be taken is not, if its id was used for another."""
    story = asked()

    story.tell(REPLIES["Decline"](story), "oak", reused=True)

    assert story.why_set_aside() == "ID_REUSED"
    assert story.at("ann") == ("OFFERED", "oak")


def test_a_reply_with_an_unknown_code_is_refused_and_the_sender_told() -> None:
    """A reason that no list has is no answer; the offer stays open."""
    story = asked()

    story.tell(answers.Decline(offer_id=first_offer(), reason="TOO_FAR"), "oak")

    assert story.refused() == ["UNKNOWN_CODE"]
    assert story.announced() == [("oak", "ReplyNotTaken")]
    assert story.at("ann") == ("OFFERED", "oak")


def test_ruling_79_a_provider_whose_toolkit_is_out_of_date_cannot_accept() -> None:
    """The offer stays open, and is accepted once the toolkit is in date again."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak", "2012-10-02").contract("c-oak", "oak")
    story.request("ann")
    story.day("2012-10-03")

    story.accept("oak", "ann", "2012-10-08")
    assert story.why_set_aside() == "DSPT_EXPIRED"
    story.provider("oak", "2013-10-02", connected=False)
    story.accept("oak", "ann", "2012-10-08")

    assert story.at("ann") == ("ACCEPTED", "oak")


@pytest.mark.parametrize(
    ("start_on", "why"),
    [
        ("2012-10-01", "START_IN_THE_PAST"),
        ("2012-10-02", "START_IN_THE_PAST"),
        ("2012-10-03", TAKEN),
        ("2012-11-28", TAKEN),
        ("2012-11-29", "START_TOO_FAR"),
    ],
)
def test_ruling_81_the_day_of_a_start(start_on: str, why: str | None) -> None:
    """Asked on 1 October, accepted on the 3rd: from that day on, at most 56 days ahead."""
    story = asked()
    story.day("2012-10-03")

    story.accept("oak", "ann", start_on)

    assert story.why_set_aside() == why


def test_ruling_67_a_start_lies_after_the_request() -> None:
    """On the day of the request itself nothing can start, for no in-house episode ends before it began."""
    story = asked()

    story.accept("oak", "ann", "2012-10-01")

    assert story.why_set_aside() == "START_IN_THE_PAST"


def test_ruling_81_a_start_outside_the_contract() -> None:
    """After the contract's last day nothing can start under it."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak").contract("c-oak", "oak", to_on="2012-10-05")
    story.request("ann")

    story.accept("oak", "ann", "2012-10-06")

    assert story.why_set_aside() == "START_OUTSIDE_CONTRACT"


@pytest.mark.parametrize(
    ("on", "why"), [("2012-10-02", "BEFORE_ACCEPTANCE"), ("2012-10-03", TAKEN), ("2012-10-05", "IN_THE_FUTURE")]
)
def test_ruling_82_a_start_is_confirmed_for_a_day_from_the_acceptance_to_today(on: str, why: str | None) -> None:
    """Accepted on 3 October, confirmed on the 4th."""
    story = asked()
    story.day("2012-10-03")
    story.accept("oak", "ann", "2012-10-08")
    story.day("2012-10-04")

    story.start("oak", "ann", on)

    assert story.why_set_aside() == why


def test_ruling_80_the_toolkit_is_judged_at_the_start_too() -> None:
    """A toolkit that ran out since the acceptance must be renewed before the start is taken."""
    story = accepted()
    word = ProviderRegistered(
        provider_id="oak",
        name="oak",
        dspt_valid_to=day_of("2012-10-01"),
        public_key=story.book.providers["oak"].public_key,
    )
    story.tell(word, "oak")
    story.day("2012-10-02")

    story.start("oak", "ann", "2012-10-02")

    assert story.why_set_aside() == "DSPT_EXPIRED"


@pytest.mark.parametrize(
    ("on", "why"), [("2012-10-01", "BEFORE_START"), ("2012-10-02", TAKEN), ("2012-10-03", "IN_THE_FUTURE")]
)
def test_ruling_84_support_ends_from_its_start_to_today(on: str, why: str | None) -> None:
    """Started on 2 October, reported that day."""
    story = completed()

    story.end("oak", "ann", on)

    assert story.why_set_aside() == why


def test_ruling_86_a_reported_change_is_recorded_and_changes_nothing() -> None:
    """Even a reported death changes nothing: it counts when a team emits it."""
    story = completed()
    before = story.book

    story.tell(answers.ReportChange(handover_id=handover("ann"), change="DEATH"), "oak")

    assert story.said() == ["ReportChange", "ChangeReported"]
    assert story.book == before
