"""The kit that a provider's system imports: it goes on where it stopped, and passes over what it does not know."""

from __future__ import annotations

import asyncio
import fcntl
import json
import stat
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest

from services.log.codec import plain
from services.log.errors import UnknownTopic
from services.log.month_key import publish
from services.log.record import Draft
from services.log.schemas import released
from services.log.sealing import DoesNotOpen
from services.provider.connecting import provider_on
from services.provider.joining import Joining, SettingsUnusable, read_settings
from services.provider.kit import Provider, details_in, reply_id
from services.provider.position import Position, PositionUnreadable
from services.provider.reading import Message, NotUnderstood, message_in
from services.provider.reference import Reference
from services.provider.shown import shown
from services.stack.ports import free_port
from services.words.envelope import Envelope
from services.words.messages import Offer, OfferWithdrawn, Pack, ReplyNotTaken
from services.words.replies import Accept, Acknowledge
from services.words.topics import offers_topic, replies_topic
from tests.command_line import run_here
from tests.doors.whole_county import WholeCounty
from tests.handover.story import day_of
from tests.memory_handover import an_id, private_key_of
from tests.provider.cases import ANOTHER_NUMBER, DETAILS, request
from tests.words.drawn import example_of

OAK = "oak"


@pytest.fixture
def county(tmp_path: Path) -> WholeCounty:
    """Oak has room in East Kent, and a case was offered to it."""
    made = WholeCounty(tmp_path / "county")
    made.day("2012-10-01")
    made.register(OAK, "c-oak")
    request(made, "ann")
    asyncio.run(publish(made.log.sender(), made.county.public, "2012-10-01T00:00:00Z"))
    return made


def joining(tmp_path: Path, **change: Any) -> Joining:
    """Oak's settings."""
    return Joining(**{"provider": OAK, "bootstrap": "memory", "position_file": tmp_path / "position", **change})


def connected(county: WholeCounty, settings: Joining) -> Provider:
    """Oak's program, started anew."""
    return asyncio.run(_connected(county, settings))


async def _connected(county: WholeCounty, settings: Joining) -> Provider:
    return await (await provider_on(county.log, settings)).__aenter__()


def come(provider: Provider) -> list[Message]:
    """All that has come."""
    return asyncio.run(provider.messages())


def test_it_goes_on_where_it_stopped(county: WholeCounty, tmp_path: Path) -> None:
    """What was handled does not come again to a program that is started anew; what was only read does."""
    first = connected(county, joining(tmp_path))
    (offer,) = come(first)
    assert come(first) == []
    assert come(connected(county, joining(tmp_path))) == [offer]

    first.handled(offer)

    assert come(connected(county, joining(tmp_path))) == []
    request(county, "ben", ANOTHER_NUMBER)
    (next_offer,) = come(connected(county, joining(tmp_path)))
    assert next_offer.offset > offer.offset


def test_a_position_never_goes_back(tmp_path: Path) -> None:
    """Messages may be done with in another order than they came; the file says the furthest."""
    position = Position(tmp_path / "position")
    position.handled(7)
    position.handled(3)

    assert Position(tmp_path / "position").next == 8
    assert Position().next == 0


@pytest.mark.parametrize("content", ["", "seven", "-1", "7.5", "\x00"])
def test_a_spoilt_position_is_said_so(tmp_path: Path, content: str) -> None:
    """A program does not guess: it says which file, and what follows from removing it."""
    (tmp_path / "position").write_text(content)

    with pytest.raises(PositionUnreadable, match="holds no position; remove it"):
        Position(tmp_path / "position")


def test_an_answer_is_one_reply_however_often_it_is_given(county: WholeCounty, tmp_path: Path) -> None:
    """Its id follows from the message and the kind of answer, so saying it again after a crash changes nothing."""
    (message,) = come(connected(county, joining(tmp_path)))
    assert isinstance(message.word, Offer)
    accept = Accept(offer_id=message.word.offer_id, start_on=day_of("2012-10-08"))
    for _ in range(2):
        provider = connected(county, joining(tmp_path))
        (again,) = come(provider)
        asyncio.run(provider.answer(again, accept))
        asyncio.run(provider.flush())
    county.rest()

    facts = [fact.type.rpartition(".")[2] for fact in county.allocator.ledger()]
    assert len(county.county.log.seen((replies_topic(OAK), 0), 0, 100)[0]) == 2
    assert (facts.count("OfferAccepted"), facts.count("ReplySetAside")) == (1, 0)
    assert reply_id(message, accept) != reply_id(message, Acknowledge(offer_id=message.word.offer_id))


