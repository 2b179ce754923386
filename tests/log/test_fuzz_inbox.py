"""Whatever strangers put into an inbox: each record is recorded, refused or a repeat, and the engine goes on."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.episodes.recorder import recorder_rules
from services.episodes.request import handover_id_of
from services.log.codec import encode_data
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.memory import MemoryRecord
from services.log.memory_turns import MemoryTurns
from services.log.partition import partition_of
from services.log.record import Draft, Record
from services.log.schemas import released_ids
from services.vault.key_files import door_key, door_keys
from services.words import envelope as named
from services.words.calendar import DayBegan
from services.words.catalogue import EVERY_WORD, TEAM_WORDS
from services.words.keeping import Redriven, RulesAdopted
from services.words.refusals import sentence
from services.words.topics import EPISODES, EPISODES_INBOX
from services.words.word import Word
from tests.episodes import words_said as say
from tests.episodes.retelling import said
from tests.memory_county import DOORS, MemoryCounty

TODAY = "2012-10-01"
PARTITIONS = 2
NULL = b"\0a header that is null\0"
"""Stands for a header without content, which a log takes from strangers and no draft of ours has."""
ODD_TEXTS = st.sampled_from(
    ["", "\0", "\u202eidnes", "\U0001f600" * 3, "x" * 5000, "../../etc/passwd", "'; DROP TABLE person_key; --", "{}"]
)
FIRST_OF_ALL = "0001-01-01"
"""The calendar's first day, which has no day before it."""
USUAL_TEXTS = st.sampled_from([say.PERSON, say.EPISODE, TODAY, "2112-10-01", FIRST_OF_ALL, "9999-12-31", "5"])
TEXTS = st.text(max_size=30) | ODD_TEXTS | USUAL_TEXTS
NUMBERS = st.integers() | st.sampled_from([0, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 10**400])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
BYTES = st.binary(max_size=60) | st.sampled_from(
    [b"", b"\0", b"\xff\xfe", b"{" * 5000, b"[" * 100_000, b"\0" * 300_000]
)
HEADER_NAMES = st.sampled_from(
    [
        *(named.SPECVERSION, named.ID, named.TYPE, named.SOURCE, named.SUBJECT, named.TIME, named.CONTENT_TYPE),
        *(named.DOOR_SIGNATURE, named.INBOX_OFFSET, named.PREVIOUS_HASH),
    ]
)
BEGINNING = (say.registered(), say.referred(TODAY), say.accepted(TODAY), say.started(TODAY), say.contact(TODAY))


