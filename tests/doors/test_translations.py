from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.county.places import Area
from services.doors import connections, outcomes, referrals, replies, ticker
from services.doors.saying import Saying
from services.log.arrival import read_arrival
from services.log.codec import decode, encode
from services.log.memory import MemoryRecord
from services.log.record import Record
from services.log.schemas import released
from services.log.sealing import PublicKey
from services.provider.post import posted
from services.words import answers, commissioning, guarding
from services.words import replies as answered
from services.words.answers import INWARD
from services.words.catalogue import EVERY_WORD
from services.words.envelope import AVRO, JSON, Envelope
from services.words.handover_catalogue import REFERRED_WORDS
from services.words.provider_fields import raw_public_key
from services.words.recorded import EnablementEnded, RecorderWord
from services.words.referred import PersonErased
from services.words.topics import (
    DOOR_READS,
    EPISODES_INBOX,
    EPISODES_LEDGER,
    HANDOVER_INBOX,
    VALUE_LIMIT,
    provider_topics,
    replies_topic,
)
from services.words.word import Word
from tests.doors.things_said import (
    HANDOVER,
    LOT,
    OFFER,
    ON,
    OUTCOMES,
    PERSON,
    REFERRED,
    connected,
    in_episodes,
    in_handovers,
    in_replies,
    registered,
)
from tests.memory_handover import an_id, public_key_of

REPLIES: tuple[answered.Reply, ...] = (
    answered.Acknowledge(offer_id=OFFER),
    answered.Accept(offer_id=OFFER, start_on=ON),
    answered.Decline(offer_id=OFFER, reason="NO_CAPACITY"),
    answered.BookFirstVisit(handover_id=HANDOVER, on=ON),
    answered.ConfirmStart(handover_id=HANDOVER, on=ON),
    answered.ReportStartFailure(handover_id=HANDOVER, reason="OTHER"),
    answered.ReportChange(handover_id=HANDOVER, change="ADMISSION"),
    answered.EndSupport(handover_id=HANDOVER, on=ON, reason="01"),
)
MONTH = PublicKey("2026-11", raw_public_key(public_key_of("the month")))


def words_of(sayings: list[Saying]) -> list[Word]:
    """What was said, read back."""
    found = [(saying.envelope.type, decode(saying.value)) for saying in sayings]
    assert all(type_name == name for type_name, (name, _) in found)
    return [EVERY_WORD[name].model_validate(data) for _, (name, data) in found]


def reply_record(reply: answered.Reply, provider_id: str = "oak", subject: str = HANDOVER) -> Record:
    """A reply on its provider's topic."""
    draft = posted(
        reply, provider_id=provider_id, handover_id=subject, id=an_id("r"), time="2012-10-08T09:00:00Z", public=MONTH
    )
    return in_replies(list(draft.headers), draft.value, key=draft.key, provider_id=provider_id)


# The referrals door


@pytest.mark.parametrize("fact", REFERRED, ids=lambda fact: type(fact).__name__)
def test_referrals_add_the_person_and_change_nothing_else(fact: RecorderWord) -> None:
    """What the recorder says of a handover reaches the allocator with the person's id added, its subject the lot."""
    (record,) = in_episodes(fact)

    sayings = referrals.said(record)

    inward = REFERRED_WORDS[f"kmpt.handover.v1.{type(fact).__name__}"]
    assert words_of(sayings) == [inward.model_validate({**dict(fact), "person_id": PERSON})]
    assert [(saying.inbox, saying.envelope.subject) for saying in sayings] == [(HANDOVER_INBOX, LOT)]


def test_every_referred_word_has_all_that_the_recorder_says() -> None:
    """Each of the six words has the fields of the recorder's word and the person's id, so nothing is lost between."""
    assert {type(fact).__name__ for fact in REFERRED} == {
        word.__name__ for word in REFERRED_WORDS.values() if word is not PersonErased
    }
    for fact in REFERRED:
        inward = {field["name"] for field in released(f"kmpt.handover.v1.{type(fact).__name__}")["fields"]}
        assert inward == {field["name"] for field in released(fact.TYPE)["fields"]} | {"person_id"}