def test_a_pack_opens_with_its_own_key_only(county: WholeCounty, tmp_path: Path) -> None:
    """The details are those that the team registered; another key opens nothing."""
    provider = connected(county, joining(tmp_path))
    (message,) = come(provider)
    assert isinstance(message.word, Offer)
    asyncio.run(provider.answer(message, Accept(offer_id=message.word.offer_id, start_on=day_of("2012-10-08"))))
    asyncio.run(provider.flush())
    county.rest()
    (pack,) = come(provider)
    assert isinstance(pack.word, Pack)

    assert details_in(pack.word, OAK, private_key_of(OAK)) == DETAILS
    assert shown(pack, OAK, private_key_of(OAK))["details"] == DETAILS
    with pytest.raises(DoesNotOpen):
        details_in(pack.word, OAK, private_key_of("elm"))
    assert shown(pack, OAK, private_key_of("elm"))["details"] == "sealed to another key than the one in this file"


def test_a_reply_that_changed_nothing_is_shown_with_why_in_words() -> None:
    """Beside the code, which a program reads, stands a sentence for whoever sits at the keyboard."""
    word = ReplyNotTaken(reply_id="r-1", reply="Accept", offer_id=an_id("offer"), why="DSPT_EXPIRED")

    row = shown(Message("m-1", an_id("handover"), "2012-10-01T09:00:00Z", 0, word), OAK, None)

    assert row["why"] == "DSPT_EXPIRED"
    assert row["sentence"] == "Accept changed nothing: the provider's security toolkit is out of date."


def newer_offer(county: WholeCounty) -> dict[str, Any]:
    """Put an offer on the topic that a later release has written, with one field more; returns its schema."""
    schema = {**released(Offer.TYPE)}
    schema["fields"] = [*schema["fields"], {"name": "greeting", "type": ["null", "string"], "default": None}]
    body = BytesIO(struct.pack(">bI", 0, 4711))
    body.seek(5)
    fields = {name: plain(value) for name, value in example_of(Offer)}
    fastavro.schemaless_writer(body, fastavro.parse_schema(dict(schema)), {**fields, "greeting": "good day"})
    put(county, Offer.TYPE, body.getvalue())
    return schema


def put(county: WholeCounty, type_name: str, value: bytes | None) -> None:
    """Put something on oak's offers topic."""
    envelope = Envelope(an_id("message"), type_name, "/kmpt/allocator", an_id("handover"), "2012-10-01T09:00:00Z")
    county.county.log.append(Draft(offers_topic(OAK), 0, b"key", envelope.headers(), value))


def test_a_newer_schema_is_read_by_the_file_of_it(county: WholeCounty, tmp_path: Path) -> None:
    """With the schema in the folder the offer is read without the new field; without it, it is not understood."""
    schema = newer_offer(county)
    (tmp_path / "schemas").mkdir()
    without = come(connected(county, joining(tmp_path, schemas=tmp_path / "schemas")))[-1]
    (tmp_path / "schemas" / "4711.avsc").write_text(json.dumps(schema))
    read = come(connected(county, joining(tmp_path, schemas=tmp_path / "schemas")))[-1]

    assert read.word == example_of(Offer)
    assert without.word == NotUnderstood(
        type_name=Offer.TYPE, why="its schema is newer than this program, and not at hand"
    )


@pytest.mark.parametrize(
    "value", [None, b"", b"\x00", b"rubbish", b"\x00\x00\x00\x00\x01", b"\x00\xff\xff\xff\xff\x00"]
)
@pytest.mark.parametrize("type_name", [Offer.TYPE, "kmpt.sis.v1.Greeting", ""])
def test_what_is_not_known_is_passed_over(
    county: WholeCounty, tmp_path: Path, type_name: str, value: bytes | None
) -> None:
    """Neither a type nor bytes can stop the program; it says which type it was, and answers nothing to it."""
    put(county, type_name, value)

    _, strange = come(connected(county, joining(tmp_path, schemas=tmp_path)))

    assert isinstance(strange.word, NotUnderstood)
    assert strange.word.type_name == type_name
    assert list(Reference(OAK, b"").answers(strange, frozenset())) == []
    assert shown(strange, OAK, None)["type"] == type_name


def test_bare_records_stop_nothing(county: WholeCounty, tmp_path: Path) -> None:
    """Not even a record without any header, nor headers that are no text."""
    log = county.county.log
    log.append(Draft(offers_topic(OAK), 0, None, [], None))
    log.append(Draft(offers_topic(OAK), 0, b"\xff", [("ce_type", b"\xff"), ("ce_id", b"\xff")], b"\xff"))

    assert [type(message.word) for message in come(connected(county, joining(tmp_path)))[1:]] == [NotUnderstood] * 2


@pytest.mark.parametrize(
    "event",
    [{}, {"type": Offer.TYPE}, {"type": Offer.TYPE, "data": {"offer_id": 1}}, {"type": Pack.TYPE, "data": {"key": 7}}],
)
def test_a_file_that_is_no_message_is_passed_over(event: dict[str, Any]) -> None:
    """By files as by Kafka."""
    assert isinstance(message_in(event, 0).word, NotUnderstood)


