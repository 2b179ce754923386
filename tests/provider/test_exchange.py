"""The file exchange, on the log in memory with the real allocator and doors: nothing lost, nothing read in part."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.log.doors import is_signed
from services.provider.exchange import COLLECTED_WITHIN, Exchange, Passed, Reporting
from services.provider.exchange_files import put
from services.provider.exchange_folder import FolderConnection
from services.vault.key_files import door_key, door_keys
from services.words import envelope as named
from services.words.messages import Offer
from services.words.replies import Accept, Acknowledge, Decline, Reply
from services.words.topics import HANDOVER_INBOX, replies_topic
from tests.doors.whole_county import WholeCounty
from tests.handover.story import EAST, day_of
from tests.memory_county import LONG_AFTER
from tests.memory_handover import an_id
from tests.provider.cases import request

WEALD = "weald-bridge"
NOW = datetime.fromtimestamp(LONG_AFTER / 1000, UTC)


class Office:
    """A county with one provider that has a folder, and the exchange that serves it."""

    def __init__(self, tmp_path: Path) -> None:
        self.county = WholeCounty(tmp_path / "county")
        self.county.day("2012-10-01")
        self.county.register(WEALD, "weald-2012")
        self.folder = tmp_path / "exchange" / WEALD
        self.now = NOW
        self.start()

    def start(self) -> None:
        """Start the exchange, or start it again: nothing is remembered but files and what the log holds."""
        reporting = Reporting(self.county.log, door_key(self.county.county.folder, "exchange"))
        public = self.county.county.public
        self.exchange = Exchange(WEALD, self.folder, self.county.log, public, reporting, lambda: self.now)
        asyncio.run(self.exchange.start())

    def step(self) -> Passed:
        """One pass, and all comes to rest."""
        passed = asyncio.run(self.exchange.step())
        self.county.rest()
        return passed

    def connection(self) -> FolderConnection:
        """The provider's program, started anew."""
        return FolderConnection(WEALD, self.folder)

    def names(self, part: str) -> list[str]:
        """Names of the files in a part of the folder."""
        folder = self.folder / part
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def facts(self) -> list[str]:
        """Names of what the allocator has recorded."""
        return [fact.type.rpartition(".")[2] for fact in self.county.allocator.ledger()]

    def reply(self, reply: Reply, id: str, handover_id: str = an_id("a handover"), **change: Any) -> None:
        """Put a reply into the folder as a program of the provider's own would."""
        data = reply.model_dump(mode="json", exclude_none=True)
        event = {"specversion": "1.0", "id": id, "type": reply.TYPE, "subject": handover_id, "data": data}
        put(self.folder / "out", id, {**event, "time": "2012-10-01T09:00:00Z", **change})


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A provider that has been offered a case."""
    made = Office(tmp_path)
    request(made.county, "ann")
    return made


def offer_in(connection: FolderConnection) -> tuple[Any, Offer]:
    """The only message, which is an offer."""
    (message,) = asyncio.run(connection.messages())
    assert isinstance(message.word, Offer)
    return message, message.word


def test_an_offer_becomes_a_file_and_its_answer_is_taken(office: Office) -> None:
    """Delivered, answered, acknowledged, cleared away; and the pack comes the same way."""
    assert office.step().delivered == 1
    connection = office.connection()
    message, offer = offer_in(connection)

    asyncio.run(connection.answer(message, Accept(offer_id=offer.offer_id, start_on=day_of("2012-10-08"))))
    connection.handled(message)
    passed = office.step()

    assert (passed.collected, passed.taken, passed.moved_aside) == (1, 1, 0)
    assert office.names("out") == []
    assert "PackReleased" in office.facts()
    office.step()
    (pack,) = asyncio.run(connection.messages())
    assert type(pack.word).__name__ == "Pack"
    assert office.names("in") == [f"{pack.id}.ctl", f"{pack.id}.json"]


def test_names_and_control_files_say_nothing_of_a_person(office: Office) -> None:
    """A name is the message's own id; beside it stand a type, a length, a hash, an instant and an order."""
    office.step()

    control, body = office.names("in")
    assert (control, body) == (f"{Path(body).stem}.ctl", f"{Path(body).stem}.json")
    said = json.loads((office.folder / "in" / control).read_text())
    assert set(said) == {"length", "sha256", "type", "sent", "order"}


def test_what_was_not_acknowledged_comes_again_to_a_program_that_was_restarted(office: Office) -> None:
    """A program that dies before it acknowledges is given the same message, under the same id."""
    office.step()
    before, _ = offer_in(office.connection())
    office.step()
    after, _ = offer_in(office.connection())

    assert after == before