def test_an_erasure_is_said_of_every_lot() -> None:
    """Which lot had the person's handovers only the allocator knows, so each hears of it, under an id of its own."""
    (record,) = in_episodes(guarding.PersonErased(request_id=an_id("r")))

    sayings = referrals.said(record)

    assert words_of(sayings) == [PersonErased(person_id=PERSON, lot=lot, request_id=an_id("r")) for lot in Area]
    assert [saying.envelope.subject for saying in sayings] == list(Area)
    assert len({saying.envelope.id for saying in sayings}) == len(Area)


def test_what_is_no_referral_stays_in_the_trust() -> None:
    """Whatever else a person's ledger says, no door carries it out of the trust's side."""
    fact = EnablementEnded(episode_id=an_id("e"), last_day=ON, policy="2012.1")
    (record,) = in_episodes(fact)

    assert referrals.said(record) == []


# The outcomes door


@pytest.mark.parametrize("fact", OUTCOMES, ids=lambda fact: type(fact).__name__)
def test_ruling_94_the_two_outcomes_go_to_the_persons_ledger(fact: Word) -> None:
    """A confirmed start and a reported end reach the recorder, for the person, and nothing else of them is changed."""
    (record,) = in_handovers(fact)

    sayings = outcomes.said(record)

    data = dict(fact)
    subject = data.pop("person_id")
    assert words_of(sayings) == [EVERY_WORD[f"kmpt.episodes.v1.{type(fact).__name__}"].model_validate(data)]
    assert [(saying.inbox, saying.envelope.subject) for saying in sayings] == [(EPISODES_INBOX, subject)]


def test_ruling_94_no_other_handover_fact_reaches_the_recorder() -> None:
    """Registrations, answers and the rest of the handover ledger stay on the commissioner's side."""
    records = in_handovers(registered(), connected(), commissioning.ProviderResumed(provider_id="oak"))

    assert [outcomes.said(record) for record in records] == [[], [], []]


# The connections door


def test_h1_a_registered_provider_gets_its_topics_and_is_connected() -> None:
    """A registration asks for the provider's two topics, and says then that it can be reached."""
    (record,) = in_handovers(registered("oak"), subject="oak")

    assert connections.topics_for(record) == provider_topics("oak")
    assert words_of(connections.said(record)) == [connected("oak")]
    assert [saying.envelope.subject for saying in connections.said(record)] == ["oak"]


def test_only_a_registration_makes_topics() -> None:
    """No other fact of the handover ledger makes a topic."""
    (record,) = in_handovers(connected())

    assert (connections.topics_for(record), connections.said(record)) == ((), [])


# The replies door


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_replies_come_in_as_the_providers_whose_topic_it_is(reply: answered.Reply) -> None:
    """A reply keeps its id, source, time and fields; it becomes the inward word, its subject the topic's provider."""
    record = reply_record(reply, "oak", subject="ash")

    (saying,) = replies.said(record)

    assert words_of([saying]) == [INWARD[reply.TYPE].model_validate(dict(reply))]
    inward = INWARD[reply.TYPE].TYPE
    assert saying.envelope == Envelope(an_id("r"), inward, "/provider/oak", "oak", "2012-10-08T09:00:00Z")


def test_every_reply_has_the_same_fields_inside_and_outside() -> None:
    """Nothing of a reply is lost at the door."""
    assert {reply.TYPE for reply in REPLIES} == set(INWARD)
    for outward, inward in INWARD.items():
        assert released(outward)["fields"] == released(inward.TYPE)["fields"]
        assert released(outward).get("sealed") == released(inward.TYPE).get("sealed")


def test_a_providers_own_words_come_in_sealed_as_they_were() -> None:
    """A free text is passed on unopened: the same key and blob."""
    reply = answered.Decline(offer_id=OFFER, reason="OTHER", text="she has moved to her sister's")
    draft = posted(reply, provider_id="oak", handover_id=HANDOVER, id=an_id("r"), time="t", public=MONTH)
    _, outside = decode(draft.value)

    (saying,) = replies.said(in_replies(list(draft.headers), draft.value))

    _, inside = decode(saying.value)
    assert inside["sealed"] == outside["sealed"] is not None
    assert answers.Decline.model_validate(inside).text is None