class WithNulls(MemoryTurns):
    """The port in memory, which also hands out headers that are null, as a broker does."""

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next records of the inbox."""
        return [_nulled(record) for record in await super().read(at_most, wait)]

    async def inbox_record(self, offset: int) -> Record | None:
        """One record of the inbox."""
        found = await super().inbox_record(offset)
        return None if found is None else _nulled(found)


def _nulled(record: Record) -> Record:
    headers = [(name, cast(bytes, None) if content == NULL else content) for name, content in record.headers]
    return MemoryRecord(
        record.topic, record.partition, record.offset, record.timestamp, record.key, headers, record.value
    )


@contextmanager
def a_county() -> Iterator[MemoryCounty]:
    """A county with a person in support, for whom a handover was asked."""
    place = Path("/dev/shm")  # noqa: S108  # a fresh folder in it, removed at once
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as folder:
        county = MemoryCounty(Path(folder), PARTITIONS)
        start(county)
        county.tell(said(DayBegan(date=say.d(TODAY))), *(said(word) for word in BEGINNING))
        county.tell(said(say.reviewed(TODAY, "LONG_TERM_SUPPORT")))
        assert county.refused() == []
        yield county


def start(county: MemoryCounty) -> None:
    """Start the engines, or start them again."""
    keys = {door: door_keys(county.folder, door) for door in DOORS}
    desk = Desk(recorder_rules(synthetic=True), PARTITIONS, keys, county.alarms.append)
    county.engines = [
        Engine(desk, EPISODES, n, WithNulls(county.log, EPISODES, n, None), county.vault, lambda _: None)
        for n in range(PARTITIONS)
    ]
    for engine in county.engines:
        asyncio.run(engine.start())


def survives(county: MemoryCounty, drafts: Sequence[Draft]) -> None:
    """Each record is recorded, refused or a repeat, nothing raises an alarm, and the next event is recorded."""
    for draft in drafts:
        county.log.append(draft)
    county.settle()
    _in_balance(county)
    county.tell(said(say.rehoused(TODAY), id=say.an_id("and then")), said(DayBegan(date=say.d("2012-10-02"))))
    assert {engine.memory.state.today for engine in county.engines} == {say.d("2012-10-02")}
    assert any(kept.causation_id == say.an_id("and then") for kept in county.ledger())
    written = county.raw()
    start(county)
    county.settle()
    assert county.raw() == written, "a rebuilt engine has nothing to add"


def _in_balance(county: MemoryCounty) -> None:
    inbox = sum(len(county.log.seen((EPISODES_INBOX, n), 0, 10**9)[0]) for n in range(PARTITIONS))
    counts = [engine.counts for engine in county.engines]
    assert sum(c.recorded + c.refused + c.repeated for c in counts) == inbox
    refused = county.refused()
    assert sum(c.refused for c in counts) == len(refused)
    assert county.alarms == []
    for kept in refused:
        assert kept.data["code"] != "CANNOT_DECIDE"
        assert "${" not in sentence(kept.data["code"], kept.data["parameters"])


def settled_draft(draft: Draft, subject: str) -> Draft:
    """The draft where the key of this subject lies."""
    return draft._replace(key=subject.encode(), partition=partition_of(subject.encode(), PARTITIONS))


# Strangers' bytes


@st.composite
def strange_drafts(draw: st.DrawFn) -> Draft:
    """Any key, any headers (twice, null, out of order, not text), any value, anywhere."""
    headers = draw(st.lists(st.tuples(HEADER_NAMES | TEXTS, BYTES | st.just(NULL)), max_size=10))
    key = draw(st.none() | BYTES | st.sampled_from([b"calendar", say.PERSON.encode()]))
    return Draft(EPISODES_INBOX, draw(st.integers(0, PARTITIONS - 1)), key, headers, draw(st.none() | BYTES))


@settings(max_examples=20)
@given(st.lists(strange_drafts(), min_size=1, max_size=8))
def test_strangers_bytes(drafts: list[Draft]) -> None:
    """Bytes that are no event at all are refused UNREADABLE, each of them."""
    with a_county() as county:
        survives(county, drafts)
        assert len(county.refused()) == len(drafts)


@st.composite
def spoilt(draw: st.DrawFn, draft: Draft) -> Draft:
    """A good record with one thing about it spoilt."""
    value, headers = bytearray(draft.value or b""), list(draft.headers)
    at = draw(st.integers(0, len(headers) - 1))
    match draw(st.integers(0, 7)):
        case 0:
            value[draw(st.integers(0, len(value) - 1))] = draw(st.integers(0, 255))
        case 1:
            del value[draw(st.integers(0, len(value) - 1)) :]
        case 2:
            value += draw(BYTES)
        case 3:
            value[1:5] = draw(st.sampled_from(sorted(released_ids().values()))).to_bytes(4, "big")
        case 4:
            headers[at] = (headers[at][0], draw(BYTES | st.just(NULL) | TEXTS.map(str.encode)))
        case 5:
            headers.insert(at, draw(st.tuples(HEADER_NAMES, TEXTS.map(str.encode))))
        case 6:
            del headers[at]
        case _:
            return draft._replace(key=draw(st.none() | BYTES), partition=draw(st.integers(0, PARTITIONS - 1)))
    return draft._replace(value=bytes(value), headers=headers)


@settings(max_examples=20)
@given(st.data())
def test_good_records_spoilt(data: st.DataObject) -> None:
    """A good event of which a byte, a header or the place was changed on the way is recorded, refused or a repeat."""
    with a_county() as county:
        good = [draft for word in (*BEGINNING, say.corrected(), say.held(TODAY)) for draft in county.draft(said(word))]
        good += county.draft(said(DayBegan(date=say.d(TODAY))))
        drawn = st.sampled_from(good).flatmap(spoilt)
        survives(county, data.draw(st.lists(drawn, min_size=1, max_size=8)))


# Events of any content


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(sorted(EVERY_WORD)) | TEXTS, JSON), min_size=1, max_size=6))
def test_any_data_under_any_type(contents: list[tuple[str, Any]]) -> None:
    """`sis emit` judges nothing: any JSON under any type arrives, and is refused there (ruling 4)."""
    events = [
        {**said(say.died(TODAY)), "type": name, "data": data, "id": f"id {number}"}
        for number, (name, data) in enumerate(contents)
    ]
    with a_county() as county:
        drafts = [settled_draft(draft, say.PERSON) for event in events for draft in county.draft(event)]
        survives(county, drafts)


TEAM_EVENTS = (
    *BEGINNING,
    *(say.corrected(), say.reviewed(TODAY, "LONG_TERM_SUPPORT"), say.held(TODAY), say.planned(TODAY)),
    say.rehoused(TODAY),
    *(say.contact_corrected(), say.in_error(), say.legacy("2008-01-01"), say.exempted(TODAY), say.died(TODAY)),
)


@settings(max_examples=20)
@given(st.data())
def test_team_s_words_with_any_values(data: st.DataObject) -> None:
    """A team's word with one or two of its values replaced by anything."""
    events = []
    for number in range(data.draw(st.integers(1, 6))):
        event = said(data.draw(st.sampled_from(TEAM_EVENTS)), id=f"id {number}")
        names = data.draw(st.lists(st.sampled_from(sorted(event["data"])) | TEXTS, max_size=2))
        events.append({**event, "data": {**event["data"], **{name: data.draw(JSON) for name in names}}})
    with a_county() as county:
        survives(county, [draft for event in events for draft in county.draft(event)])