def test_an_offer_that_is_over_before_it_was_looked_at_is_left_alone(county: WholeCounty, tmp_path: Path) -> None:
    """The reference program answers none of what was withdrawn in the same look."""
    provider = connected(county, joining(tmp_path))
    (message,) = come(provider)
    assert isinstance(message.word, Offer)
    withdrawn = OfferWithdrawn(offer_id=message.word.offer_id, handover_id=message.word.handover_id)
    program = Reference(OAK, private_key_of(OAK))

    assert len(list(program.answers(message, frozenset()))) == 2
    assert list(program.answers(message, frozenset({withdrawn.offer_id}))) == []


def test_a_provider_that_is_not_registered_is_told_so(county: WholeCounty, tmp_path: Path) -> None:
    """Before anything is read."""
    with pytest.raises(UnknownTopic, match="provider elm has no topics yet"):
        connected(county, joining(tmp_path, provider="elm"))


def test_one_file_of_settings_is_enough(tmp_path: Path) -> None:
    """Names of files in it are beside it, wherever the program is started."""
    path = tmp_path / "provider.toml"
    path.write_text('provider = "oak"\nbootstrap = "broker:9092"\nkey_file = "oak.pem"\nposition_file = "/var/oak"\n')

    assert read_settings(path) == Joining(
        provider=OAK, bootstrap="broker:9092", key_file=tmp_path / "oak.pem", position_file=Path("/var/oak")
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("provider = oak", "is not TOML"),
        ('bootstrap = "b:1"', "provider: Field required; the names are provider, key_file, bootstrap"),
        ('provider = "Oak!"\nbootstrap = "b:1"', "provider: a provider id has 1 to 40 lower-case letters"),
        ('provider = "oak"\nbootstrp = "b:1"', "bootstrp: Extra inputs are not permitted; the names are"),
        ('provider = "oak"', "either bootstrap (host:port) or exchange (a folder), and not both"),
        ('provider = "oak"\nbootstrap = "b:1"\nexchange = "d"', "and not both"),
    ],
)
def test_wrong_settings_are_said_in_plain_words(tmp_path: Path, text: str, words: str) -> None:
    """Which line, and what there could be instead."""
    path = tmp_path / "provider.toml"
    path.write_text(text)

    with pytest.raises(SettingsUnusable) as refused:
        read_settings(path)

    assert words in str(refused.value)


def test_settings_that_are_not_there_are_said_so(tmp_path: Path) -> None:
    """With the name of the file."""
    with pytest.raises(SettingsUnusable, match=r"provider\.toml cannot be read: No such file or directory"):
        read_settings(tmp_path / "provider.toml")


def test_a_position_file_is_plain_and_small(tmp_path: Path) -> None:
    """One number that a person can read, in an ordinary file."""
    Position(tmp_path / "position").handled(41)

    assert (tmp_path / "position").read_text() == "42\n"
    assert stat.S_ISREG((tmp_path / "position").stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["position"]


def test_a_trust_that_is_away_is_said_so(tmp_path: Path) -> None:
    """With the exit code that means try again; nothing is lost."""
    path = tmp_path / "provider.toml"
    path.write_text(f'provider = "oak"\nbootstrap = "127.0.0.1:{free_port()}"\n')

    answer = run_here("provider", "--settings", str(path), "oak", "inbox")

    assert (answer.code, answer.out) == (75, "")
    assert answer.err == "sis: the broker takes no connection: is it running, and at this address?\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('provider = "elm"\nbootstrap = "b:1"', "is the file of provider elm"),
        ('provider = "oak"\nexchange = "folder"', "names a folder of files; these commands need bootstrap"),
    ],
)
def test_settings_that_do_not_fit_the_command_are_wrong_use(tmp_path: Path, text: str, words: str) -> None:
    """Somebody else's file, and a file for a program that exchanges files."""
    path = tmp_path / "provider.toml"
    path.write_text(text)

    answer = run_here("provider", "--settings", str(path), "oak", "inbox")

    assert answer.code == 2
    assert words in answer.err


def test_one_exchange_serves_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one on the same folder is told so, before it asks a broker anything."""
    monkeypatch.setenv("SIS_BOOTSTRAP", "127.0.0.1:1")
    (tmp_path / "oak").mkdir()
    with (tmp_path / "oak" / ".exchange.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        answer = run_here("--data", str(tmp_path / "data"), "provider", "oak", "exchange", str(tmp_path), "--once")

    assert (answer.code, answer.err) == (1, f"sis: another exchange serves {tmp_path / 'oak'} already\n")


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which one, and why; with the exit code that means try again."""
    monkeypatch.setenv("SIS_BOOTSTRAP", "127.0.0.1:1")
    (tmp_path / "a-file").touch()

    answer = run_here("--data", str(tmp_path / "data"), "provider", "oak", "exchange", str(tmp_path / "a-file"))

    assert (answer.code, answer.out) == (75, "")
    assert answer.err == f"sis: {tmp_path / 'a-file' / 'oak'} cannot be used: Not a directory; nothing is lost\n"