def test_a_reply_that_no_schema_carries_is_judged_inside() -> None:
    """Data of a wrong shape, sealed whole, cross as they are; the allocator says what is wrong with them."""
    envelope = Envelope(an_id("r"), answered.Accept.TYPE, "/provider/oak", HANDOVER, "2012-10-08T09:00:00Z")
    value = b'{"sealed": {"key_id": "2026-11", "key": "AAAA", "blob": "AAAA"}}'

    (saying,) = replies.said(in_replies(envelope.headers(JSON), value))

    assert (saying.content_type, saying.value) == (JSON, value)
    assert (saying.envelope.type, saying.envelope.subject) == (answers.Accept.TYPE, "oak")


GOOD = Envelope(an_id("r"), answered.Accept.TYPE, "/provider/oak", HANDOVER, "2012-10-08T09:00:00Z")
ACCEPT = encode(answered.Accept(offer_id=OFFER, start_on=ON))
PRETENDED = commissioning.ProviderResumed(provider_id="oak")
GARBAGE: dict[str, Record] = {
    "bytes that are no Avro": in_replies(GOOD.headers(), b"\x00\xff\xff\xff\xffgarbage"),
    "another's schema": in_replies(GOOD.headers(), encode(answered.Acknowledge(offer_id=OFFER))),
    "nothing at all": in_replies([], None),
    "a null header": in_replies([("ce_type", None)], ACCEPT),
    "a header twice": in_replies([*GOOD.headers(), ("ce_id", b"x")], ACCEPT),
    "more than a host reads": in_replies(GOOD.headers(), ACCEPT + bytes(VALUE_LIMIT)),
    "an endless id": in_replies(Envelope("x" * 5000, GOOD.type, "s", "", "t").headers(), ACCEPT),
    "a commissioner's word": in_replies(
        Envelope(an_id("r"), PRETENDED.TYPE, "/kcc/commissioning", "oak", "t").headers(), encode(PRETENDED)
    ),
    "an inward word": in_replies(
        Envelope(an_id("r"), answers.Accept.TYPE, "/provider/oak", "oak", "t").headers(),
        encode(answers.Accept(offer_id=OFFER, start_on=ON)),
    ),
}


@pytest.mark.parametrize("record", GARBAGE.values(), ids=GARBAGE.keys())
def test_of_what_is_no_reply_only_that_it_lies_there_crosses(record: Record) -> None:
    """It is not lost and can command nothing: the door says of which provider it is, and no word of its content."""
    (saying,) = replies.said(record)

    assert (saying.envelope.type, saying.content_type) == (answers.ReplyUnreadable.TYPE, AVRO)
    assert (saying.envelope.source, saying.envelope.subject) == ("/provider/oak", "oak")
    assert replies.said(record) == [saying]


@pytest.mark.parametrize(
    ("headers", "reply_id", "reply"),
    [
        (GOOD.headers(), an_id("r"), "Accept"),
        ([("ce_type", b"kmpt.sis.v1.Surprise"), ("ce_id", b"999 000 0018")], "kmpt.sis.replies.oak.v1/0/7", "Unknown"),
        ([("ce_id", an_id("r").encode()), ("ce_id", b"x")], "kmpt.sis.replies.oak.v1/0/7", "Unknown"),
        ([("ce_id", None), ("ce_type", None)], "kmpt.sis.replies.oak.v1/0/7", "Unknown"),
        ([], "kmpt.sis.replies.oak.v1/0/7", "Unknown"),
    ],
)
def test_what_is_no_reply_is_named_by_its_id_or_by_where_it_lies(
    headers: list[tuple[str, Any]], reply_id: str, reply: str
) -> None:
    """An id that is a UUID and a type that is a reply's are repeated; whatever else a header holds is not."""
    (saying,) = replies.said(in_replies(headers, b"garbage"))

    _, word = decode(saying.value)
    assert word == {"reply_id": reply_id, "reply": reply}