@settings(max_examples=20)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=5))
def test_any_envelope(envelopes: list[tuple[str, str, str, str]]) -> None:
    """Ids, sources, subjects and times of any text: empty, right to left, with nulls in them, very long."""
    with a_county() as county:
        drafts = [
            draft
            for id_text, source, subject, time in envelopes
            for word in (say.died(TODAY), say.held(TODAY))
            for draft in county.draft({**said(word), "id": id_text, "source": source, "subject": subject, "time": time})
        ]
        survives(county, drafts)


# Doors


SIGNED: dict[str, str] = {DayBegan.TYPE: "ticker", Redriven.TYPE: "redrive"}


@settings(max_examples=20)
@given(st.data())
def test_a_door_s_words_with_any_values(data: st.DataObject) -> None:
    """Days of any year, redrives of any place, outcomes of any handover: signed, and out of place."""
    with a_county() as county:
        drafts = []
        for number in range(data.draw(st.integers(1, 6))):
            word, fields = data.draw(_door_words())
            event = {**said(word, id=f"id {number}"), "data": fields}
            door = SIGNED.get(word.TYPE, "outcomes")
            for draft in county.draft(event):
                if word.TYPE != DayBegan.TYPE:
                    draft = signed(draft, door, door_key(county.folder, door))
                drafts.append(draft)
        survives(county, drafts)


@st.composite
def _door_words(draw: st.DrawFn) -> tuple[Word, Any]:
    days = st.sampled_from(["2112-10-01", "0001-01-01", "9999-12-31", "2012-13-01", "2012-09-30"]) | JSON
    handovers = st.sampled_from([handover_id_of(say.EPISODE), say.an_id("an unknown handover")])
    match draw(st.integers(0, 3)):
        case 0:
            return DayBegan(date=say.d(TODAY)), {"date": draw(days)}
        case 1:
            return Redriven(offset=0), {"offset": draw(st.integers(-3, 12) | NUMBERS | JSON)}
        case 2:
            word = say.start_confirmed(draw(handovers), "2012-10-20", draw(st.sampled_from([say.EPISODE, say.SECOND])))
        case _:
            word = say.support_ended(draw(handovers), "2012-10-20")
    fields = word.model_dump(mode="json")
    if draw(st.booleans()):
        # Ruling 67: a start lies after its request, so what the outcomes door signs never has the first day of all.
        fields[draw(st.sampled_from(sorted(fields)))] = draw(JSON.filter(lambda value: value != FIRST_OF_ALL))
    return word, fields


@pytest.mark.parametrize("offset", [-1, -(2**63), 0, 1, 10**6, 2**63 - 1])
@pytest.mark.parametrize("sign", [False, True])
def test_a_redrive_of_any_place(offset: int, sign: bool) -> None:
    """A redrive of what never was, of itself, or of what lies ahead, signed or not, stops nobody."""
    with a_county() as county:
        (draft,) = county.draft(said(Redriven(offset=0), offset=offset))
        if sign:
            draft = signed(draft, "redrive", door_key(county.folder, "redrive"))
        survives(county, [draft])


@pytest.mark.parametrize("release", ["2", "", "x" * 5000])
def test_rules_that_nobody_signed(release: str) -> None:
    """A release named without the stack's signature is refused, and stops nobody."""
    word = RulesAdopted(release="1")
    value = encode_data(RulesAdopted.TYPE, {"release": release}, None)
    headers = [(name, content) for name, content in _headers(word) if name != named.SUBJECT]
    with a_county() as county:
        survives(county, [Draft(EPISODES_INBOX, n, b"calendar", headers, value) for n in range(PARTITIONS)])
        assert {kept.data["code"] for kept in county.refused()} == {"NOT_YOURS"}


def _headers(word: Word) -> list[tuple[str, bytes]]:
    return named.Envelope("an id", word.TYPE, "/nobody", "", "2012-10-01T00:00:00Z").headers()


def test_the_largest_values() -> None:
    """A value just within 256 KiB is judged; one over it is UNREADABLE, though the inbox keeps it."""
    with a_county() as county:
        long = [said(say.held(TODAY), id=f"id {n}", reason="x" * n) for n in (260_000, 300 * 1024, 3_000_000)]
        survives(county, [draft for event in long for draft in county.draft(event)])
        assert [kept.data["code"] for kept in county.refused()] == ["INVALID_DATA", "UNREADABLE", "UNREADABLE"]


def test_every_word_of_a_team_is_fuzzed() -> None:
    """What the tests above vary are words of teams, and sealed ones are among them."""
    assert {word.TYPE for word in TEAM_EVENTS} <= set(TEAM_WORDS)
    assert any(word.SEALED for word in TEAM_EVENTS)
