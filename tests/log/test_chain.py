from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.log.canonical import canonical
from services.log.chain import record_hash
from services.log.codec import decode
from services.log.memory import all_seen
from services.log.record import Draft, Record
from services.log.scribe import fact_id
from services.log.sealing import associated_data, seal
from services.words.envelope import HEADER_NAMES, JSON, Envelope
from services.words.topics import EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED
from tests.log.engine_county import (
    EngineCounty,
    Event,
    adopted,
    contact,
    day,
    days,
    episode,
    event,
    moved,
    person,
    redriven,
    registered,
)
from tests.memory_county import feed_of

ADA = person("ada")
NAMESPACE = uuid.UUID("6f0f3a0e-7b1c-5e57-9a53-2f4c1d8b9e10")
TOPICS = (EPISODES_LEDGER, EPISODES_REFUSED)
KNOWN = st.sampled_from(HEADER_NAMES)
LONG = st.sampled_from([bytes(4095), bytes(4096), bytes(70_000)])
"""Contents about as long as those whose lengths are kept ready, and longer."""


def independent_hash(key: bytes | None, headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> bytes:
    """H(record) as the design states it, written a second time."""

    def framed(part: bytes | None) -> bytes:
        return b"\xff" * 4 if part is None else len(part).to_bytes(4, "big") + part

    pairs = b"".join(framed(name.encode()) + framed(content) for name, content in headers)
    return sha256(framed(key) + len(headers).to_bytes(4, "big") + pairs + framed(value)).digest()


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterable[EngineCounty]:
    """A county with the year's feed decided, and a redrive of what was refused first."""
    county = EngineCounty(tmp_path_factory.mktemp("chain") / "data", 4)
    county.start()
    county.tell(adopted(), *feed_of("maidstone-2012.ndjson"))
    early = next(kept for kept in county.refused() if kept.data["code"] == "UNKNOWN_PERSON")
    county.tell(redriven(early.subject, early.inbox_offset))
    yield county
    county.close()


def partitions(county: EngineCounty) -> Iterator[tuple[str, int, Sequence[Record]]]:
    """Every partition that the recorder has written to, with its records."""
    for topic in TOPICS:
        for number in range(county.partitions):
            records = all_seen(county.log, topic, number)
            assert records
            yield topic, number, records


def header(record: Record, name: str) -> bytes:
    """The one header of this name."""
    (content,) = (content for found, content in record.headers if found == name)
    return content


@given(
    key=st.none() | st.binary(max_size=9),
    headers=st.lists(st.tuples(st.text(max_size=5) | KNOWN, st.none() | st.binary(max_size=9) | LONG), max_size=4),
    value=st.none() | st.binary(max_size=9),
)
@example(key=b"", headers=[], value=b"")
def test_hash_of_a_record_is_as_stated(
    key: bytes | None, headers: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    """Design §4: H is SHA-256 over every part with its length, null told from empty."""
    assert record_hash(key, headers, value) == independent_hash(key, headers, value)


def test_every_record_carries_the_hash_of_the_one_before(county: EngineCounty) -> None:
    """Design §4: ledger and refused partitions are chains from zeros on, without a gap."""
    for _, _, records in partitions(county):
        before = bytes(32)
        for record in records:
            assert record.headers[-1] == ("prevhash", before)
            before = independent_hash(record.key, record.headers, record.value)


def test_every_record_is_bound_to_its_input(county: EngineCounty) -> None:
    """Design §4: a record names the offset, the hash and the append time of the inbox record it came from."""
    for _, number, records in partitions(county):
        inbox = county.inbox(number)
        for record in records:
            source = inbox[int(header(record, "ce_inboxoffset"))]
            appended = datetime.fromtimestamp(source.timestamp / 1000, UTC)
            assert header(record, "inputhash") == independent_hash(source.key, source.headers, source.value)
            assert datetime.fromisoformat(header(record, "ce_recordedtime").decode()) == appended
            assert header(record, "ce_recordedtime").endswith(b"Z")


def test_sequence_of_a_key_counts_without_a_gap(county: EngineCounty) -> None:
    """Design §4: in each partition the records of one key are numbered 1 to n, the calendar's like any other's."""
    for _, _, records in partitions(county):
        counted: defaultdict[bytes | None, int] = defaultdict(int)
        for record in records:
            counted[record.key] += 1
            assert int(header(record, "ce_sequence")) == counted[record.key]


def test_headers_stand_in_their_one_order(county: EngineCounty) -> None:
    """Design §4: the envelope first, then what the recorder adds; a day and a stranger's record have no subject."""
    order = [
        "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type",
        "ce_recordedtime", "ce_inboxoffset", "ce_sequence", "ce_causationid", "ce_correlationid",
        "contentdigest", "inputhash", "prevhash",
    ]  # fmt: skip
    seen = set()
    for _, _, records in partitions(county):
        for record in records:
            names = [name for name, _ in record.headers]
            seen.add("ce_subject" in names)
            assert names == [name for name in order if name != "ce_subject" or "ce_subject" in names]
    assert seen == {True, False}


def test_ids_of_facts_are_derived_from_their_cause(county: EngineCounty) -> None:
    """Design §4: a fact's id is the UUIDv5 of topic, partition, key, input id and its number within the input."""
    for number in range(county.partitions):
        inputs: dict[bytes, int] = {}
        for record in all_seen(county.log, EPISODES_LEDGER, number):
            offset = header(record, "ce_inboxoffset")
            ordinal = inputs[offset] = inputs.get(offset, -1) + 1
            assert record.key is not None
            key, causation = record.key.decode(), header(record, "ce_causationid").decode()
            name = f"{EPISODES_LEDGER}/{number}/{key}/{causation}/{ordinal}"
            assert header(record, "ce_id").decode() == str(uuid.uuid5(NAMESPACE, name))


def test_ids_of_refusals_are_derived_from_their_cause(county: EngineCounty) -> None:
    """Design §4: a refusal's id is derived likewise, with the offset, for one id may be refused more than once."""
    for number in range(county.partitions):
        for record in all_seen(county.log, EPISODES_REFUSED, number):
            causation, offset = (header(record, name).decode() for name in ("ce_causationid", "ce_inboxoffset"))
            assert record.key is not None
            name = f"{EPISODES_REFUSED}/{number}/{record.key.decode()}/{causation}/{offset}"
            assert header(record, "ce_id").decode() == str(uuid.uuid5(NAMESPACE, name))


def test_no_two_records_have_one_id(county: EngineCounty) -> None:
    """Design §4: ids of facts and refusals are unique over all partitions."""
    ids = [header(record, "ce_id") for _, _, records in partitions(county) for record in records]

    assert len(set(ids)) == len(ids)


@given(st.text())
def test_ids_are_uuids_of_version_5(name: str) -> None:
    """Design §4: the short way to a UUIDv5 gives what RFC 9562's gives."""
    assert fact_id(name) == str(uuid.uuid5(NAMESPACE, name))


def test_copied_fact_keeps_source_type_and_time(county: EngineCounty) -> None:
    """Design §4: a copy keeps source, type and time of its input; what is derived has the recorder's own."""
    copied = derived = 0
    for number in range(county.partitions):
        inbox = county.inbox(number)
        first_of: set[bytes] = set()
        for record in all_seen(county.log, EPISODES_LEDGER, number):
            offset = header(record, "ce_inboxoffset")
            source = inbox[int(offset)]
            if offset not in first_of and header(source, "ce_type") != b"kmpt.log.v1.Redriven":
                assert [header(record, n) for n in KEPT] == [header(source, n) for n in KEPT]
                copied += 1
            elif offset in first_of:
                assert header(record, "ce_source") == b"/kmpt/recorder"
                assert header(record, "ce_time") == header(record, "ce_recordedtime")
                derived += 1
            first_of.add(offset)
    assert copied > 1000
    assert derived > 50


KEPT = ("ce_source", "ce_type", "ce_time")


def test_redriven_fact_names_the_original_as_its_cause(county: EngineCounty) -> None:
    """Design §4: of a redriven fact the cause is the original's id, while offset and hash are those of the redrive."""
    redrives = [
        record
        for number in range(county.partitions)
        for record in county.inbox(number)
        if header(record, "ce_type") == b"kmpt.log.v1.Redriven"
    ]
    (redrive,) = redrives
    (fact,) = [
        record
        for topic in TOPICS
        for record in all_seen(county.log, topic, redrive.partition)
        if int(header(record, "ce_inboxoffset")) == redrive.offset
    ]

    original = county.inbox(redrive.partition)[_offset_in(redrive)]
    assert header(fact, "ce_causationid") == header(original, "ce_id") != header(redrive, "ce_id")
    assert header(fact, "inputhash") == independent_hash(redrive.key, redrive.headers, redrive.value)


def test_an_inbox_record_altered_is_seen(county: EngineCounty) -> None:
    """Design §4: the input's hash binds key, headers and value of the inbox record."""
    record = county.inbox(0)[5]
    bound = {header(one, "inputhash") for _, _, records in partitions(county) for one in records}

    assert independent_hash(record.key, record.headers, record.value) in bound
    assert independent_hash(record.key, record.headers, (record.value or b"") + b" ") not in bound
    assert independent_hash(record.key, [*record.headers, ("x", b"")], record.value) not in bound


# The content digest


def digests(folder: Path, *said: Event | Draft) -> list[bytes]:
    """Content digests of what comes of these inputs in a fresh county, in the order of the inputs."""
    county = EngineCounty(folder)
    county.start()
    for one in said:
        county.put(one)
    county.settle()
    found = {kept.inbox_offset: kept.content_digest for kept in (*county.ledger(), *county.refused())}
    county.close()
    return [found[offset] for offset in sorted(found)]


def test_digest_of_a_clear_event_is_stated_by_its_content_alone(tmp_path: Path) -> None:
    """Ruling 5: without a sealed field the digest is the SHA-256 of the canonical JSON of what was said."""
    said = moved(ADA, "2012-08-01")

    (digest,) = digests(tmp_path / "data", said)

    content = {name: said[name] for name in ("source", "type", "subject", "time", "data")}
    assert digest == sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


def test_digest_of_a_day_leaves_out_the_subject_it_has_not(tmp_path: Path) -> None:
    """Ruling 5: what has no subject is digested without one."""
    said = day("2012-08-01")

    (digest,) = digests(tmp_path / "data", said)

    content = {name: said[name] for name in ("source", "type", "time", "data")}
    assert digest == sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


def test_digest_of_a_sealed_event_is_keyed_by_its_subject(tmp_path: Path) -> None:
    """Ruling 5: with a sealed field the digest is an HMAC under a key derived from the person's, so it tells nobody."""
    said = registered(ADA, 0)
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(said)
    content = canonical({name: said[name] for name in ("source", "type", "subject", "time", "data")})
    key = county.vault.turn("test", "digest").digest_key(ADA)

    (fact,) = county.ledger()

    assert fact.content_digest == hmac.digest(key, content, "sha256") != hashlib.sha256(content).digest()
    county.close()


@pytest.mark.parametrize("said", [contact(ADA, "a", 1), registered(ADA, 0), event("Unheard", ADA, {"a": 1, "b": [2]})])
def test_digest_does_not_depend_on_the_order_of_keys(tmp_path: Path, said: Event) -> None:
    """Ruling 5: the same content with its keys in another order is the same, so it does nothing the second time."""
    shuffled = _reversed(said)

    assert list(shuffled["data"]) != list(said["data"]) or len(said["data"]) == 1
    assert len(digests(tmp_path / "data", said, shuffled)) == 1


@pytest.mark.parametrize("said", [contact(ADA, "a", 1), moved(ADA, "2012-08-01")])
def test_nulls_count_as_absent(tmp_path: Path, said: Event) -> None:
    """Ruling 14: a field that is null is a field that is not there, so the digest is the same."""
    with_null = said | {"data": said["data"] | {"sealed": None}}

    assert len(digests(tmp_path / "data", said, with_null)) == 1


def test_clear_content_carried_as_json_has_a_digest_of_its_own_kind(tmp_path: Path) -> None:
    """Ruling 5: what travels sealed as a whole is digested under the person's key, though it would fit the schema."""
    said = moved(ADA, "2012-08-01")
    county = EngineCounty(tmp_path / "data")

    plain, whole = digests(tmp_path / "other", said, _whole(county, said))

    assert plain != whole
    county.close()


def test_content_with_sealed_fields_has_one_digest_in_either_carriage(tmp_path: Path) -> None:
    """Ruling 5: the digest is over the opened content, so Avro with a part sealed and JSON sealed whole are one."""
    said = registered(ADA, 0)
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.put(said)
    county.put(_whole(county, said))
    county.put(said)  # sealed anew: another blob, the same content

    county.settle()

    assert county.types() == ["PersonRegistered"]
    assert county.codes() == []
    assert len({record.value for record in county.inbox()}) == 3
    county.close()


@pytest.mark.parametrize(
    "other",
    [
        {"source": "/kmpt/elsewhere"},
        {"time": "2012-07-02T09:30:00Z"},
        {"type": "kmpt.episodes.v1.PersonDied"},
        {"data": {"on": "2012-08-02", "accommodation": "12", "settled": "Y", "moved": True}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_source_type_time_and_data_are_the_content(tmp_path: Path, other: dict[str, Any]) -> None:
    """Ruling 5: two events with one id are the same only if source, type, time and data are."""
    said = moved(ADA, "2012-08-01")

    assert len(set(digests(tmp_path / "data", said, said | other))) == 2


def test_facts_of_one_input_share_its_digest(county: EngineCounty) -> None:
    """Ruling 5: all that follows from one input carries the digest of its content."""
    by_input: defaultdict[tuple[int, int], set[bytes]] = defaultdict(set)
    for fact in county.ledger():
        by_input[fact.partition, fact.inbox_offset].add(fact.content_digest)

    assert max(map(len, by_input.values())) == 1


def test_correlation_is_the_episode_else_the_subject(tmp_path: Path) -> None:
    """Design §4: what is about an episode is correlated by it, all else by its subject; a day by its key."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    started = episode(ADA, "a", "2012-08-01")
    county.tell(*days("2012-07-31", "2012-08-01"), registered(ADA, 0), *started)

    correlations = [fact.correlation_id for fact in county.ledger()]

    episode_id = started[0]["data"]["episode_id"]
    assert correlations == ["calendar", "calendar", ADA, episode_id, episode_id, episode_id]
    county.close()


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(inner) for name, inner in reversed(value.items())}
    return value


def _whole(county: EngineCounty, said: Event) -> Draft:
    """The event as what no schema carries travels: all of its data sealed as JSON."""
    envelope = Envelope(said["id"], said["type"], said["source"], said["subject"], said["time"])
    bound_to = associated_data(envelope.source, envelope.id, envelope.type, envelope.subject)
    made = seal(said["data"], county.public, bound_to)
    key, blob = (b64encode(part).decode() for part in (made.key, made.blob))
    value = json.dumps({"sealed": {"key_id": made.key_id, "key": key, "blob": blob}}).encode()
    return Draft(EPISODES_INBOX, 0, envelope.subject.encode(), envelope.headers(JSON), value)


def _offset_in(redrive: Record) -> int:
    return int(decode(redrive.value)[1]["offset"])