@pytest.mark.parametrize("empty", ["id", "source", "time"])
def test_a_reply_without_id_source_or_time_is_no_reply(empty: str) -> None:
    """Nothing could be said to its sender of a reply without an id."""
    envelope = GOOD._replace(**{empty: ""})

    (saying,) = replies.said(in_replies(envelope.headers(), ACCEPT))

    assert saying.envelope.type == answers.ReplyUnreadable.TYPE


@given(
    st.lists(
        st.tuples(st.sampled_from(["ce_id", "ce_type", "content-type", "x"]), st.none() | st.binary()), max_size=6
    ),
    st.none() | st.binary(max_size=60),
    st.booleans(),
)
def test_nothing_that_a_provider_sends_stops_the_door(
    headers: list[tuple[str, Any]], value: bytes | None, begins_well: bool
) -> None:
    """Whatever lies on a provider's topic is said once: as a reply of that provider, or as something unreadable."""
    record = in_replies([*(GOOD.headers() if begins_well else []), *headers], value)

    (saying,) = replies.said(record)

    assert saying.envelope.subject == "oak"
    assert saying.envelope.type in {answers.ReplyUnreadable.TYPE, *(word.TYPE for word in INWARD.values())}
    assert can_be_read(saying)


def test_a_connected_providers_topic_is_read_from_then_on() -> None:
    """The handover ledger says which topics are read, and nothing of it is said again."""
    connection, registration = in_handovers(connected("oak"), registered("oak"))

    assert replies.follows(connection) == replies_topic("oak")
    assert replies.follows(registration) is None
    assert replies.said(connection) == []
    assert replies.follows(reply_record(REPLIES[0])) is None


# The ticker


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 1, 15, 0, 0, 2, tzinfo=UTC), "2026-01-15"),
        (datetime(2026, 1, 14, 23, 59, 59, tzinfo=UTC), "2026-01-14"),
        (datetime(2026, 7, 14, 23, 0, 2, tzinfo=UTC), "2026-07-15"),
        (datetime(2026, 7, 14, 22, 59, 59, tzinfo=UTC), "2026-07-14"),
    ],
)
def test_a_day_begins_at_midnight_in_london(now: datetime, day: str) -> None:
    """In summer London's midnight is at eleven in the evening of UTC; two seconds are left for another clock."""
    assert ticker.day_at(now) == date.fromisoformat(day)


def test_a_day_is_said_to_both_inboxes_with_one_id() -> None:
    """The id is the day's, and the time is its London midnight, so that it can be said again without effect."""
    winter, summer = ticker.said(date(2026, 1, 15)), ticker.said(date(2026, 7, 15))

    assert {saying.inbox for saying in winter} == {EPISODES_INBOX, HANDOVER_INBOX}
    assert len({saying.envelope for saying in winter}) == 1
    assert winter[0].envelope.time == "2026-01-15T00:00:00+00:00"
    assert summer[0].envelope.time == "2026-07-15T00:00:00+01:00"
    assert winter[0].envelope.id != summer[0].envelope.id


# All doors


def test_what_follows_from_a_fact_is_the_same_whenever_it_is_read() -> None:
    """A fact read again says the same under the same id, and no two facts or doors share an id."""
    told = [
        *((referrals.said, record) for record in in_episodes(*REFERRED)),
        *((outcomes.said, record) for record in in_handovers(*OUTCOMES)),
        *((connections.said, record) for record in in_handovers(registered("oak"), registered("ash"))),
    ]

    once, again = ([said(record) for said, record in told] for _ in range(2))

    assert once == again
    ids = [saying.envelope.id for sayings in once for saying in sayings]
    assert len(set(ids)) == len(ids) == len(told)


def test_each_door_reads_one_ledger() -> None:
    """The referrals door reads the trust's side, all others the commissioner's."""
    assert [door for door, ledger in DOOR_READS.items() if ledger == EPISODES_LEDGER] == [referrals.NAME]
    assert set(DOOR_READS) == {referrals.NAME, outcomes.NAME, connections.NAME, replies.NAME}


def can_be_read(saying: Saying) -> bool:
    """Whether a host that finds this in its inbox can read it."""
    headers = saying.envelope.headers(saying.content_type)
    read_arrival(MemoryRecord(saying.inbox, 0, 0, 0, saying.envelope.subject.encode(), headers, saying.value))
    return True
