"""Every reply in every state: taken, or set aside for a reason that the sender hears (H5, rulings 67, 68, 79 to 86)."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from services.handover.handover import State
from services.handover.ids import offer_id_of
from services.words import answers, commissioning
from services.words.answers import AnswerWord
from services.words.commissioning import ProviderRegistered
from services.words.messages import ReplyNotTaken
from services.words.not_taken import REASONS
from services.words.word import Word
from tests.handover.story import (
    EAST,
    MEDWAY,
    MONDAY,
    Story,
    day_of,
    episode,
    handover,
    one_provider,
    person,
    with_providers,
)
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


def withdrawn_started() -> Story:
    """The request is withdrawn after `oak` has started, before the person's ledger has said so."""
    story = started()
    story.withdrawn("ann")
    return story


def failed() -> Story:
    """`oak` could not start after all, and `ash` is asked."""
    story = accepted()
    story.tell(answers.ReportStartFailure(handover_id=handover("ann"), reason="OTHER"), "oak")
    return story


def taken_back() -> Story:
    """`oak` was suspended, and `ash` is asked."""
    story = asked()
    story.tell(commissioning.ProviderSuspended(provider_id="oak"), "oak")
    return story


def nobody_left() -> Story:
    """`oak` has declined, and nobody else can be asked."""
    story = one_provider()
    story.request("ann")
    story.decline("oak", "ann")
    return story


def asked_again() -> Story:
    """`oak` has declined, has raised its capacity, and is asked once more: its first offer is over."""
    story = one_provider()
    story.declared("c-oak", 500, MONDAY)
    story.request("ann")
    story.decline("oak", "ann")
    story.declared("c-oak", 600, MONDAY)
    return story


def placed_elsewhere() -> Story:
    """`oak` has declined, and `ash` supports."""
    story = declined()
    story.accept("ash", "ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("ash", "ann", "2012-10-02")
    story.support_started("ann")
    return story


def recontracted() -> Story:
    """`oak` supports already, and is contracted anew: it never had an offer."""
    story = one_provider()
    word = commissioning.ExternalCssRecontracted(
        episode_id=episode("ann"),
        person_id=person("ann"),
        provider_id="oak",
        contract_id="c-oak",
        since=day_of("2010-04-01"),
        weekly_minutes=120,
        on=day_of(MONDAY),
    )
    story.tell(word, EAST)
    return story


def in_no_wave() -> Story:
    """A legacy case that waits for a wave; nobody was ever asked."""
    story = one_provider()
    story.request("ann", cause="LEGACY_CSS")
    return story


def in_a_wave() -> Story:
    """A legacy case in a wave; nobody was ever asked."""
    story = in_no_wave()
    days = {"freeze_on": day_of("2012-10-03"), "start_on": day_of("2012-10-05")}
    story.tell(commissioning.WavePlanned(wave_id="w", lot=EAST, **days), EAST)
    story.tell(commissioning.CaseAddedToWave(wave_id="w", handover_id=handover("ann")), EAST)
    return story


def without_room() -> Story:
    """Nobody had room; nobody was ever asked."""
    story = one_provider(minutes=60)
    story.request("ann")
    return story


def impossible() -> Story:
    """A case of Medway; nobody can ever be asked."""
    story = one_provider()
    story.request("ann", lot=MEDWAY, district="medway")
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
    (withdrawn_started, "CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (failed, "CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (taken_back, "CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (nobody_left, "CLOSED CLOSED ALREADY_DECLINED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (asked_again, "CLOSED CLOSED ALREADY_DECLINED NOT_ACCEPTED NOT_ACCEPTED NOT_ACCEPTED NOT_ACCEPTED NOT_STARTED"),
    (placed_elsewhere, "CLOSED CLOSED ALREADY_DECLINED CLOSED CLOSED CLOSED CLOSED CLOSED"),
    (recontracted, "UNKNOWN UNKNOWN UNKNOWN ALREADY_STARTED ALREADY_STARTED ALREADY_STARTED - -"),
    (in_no_wave, "UNKNOWN UNKNOWN UNKNOWN FOREIGN FOREIGN FOREIGN FOREIGN FOREIGN"),
    (in_a_wave, "UNKNOWN UNKNOWN UNKNOWN FOREIGN FOREIGN FOREIGN FOREIGN FOREIGN"),
    (without_room, "UNKNOWN UNKNOWN UNKNOWN FOREIGN FOREIGN FOREIGN FOREIGN FOREIGN"),
    (impossible, "UNKNOWN UNKNOWN UNKNOWN FOREIGN FOREIGN FOREIGN FOREIGN FOREIGN"),
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
    assert story.said() == ["ReplySetAside", *(["ForeignReplyNoted"] if why == "FOREIGN" else [])]
    assert story.why_set_aside() == why
    (message,) = story.last.messages
    assert isinstance(message.word, ReplyNotTaken)
    heard = "UNKNOWN" if why == "FOREIGN" else why
    assert (message.provider_id, message.word.reply, message.word.why) == ("oak", reply, heard)
    assert why in REASONS
    assert story.book == before


def test_the_table_has_every_state_and_every_reply() -> None:
    """No state of a handover and no reply of a provider is left out of the table above."""
    assert {State(given().at("ann")[0]) for given, _ in TABLE} == set(State)
    assert set(REPLIES) == {word.__name__ for word in get_args(AnswerWord)}


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


def test_ruling_68_a_visit_booked_again_for_its_day_says_the_same() -> None:
    """Another day is a rebooking and is taken, as often as it changes (ruling 84)."""
    story = booked()
    same, other = day_of("2012-10-05"), day_of("2012-10-06")

    asides = []
    for on in (same, other, same):
        story.tell(answers.BookFirstVisit(handover_id=handover("ann"), on=on), "oak")
        asides.append(story.why_set_aside())

    assert asides == ["REPEATED", TAKEN, TAKEN]


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("1999-01-01", "BEFORE_ACCEPTANCE"),
        ("2012-09-30", "BEFORE_ACCEPTANCE"),
        ("2012-10-01", TAKEN),
        ("2012-11-28", TAKEN),
        ("2012-11-29", "VISIT_TOO_FAR"),
        ("2099-12-31", "VISIT_TOO_FAR"),
    ],
)
def test_a_visit_lies_after_the_acceptance_and_not_too_far_ahead(on: str, why: str | None) -> None:
    """Accepted on 1 October, booked on the 3rd (decision 0025)."""
    story = accepted()
    story.day("2012-10-03")

    story.tell(answers.BookFirstVisit(handover_id=handover("ann"), on=day_of(on)), "oak")

    assert story.why_set_aside() == why


def test_a_reply_with_an_unknown_code_is_refused() -> None:
    """A reason that no list has is no answer; the offer stays open. The host tells the sender (decision 0029)."""
    story = asked()

    story.tell(answers.Decline(offer_id=first_offer(), reason="TOO_FAR"), "oak")

    assert story.refused() == ["UNKNOWN_CODE"]
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