@pytest.mark.parametrize("at", ["before the position is stored", "before the reply's file is removed"])
def test_a_crash_of_the_exchange_loses_nothing(office: Office, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Started again it delivers under the same names and says the same replies again, which changes nothing."""
    if at == "before the position is stored":
        with monkeypatch.context() as crash:
            crash.setattr(type(office.exchange._offsets), "store", _die)
            with pytest.raises(Crashed):
                office.step()
    else:
        office.step()
    connection = office.connection()
    message, offer = offer_in(connection)
    asyncio.run(connection.answer(message, Acknowledge(offer_id=offer.offer_id)))
    if at == "before the reply's file is removed":
        with monkeypatch.context() as crash:
            crash.setattr("services.provider.exchange.remove", _die)
            with pytest.raises(Crashed):
                office.step()
    office.start()
    office.step()

    assert office.names("out") == []
    assert len(office.names("in")) == 2
    assert office.facts().count("OfferAcknowledged") == 1
    assert office.facts().count("ReplySetAside") == 0


@pytest.mark.parametrize("harm", ["no control file", "cut short", "other bytes", "control file of rubbish", "a link"])
def test_a_reply_that_is_not_whole_is_never_read(office: Office, tmp_path: Path, harm: str) -> None:
    """It stays where it is until the rest has come, and then it is taken."""
    office.step()
    _, offer = offer_in(office.connection())
    office.reply(Acknowledge(offer_id=offer.offer_id), "r-1", offer.handover_id)
    out = office.folder / "out"
    body, control = out / "r-1.json", out / "r-1.ctl"
    whole_body, whole_control = body.read_bytes(), control.read_bytes()
    _harm(harm, body, control, tmp_path / "elsewhere")

    passed = office.step()

    assert (passed.taken, passed.moved_aside, passed.partial) == (0, 0, 1)
    assert "OfferAcknowledged" not in office.facts()
    for path, content in ((body, whole_body), (control, whole_control)):
        path.unlink(missing_ok=True)
        path.write_bytes(content)
    assert office.step().taken == 1
    assert "OfferAcknowledged" in office.facts()


def _harm(harm: str, body: Path, control: Path, elsewhere: Path) -> None:
    match harm:
        case "no control file":
            control.unlink()
        case "cut short":
            body.write_bytes(body.read_bytes()[:20])
        case "other bytes":
            body.write_bytes(body.read_bytes()[::-1])
        case "control file of rubbish":
            control.write_bytes(b"\xff[[[")
        case "a link":
            body.rename(elsewhere)
            body.symlink_to(elsewhere)


GARBAGE: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("no object", lambda _: ["a list"], "it is not a CloudEvent of version 1.0"),
    ("no version", lambda event: {**event, "specversion": "0.3"}, "it is not a CloudEvent of version 1.0"),
    ("another id", lambda event: {**event, "id": "r-2"}, "its id is not the name of its file"),
    ("no type", lambda event: {**event, "type": None}, "its type is no text of 1 to 200 characters"),
    ("a type of the trust", lambda event: {**event, "type": Offer.TYPE}, "its type is none of the replies: "),
    ("no data", lambda event: {**event, "data": "yes"}, "it has no data that could be a reply's"),
    ("a field too many", lambda event: {**event, "data": {**event["data"], "extra": 1}}, "not as they must be: extra"),
    ("a field of another kind", lambda event: {**event, "data": {"offer_id": 7}}, "not as they must be: offer_id"),
    ("a sealing of its own", lambda event: {**event, "data": {"sealed": {}}}, "it has no data that could be"),
    ("no time", lambda event: {**event, "time": "yesterday"}, "its time is no instant such as"),
    ("100 KiB of text", lambda event: {**event, "type": Decline.TYPE, "data": _long(event)}, "must be: text"),
]


def _long(event: dict[str, Any]) -> dict[str, Any]:
    return {**event["data"], "reason": "OTHER", "text": "x" * 102_400}


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in GARBAGE], ids=[row[0] for row in GARBAGE])
def test_garbage_is_moved_aside_with_a_report_beside_it(
    office: Office, change: Callable[[dict[str, Any]], Any], words: str
) -> None:
    """Nothing of it reaches the trust; the provider reads why, without a word of what stood in it."""
    office.step()
    _, offer = offer_in(office.connection())
    data = {"offer_id": offer.offer_id}
    event = {"specversion": "1.0", "id": "r-1", "type": Acknowledge.TYPE, "subject": offer.handover_id, "data": data}
    put(office.folder / "out", "r-1", change({**event, "time": "2012-10-01T09:00:00Z"}))

    passed = office.step()

    assert (passed.taken, passed.moved_aside) == (0, 1)
    assert office.names("out") == []
    assert office.names("refused") == ["r-1.json", "r-1.txt"]
    report = (office.folder / "refused" / "r-1.txt").read_text()
    assert words in report
    assert report.endswith("Mend it and put it again.\n")
    assert office.county.county.log.end_offset((replies_topic(WEALD), 0)) == 0


def test_bytes_that_are_no_json_are_moved_aside(office: Office) -> None:
    """Whole by its hash, and rubbish all the same."""
    out, content = office.folder / "out", b"\x00\xff rubbish"
    (out / "r-1.json").write_bytes(content)
    (out / "r-1.ctl").write_text(json.dumps({"length": len(content), "sha256": sha256(content).hexdigest()}))

    assert office.step().moved_aside == 1
    assert "it is not JSON" in (office.folder / "refused" / "r-1.txt").read_text()


def test_replies_are_said_in_the_order_of_their_times(office: Office) -> None:
    """Whatever their names: an acceptance after its acknowledgement, not before."""
    office.step()
    _, offer = offer_in(office.connection())
    accept = Accept(offer_id=offer.offer_id, start_on=day_of("2012-10-08"))
    office.reply(accept, "a-first-by-name", offer.handover_id, time="2012-10-01T10:00:00Z")
    office.reply(Acknowledge(offer_id=offer.offer_id), "z-last-by-name", offer.handover_id)

    assert office.step().taken == 2
    assert "OfferAcknowledged" in office.facts()
    assert "ReplySetAside" not in office.facts()


def test_a_free_text_is_sealed_before_it_reaches_the_log(office: Office) -> None:
    """It stands in the provider's own file as written, and nowhere in the log."""
    office.step()
    _, offer = offer_in(office.connection())
    office.reply(Decline(offer_id=offer.offer_id, reason="OTHER", text="our words"), "r-1", offer.handover_id)

    office.step()

    assert "OfferDeclined" in office.facts()
    log = office.county.county.log
    for topic in (replies_topic(WEALD), HANDOVER_INBOX):
        assert all(b"our words" not in (record.value or b"") for record in log.seen((topic, 0), 0, 10**6)[0])


def test_what_is_not_collected_in_five_days_becomes_a_fact_once(office: Office) -> None:
    """On the fifth day nothing is said; on the sixth the trust hears it once, and the message still lies there."""
    office.step()
    office.now = NOW + COLLECTED_WITHIN
    assert office.step().not_collected == 0

    office.now = NOW + COLLECTED_WITHIN + timedelta(days=1)
    assert office.step().not_collected == 1
    assert office.step().not_collected == 0
    office.start()
    assert office.step().not_collected == 0

    (fact,) = (fact for fact in office.county.allocator.ledger() if fact.type.endswith("MessageNotCollected"))
    message, offer = offer_in(office.connection())
    assert fact.data == {
        "provider_id": WEALD,
        "message_id": message.id,
        "message": "Offer",
        "handover_id": offer.handover_id,
        "since": NOW.date().isoformat(),
    }
    assert fact.key == EAST
    keys = {"exchange": door_keys(office.county.county.folder, "exchange")}
    signed = [
        is_signed(record, "exchange", keys)
        for record in office.county.county.log.seen((HANDOVER_INBOX, 0), 0, 10**6)[0]
        if (named.TYPE, fact.type.encode()) in record.headers
    ]
    assert signed == [True]
    office.connection().handled(message)
    office.step()
    assert office.names("in") == []


@pytest.mark.parametrize("content", [b"{}", b'{"sent": "never"}', b"[]", b'{"sent": 5, "type": 7}'])
def test_a_control_file_that_the_provider_has_spoilt_stops_nothing(office: Office, content: bytes) -> None:
    """The folder is the provider's too: what it writes into `in` harms nobody but itself."""
    office.step()
    (control,) = (office.folder / "in").glob("*.ctl")
    said = json.loads(control.read_text())
    other = json.loads(content)
    control.write_text(json.dumps({**{key: said[key] for key in ("length", "sha256")}, **other} if other else other))
    office.now = NOW + timedelta(days=30)

    assert office.step().not_collected == 0


class Crashed(BaseException):
    """The process died here."""


def _die(*_: object) -> None:
    raise Crashed
