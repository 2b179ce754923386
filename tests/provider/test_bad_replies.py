"""Whatever a provider says amiss changes nothing, and it hears why, in one word that is its own business (H5).

Through the real doors and rules: each row is a reply as it lies on the provider's own topic.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.log.codec import encode
from services.log.record import Draft
from services.log.sealing import PublicKey, associated_data, seal
from services.provider.post import posted, source_of
from services.words import replies
from services.words.answers import Decline as InwardDecline
from services.words.envelope import Envelope
from services.words.not_taken import in_words
from services.words.topics import replies_topic
from tests.doors.whole_county import WholeCounty
from tests.handover.story import day_of
from tests.memory_handover import an_id, public_key_of
from tests.provider.cases import ANOTHER_NUMBER, request

OAK, ELM = "oak", "elm"
NOBODYS = an_id("no offer of anybody")


@dataclass
class Desk:
    """A case that is oak's to answer, another that was never oak's, and what each provider hears."""

    county: WholeCounty
    offer: str
    handover: str
    foreign_offer: str
    foreign_handover: str

    def say(self, reply: replies.Reply, id: str = "r-1", provider_id: str = OAK) -> None:
        """Put a reply on a provider's topic, and all comes to rest."""
        about = getattr(reply, "handover_id", self.handover)
        draft = posted(
            reply,
            provider_id=provider_id,
            handover_id=about,
            id=id,
            time="2012-10-01T12:00:00Z",
            public=self.county.county.public,
        )
        self.county.put(draft)

    def heard(self, provider_id: str = OAK) -> list[tuple[str, str]]:
        """Reply and reason of everything that was not taken."""
        inbox = self.county.allocator.inbox_of(provider_id)
        return [(data["reply"], data["why"]) for name, data in inbox if name == "ReplyNotTaken"]

    def told(self, provider_id: str = OAK) -> list[tuple[str, str, str]]:
        """Reply, its id, and reason of everything that was not taken."""
        inbox = self.county.allocator.inbox_of(provider_id)
        return [(data["reply"], data["reply_id"], data["why"]) for name, data in inbox if name == "ReplyNotTaken"]

    def facts(self) -> list[str]:
        """Names of what the allocator recorded."""
        return [fact.type.rpartition(".")[2] for fact in self.county.allocator.ledger()]

    def refused(self) -> list[str]:
        """Codes of what it refused."""
        return [str(refusal.data["code"]) for refusal in self.county.allocator.refused()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Elm was asked first for a case of its own; then oak, whose contract is asked before, for another."""
    county = WholeCounty(tmp_path)
    county.day("2012-10-01")
    county.register(ELM, "c-elm")
    elms = request(county, "elm's case", ANOTHER_NUMBER)
    county.commission(
        "CapacityDeclared", "EAST_KENT", {"contract_id": "c-elm", "weekly_minutes": 240, "on": "2012-10-01"}
    )
    county.register(OAK, "c-oak")
    oaks = request(county, "oak's case")
    return Desk(county, _offer_to(county, OAK), oaks, _offer_to(county, ELM), elms)


def _offer_to(county: WholeCounty, provider_id: str) -> str:
    (offer_id,) = (data["offer_id"] for name, data in county.allocator.inbox_of(provider_id) if name == "Offer")
    return str(offer_id)


def accept(desk: Desk, start_on: str = "2012-10-08", **change: Any) -> replies.Accept:
    """Oak's acceptance."""
    return replies.Accept(**{"offer_id": desk.offer, "start_on": day_of(start_on), **change})


def decline(desk: Desk, **change: Any) -> replies.Decline:
    """Oak's refusal."""
    return replies.Decline(**{"offer_id": desk.offer, "reason": "NO_CAPACITY", **change})


def once(reply: Callable[[Desk], replies.Reply]) -> Callable[[Desk], None]:
    """Say one thing."""
    return lambda desk: desk.say(reply(desk))


def in_turn(*said: Callable[[Desk], replies.Reply]) -> Callable[[Desk], None]:
    """Say several things, each under an id of its own."""

    def say(desk: Desk) -> None:
        for number, reply in enumerate(said):
            desk.say(reply(desk), f"r-{number}")

    return say


def accepted_and(reply: Callable[[Desk], replies.Reply]) -> Callable[[Desk], None]:
    """Accept, then say something of the case."""
    return in_turn(accept, reply)


def after_it_lapsed(desk: Desk) -> None:
    """Answer a day too late."""
    desk.county.day("2012-10-09")
    desk.say(accept(desk))


def after_it_was_withdrawn(desk: Desk) -> None:
    """Answer an offer of a case that is over."""
    ended = {"episode_id": an_id("episode oak's case"), "on": "2012-10-01", "reason": "01"}
    desk.county.tell("EpisodeEnded", an_id("person oak's case"), ended)
    desk.say(accept(desk))


def under_one_id(desk: Desk) -> None:
    """Say two different things under one id."""
    desk.say(replies.Acknowledge(offer_id=desk.offer), "r-1")
    desk.say(accept(desk), "r-1")


def the_same_twice(desk: Desk) -> None:
    """Say the same thing under the same id, as whoever does not know whether it arrived."""
    desk.say(accept(desk), "r-1")
    desk.say(accept(desk), "r-1")


HEARD: list[tuple[str, Callable[[Desk], None], list[tuple[str, str]]]] = [
    ("an unknown offer", once(lambda desk: accept(desk, offer_id=NOBODYS)), [("Accept", "UNKNOWN")]),
    (
        "an unknown handover",
        once(lambda _: replies.ConfirmStart(handover_id=NOBODYS, on=day_of("2012-10-01"))),
        [("ConfirmStart", "UNKNOWN")],
    ),
    ("another's offer", once(lambda desk: accept(desk, offer_id=desk.foreign_offer)), [("Accept", "UNKNOWN")]),
    (
        "another's handover",
        once(lambda desk: replies.EndSupport(handover_id=desk.foreign_handover, on=day_of("2012-10-01"), reason="01")),
        [("EndSupport", "UNKNOWN")],
    ),
    ("too late", after_it_lapsed, [("Accept", "CLOSED")]),
    ("withdrawn meanwhile", after_it_was_withdrawn, [("Accept", "CLOSED")]),
    ("the same under one id", the_same_twice, []),
    ("the same under another id", in_turn(accept, accept), [("Accept", "ALREADY_ACCEPTED")]),
    ("declined twice", in_turn(decline, decline), [("Decline", "ALREADY_DECLINED")]),
    ("something else under one id", under_one_id, [("Accept", "ID_REUSED")]),
    ("declined after it was accepted", in_turn(accept, decline), [("Decline", "ALREADY_ACCEPTED")]),
    ("accepted after it was declined", in_turn(decline, accept), [("Accept", "CLOSED")]),
    ("a start in the past", once(lambda desk: accept(desk, "1999-01-01")), [("Accept", "START_IN_THE_PAST")]),
    ("a start in 2099", once(lambda desk: accept(desk, "2099-12-31")), [("Accept", "START_TOO_FAR")]),
    (
        "begun in 2099",
        accepted_and(lambda desk: replies.ConfirmStart(handover_id=desk.handover, on=day_of("2099-12-31"))),
        [("ConfirmStart", "IN_THE_FUTURE")],
    ),
    (
        "begun before it was accepted",
        accepted_and(lambda desk: replies.ConfirmStart(handover_id=desk.handover, on=day_of("1999-01-01"))),
        [("ConfirmStart", "BEFORE_ACCEPTANCE")],
    ),
    (
        "a visit in 1999",
        accepted_and(lambda desk: replies.BookFirstVisit(handover_id=desk.handover, on=day_of("1999-01-01"))),
        [("BookFirstVisit", "BEFORE_ACCEPTANCE")],
    ),
    (
        "a visit in 2099",
        accepted_and(lambda desk: replies.BookFirstVisit(handover_id=desk.handover, on=day_of("2099-12-31"))),
        [("BookFirstVisit", "VISIT_TOO_FAR")],
    ),
    (
        "ended before it began",
        accepted_and(lambda desk: replies.EndSupport(handover_id=desk.handover, on=day_of("2012-10-01"), reason="01")),
        [("EndSupport", "NOT_STARTED")],
    ),
    (
        "begun without an acceptance",
        once(lambda desk: replies.ConfirmStart(handover_id=desk.handover, on=day_of("2012-10-01"))),
        [("ConfirmStart", "NOT_ACCEPTED")],
    ),
    (
        "a code of no list",
        once(lambda desk: decline(desk, reason="BECAUSE")),
        [("Decline", "UNKNOWN_CODE")],
    ),
]


@pytest.mark.parametrize(("say", "heard"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
def test_the_sender_hears_why_its_reply_changed_nothing(
    desk: Desk, say: Callable[[Desk], None], heard: list[tuple[str, str]]
) -> None:
    """One word of why, the same for what is foreign and for what does not exist; the other provider hears nothing."""
    say(desk)

    assert desk.heard() == heard
    assert desk.heard(ELM) == []


@pytest.mark.parametrize(
    "reply",
    [
        lambda desk: accept(desk, offer_id=desk.foreign_offer),
        lambda desk: replies.EndSupport(handover_id=desk.foreign_handover, on=day_of("2012-10-01"), reason="01"),
    ],
    ids=["offer", "handover"],
)
def test_ruling_85_an_answer_about_another_providers_case_is_a_security_fact(
    desk: Desk, reply: Callable[[Desk], replies.Reply]
) -> None:
    """The topic is the identity: what oak says of elm's case is noted for people, and elm's offer stands untouched."""
    desk.say(reply(desk))

    assert desk.facts().count("ForeignReplyNoted") == 1
    desk.say(replies.Accept(offer_id=desk.foreign_offer, start_on=day_of("2012-10-08")), "r-9", ELM)
    assert "PackReleased" in desk.facts()
    assert [name for name, _ in desk.county.allocator.inbox_of(ELM)] == ["Offer", "Pack"]


def garbage(_: Desk) -> Draft:
    """Bytes that are no record of this house."""
    return Draft(replies_topic(OAK), 0, None, [("ce_type", b"\xff\xfe")], b"\x00garbage")


def of_another_type(desk: Desk) -> Draft:
    """A word that only the trust says."""
    envelope = Envelope("r-1", "kmpt.handover.v1.OfferAccepted", source_of(OAK), desk.handover, "2012-10-01T12:00:00Z")
    return Draft(replies_topic(OAK), 0, b"key", envelope.headers(), encode(accept(desk)))


def with_much_text(desk: Desk) -> Draft:
    """100 KiB of text, sealed past the kit's own check."""
    envelope = Envelope("r-1", replies.Decline.TYPE, source_of(OAK), desk.handover, "2012-10-01T12:00:00Z")
    aad = associated_data(envelope.source, envelope.id, InwardDecline.TYPE, OAK)
    sealed = seal({"text": "x" * 102_400}, desk.county.county.public, aad)
    value = encode(decline(desk, sealed=sealed))
    return Draft(replies_topic(OAK), 0, desk.handover.encode(), envelope.headers(), value)


def with_an_id_of_100_kib(desk: Desk) -> Draft:
    """An id that no reply needs."""
    envelope = Envelope("r" * 102_400, replies.Accept.TYPE, source_of(OAK), desk.handover, "2012-10-01T12:00:00Z")
    return Draft(replies_topic(OAK), 0, desk.handover.encode(), envelope.headers(), encode(accept(desk)))


def without_an_id(desk: Desk) -> Draft:
    """A reply that nobody could be told about."""
    envelope = Envelope("", replies.Accept.TYPE, source_of(OAK), desk.handover, "2012-10-01T12:00:00Z")
    return Draft(replies_topic(OAK), 0, desk.handover.encode(), envelope.headers(), encode(accept(desk)))


def with_a_wrong_offer(desk: Desk) -> Draft:
    """What stands for the offer is no id; a careless program may write anything there."""
    envelope = Envelope("r-1", replies.Acknowledge.TYPE, source_of(OAK), desk.handover, "2012-10-01T12:00:00Z")
    value = encode(replies.Acknowledge.model_construct(offer_id="999 000 0018"))
    return Draft(replies_topic(OAK), 0, desk.handover.encode(), envelope.headers(), value)


FIRST = f"{replies_topic(OAK)}/0/0"
"""Where the first record of oak's topic lies."""
NOT_READ: dict[str, tuple[Callable[[Desk], Draft], tuple[str, str, str]]] = {
    "garbage": (garbage, ("Unknown", FIRST, "UNREADABLE")),
    "a word of the trust": (of_another_type, ("Unknown", FIRST, "UNREADABLE")),
    "an id of 100 KiB": (with_an_id_of_100_kib, ("Accept", FIRST, "UNREADABLE")),
    "no id": (without_an_id, ("Accept", FIRST, "UNREADABLE")),
    "a text of 100 KiB": (with_much_text, ("Decline", "r-1", "INVALID_DATA")),
    "no offer's id": (with_a_wrong_offer, ("Acknowledge", "r-1", "INVALID_DATA")),
}
not_read = pytest.mark.parametrize(("made", "heard"), NOT_READ.values(), ids=NOT_READ.keys())


@not_read
def test_the_sender_of_what_is_no_reply_hears_so_and_nothing_is_held_up(
    desk: Desk, made: Callable[[Desk], Draft], heard: tuple[str, str, str]
) -> None:
    """It hears which one, by its id or by where it lies, and why; the answer after it counts, and elm hears nothing."""
    desk.county.put(made(desk))

    assert desk.told() == [heard]
    assert desk.told(ELM) == []
    desk.say(accept(desk), "r-2")
    assert "PackReleased" in desk.facts()
    assert desk.told() == [heard]


@not_read
def test_the_sender_hears_it_once_however_often_it_is_read(
    desk: Desk, made: Callable[[Desk], Draft], heard: tuple[str, str, str]
) -> None:
    """A door that lost its position says all again, the allocator starts anew, its inbox is copied: one notice."""
    desk.county.put(made(desk))
    before = desk.county.allocator.raw()

    desk.county.forget_positions()
    desk.county.rest()
    desk.county.allocator.start()
    desk.county.allocator.say_all_again()

    assert desk.told() == [heard]
    assert desk.county.allocator.raw() == before


@not_read
def test_of_what_is_no_reply_no_word_of_the_content_is_kept(
    desk: Desk, made: Callable[[Desk], Draft], heard: tuple[str, str, str]
) -> None:
    """What stood there is in no fact, refusal or notice; the record itself stays in the provider's own topic."""
    desk.county.put(made(desk))

    kept = [*desk.county.allocator.ledger(), *desk.county.allocator.refused()]
    everything = repr([fact.data for fact in kept]) + repr(desk.county.allocator.inbox_of(OAK))
    assert heard[2] in everything
    for part in ("garbage", "xxxx", "rrrr", "999 000 0018", "OfferAccepted"):
        assert part not in everything


@pytest.mark.parametrize(("made", "heard"), [NOT_READ["garbage"], NOT_READ["no id"]])
def test_what_cannot_be_read_is_a_reply_set_aside(
    desk: Desk, made: Callable[[Desk], Draft], heard: tuple[str, str, str]
) -> None:
    """It stands in the ledger, of its provider and of no case."""
    desk.county.put(made(desk))

    (aside,) = (fact for fact in desk.county.allocator.ledger() if fact.type.endswith("ReplySetAside"))
    reply, reply_id, why = heard
    named = {"offer_id": None, "handover_id": None}
    assert aside.data == {"provider_id": OAK, "reply_id": reply_id, "reply": reply, "why": why, **named}
    assert desk.refused() == []


@pytest.mark.parametrize("made", [with_much_text, with_a_wrong_offer])
def test_a_reply_of_a_form_that_none_has_is_listed_as_refused(desk: Desk, made: Callable[[Desk], Draft]) -> None:
    """Of that provider and without its content; its id is free for the mended reply."""
    desk.county.put(made(desk))

    (refusal,) = desk.county.allocator.refused()
    assert (refusal.data["code"], refusal.data["source"]) == ("INVALID_DATA", "/provider/oak")
    desk.say(accept(desk), "r-1")
    assert "PackReleased" in desk.facts()


def with_unknown_codes(desk: Desk) -> None:
    """Two reasons that no list has."""
    desk.say(decline(desk, reason="BECAUSE"), "r-1")
    desk.say(decline(desk, reason="WHY_NOT"), "r-1")


def with_unfit_forms(desk: Desk) -> None:
    """Two forms that no reply has."""
    desk.county.put(with_much_text(desk))
    desk.county.put(with_a_wrong_offer(desk))


@pytest.mark.parametrize(
    ("say", "heard"),
    [
        (with_unknown_codes, [("Decline", "UNKNOWN_CODE"), ("Decline", "UNKNOWN_CODE")]),
        (with_unfit_forms, [("Decline", "INVALID_DATA"), ("Acknowledge", "INVALID_DATA")]),
    ],
    ids=["codes", "forms"],
)
def test_each_of_two_unfit_contents_under_one_id_is_answered(
    desk: Desk, say: Callable[[Desk], None], heard: list[tuple[str, str]]
) -> None:
    """A provider that mends its reply and errs again hears so twice, under two ids: neither is taken for the other.

    Said all again, in whatever batches, nothing more comes of it.
    """
    say(desk)
    before = desk.county.allocator.raw()

    desk.county.forget_positions()
    desk.county.rest()
    desk.county.allocator.say_all_again()

    assert desk.heard() == heard
    assert len(set(desk.county.allocator.message_ids(OAK))) == 1 + len(heard)
    assert desk.county.allocator.raw() == before


def test_a_redrive_that_is_refused_again_is_not_announced(desk: Desk) -> None:
    """To try again what was refused is the trust's own doing; its provider has heard why."""
    desk.say(decline(desk, reason="BECAUSE"), "r-1")
    (refusal,) = desk.county.allocator.refused()

    desk.county.allocator.say("kmpt.log.v1.Redriven", OAK, {"offset": refusal.inbox_offset})

    assert desk.refused() == ["UNKNOWN_CODE", "UNKNOWN_CODE"]
    assert desk.heard() == [("Decline", "UNKNOWN_CODE")]


def test_ruling_68_another_content_under_a_recorded_id_is_set_aside_whatever_its_codes(desk: Desk) -> None:
    """The id is taken: that goes before any judgement of what is said under it (ruling 8)."""
    desk.say(replies.Acknowledge(offer_id=desk.offer), "r-1")
    desk.say(decline(desk, reason="BECAUSE"), "r-1")

    assert desk.refused() == []
    assert desk.heard() == [("Decline", "ID_REUSED")]


def test_a_text_that_was_not_sealed_for_the_trust_is_listed_as_refused_and_not_answered(desk: Desk) -> None:
    """Decision 29: under the provider as its source, the offer open, and its next answer counts."""
    another = PublicKey("2012-10", b64decode(public_key_of("another trust")))
    draft = posted(
        decline(desk, text="no room"),
        provider_id=OAK,
        handover_id=desk.handover,
        id="r-1",
        time="2012-10-01T12:00:00Z",
        public=another,
    )

    desk.county.put(draft)

    (refusal,) = desk.county.allocator.refused()
    assert (refusal.data["code"], refusal.data["source"]) == ("UNREADABLE", "/provider/oak")
    assert desk.told() == []
    desk.say(accept(desk), "r-2")
    assert "PackReleased" in desk.facts()


@pytest.mark.parametrize("name", ["ReplyUnreadable", "Acknowledge"])
def test_nobody_but_the_door_brings_a_provider_such_a_notice(desk: Desk, name: str) -> None:
    """Whoever writes into the trust's own inbox in a provider's name is refused, and the provider hears nothing."""
    data = {"reply_id": "r", "reply": "Accept"} if name == "ReplyUnreadable" else {"offer_id": "no id"}

    desk.county.allocator.say_unsigned(name, OAK, data)

    assert desk.refused() == ["NOT_YOURS"]
    assert desk.told() == []


def test_why_it_was_not_taken_is_said_in_words() -> None:
    """What a provider reads, and what the trust reads of it."""
    assert in_words("UNREADABLE") == "it could not be read as a reply"
    assert "a text of more than 4,000 characters" in in_words("INVALID_DATA")


def test_the_kit_says_no_text_of_100_kib(desk: Desk) -> None:
    """A text has at most 4,000 characters: the provider's own system learns it before anything is sent."""
    with pytest.raises(ValueError, match="at most 4000 characters"):
        decline(desk, text="x" * 102_400)
