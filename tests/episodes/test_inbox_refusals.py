"""Rulings 3 to 5, 8 and 13 to 17 at a real engine: what is refused before any rule of the county is asked."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.episodes.recorder import recorder_rules
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.memory_turns import MemoryTurns
from services.log.record import Draft
from services.vault.key_files import door_key
from services.words.calendar import DayBegan
from services.words.catalogue import OUTCOME_WORDS, RECORDER_WORDS
from services.words.keeping import Redriven, RulesAdopted
from services.words.refusals import SENTENCES, sentence
from services.words.topics import EPISODES
from tests.episodes.conftest import in_memory
from tests.episodes.retelling import said
from tests.episodes.words_said import (
    EPISODE,
    NUMBER,
    OTHER_NUMBER,
    PERSON,
    accepted,
    an_id,
    cap_reached,
    contact,
    contact_corrected,
    corrected,
    d,
    died,
    held,
    indirect,
    legacy,
    planned,
    referred,
    registered,
    rehoused,
    reviewed,
    start_confirmed,
    started,
)
from tests.memory_county import MemoryCounty

TODAY = "2012-10-01"
TAKEN = said(contact(TODAY), id=an_id("an id that was taken"))
"""An event that the county has recorded."""


@pytest.fixture
def at_work(county: MemoryCounty) -> MemoryCounty:
    """A county with one person in support since today, and one contact."""
    county.tell(said(DayBegan(date=d(TODAY))), said(registered()))
    county.tell(said(referred(TODAY)), said(accepted(TODAY)), said(started(TODAY)), TAKEN)
    assert county.refused() == []
    return county


def refused(county: MemoryCounty, *drafts: Draft) -> list[tuple[str, dict[str, str]]]:
    """What was refused of these records, and that each refusal has a whole sentence."""
    before = len(county.refused())
    for draft in drafts:
        county.log.append(draft)
    county.settle()
    found = [(kept.data["code"], kept.data["parameters"]) for kept in county.refused()[before:]]
    assert all("${" not in sentence(code, parameters) for code, parameters in found)
    assert county.alarms == []
    return found


def code_of(county: MemoryCounty, *drafts: Draft) -> str:
    """The one reason for which these records were refused."""
    (found,) = {code for code, _ in refused(county, *drafts)}
    return found


def draft_of(county: MemoryCounty, event: dict[str, Any]) -> Draft:
    """The one record of an event that has a subject."""
    (draft,) = county.draft(event)
    return draft


# Ruling 8: pairs of which the first is asked for before the rules

Change = Callable[[MemoryCounty], Draft]


def elsewhere(county: MemoryCounty, draft: Draft) -> Draft:
    """The same record in a partition where its key does not lie."""
    return draft._replace(partition=(draft.partition + 1) % county.partitions)


def unreadable(county: MemoryCounty) -> Draft:
    """A value that no schema has, in the wrong partition."""
    return elsewhere(county, draft_of(county, said(referred(TODAY)))._replace(value=b"\0\0\0\0\0"))


def misrouted(county: MemoryCounty) -> Draft:
    """An id that was taken, with other content, in the wrong partition."""
    return elsewhere(county, draft_of(county, {**TAKEN, "time": "2012-10-01T10:00:00+01:00"}))


def reused_for_unknown_type(county: MemoryCounty) -> Draft:
    """An id that was taken, under a type that nobody knows."""
    return draft_of(county, {**TAKEN, "type": "kmpt.episodes.v1.TeaServed"})


def reused_for_the_recorder_s(county: MemoryCounty) -> Draft:
    """An id that was taken, for a fact that only the recorder writes."""
    return draft_of(county, said(cap_reached(TODAY), id=TAKEN["id"]))


def reused_out_of_shape(county: MemoryCounty) -> Draft:
    """An id that was taken, with data out of shape."""
    return draft_of(county, said(contact(TODAY), id=TAKEN["id"], minutes=0))


def unknown_type(county: MemoryCounty) -> Draft:
    """A type that nobody knows, with data that are none."""
    return draft_of(county, {**said(contact(TODAY)), "type": "kmpt.episodes.v1.TeaServed", "data": 5})


def not_yours(county: MemoryCounty) -> Draft:
    """A fact that only the recorder writes, out of shape."""
    return draft_of(county, said(cap_reached(TODAY), last_day="soon"))


def unsigned_and_out_of_shape(county: MemoryCounty) -> Draft:
    """An outcome without its door's signature, out of shape."""
    return draft_of(county, said(start_confirmed(an_id("a handover"), TODAY), weekly_minutes=0))


def invalid_of_nobody(county: MemoryCounty) -> Draft:
    """Data out of shape of somebody whom nobody has registered."""
    return draft_of(county, said(contact(TODAY), of=an_id("nobody"), minutes=0))


def invalid_with_unknown_codes(county: MemoryCounty) -> Draft:
    """Minutes out of range, a place that is in no list, and a contact's id that was used."""
    return draft_of(county, said(contact(TODAY), minutes=0, place="NOWHERE"))


@pytest.mark.parametrize(
    ("made", "first"),
    [
        (unreadable, "UNREADABLE"),
        (misrouted, "MISROUTED"),
        (reused_for_unknown_type, "ID_REUSED"),
        (reused_for_the_recorder_s, "ID_REUSED"),
        (reused_out_of_shape, "ID_REUSED"),
        (unknown_type, "UNKNOWN_TYPE"),
        (not_yours, "NOT_YOURS"),
        (unsigned_and_out_of_shape, "NOT_YOURS"),
        (invalid_of_nobody, "INVALID_DATA"),
        (invalid_with_unknown_codes, "INVALID_DATA"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_r8_before_the_rules(at_work: MemoryCounty, made: Change, first: str) -> None:
    """Ruling 8: an input to which several apply is refused for the first of them."""
    assert code_of(at_work, made(at_work)) == first


# Ruling 3: repeats


@pytest.mark.parametrize("made", [unreadable, misrouted], ids=lambda made: made.__name__)
def test_r3_unreadable_and_misrouted_are_settled_by_nothing(at_work: MemoryCounty, made: Change) -> None:
    """Ruling 3: each such record is refused, also the same one again, also after a restart."""
    assert len(refused(at_work, made(at_work), made(at_work))) == 2
    at_work.start()
    assert len(refused(at_work, made(at_work))) == 1


def test_r3_the_same_refused_content_does_nothing(at_work: MemoryCounty) -> None:
    """Ruling 3: what was refused once is not refused again; mended content under its id is decided anew."""
    wrong, mended = (said(contact(TODAY, an_id("c")), id=an_id("e"), minutes=minutes) for minutes in (0, 30))
    assert refused(at_work, *at_work.draft(wrong)) != []
    assert refused(at_work, *at_work.draft(wrong)) == []
    facts = len(at_work.ledger())
    assert refused(at_work, *at_work.draft(mended)) == []
    assert len(at_work.ledger()) == facts + 1
    assert refused(at_work, *at_work.draft(wrong)) == [], "also refused contents are the same again (ruling 3)"
    other = said(contact(TODAY, an_id("c")), id=an_id("e"), minutes=45)
    assert code_of(at_work, *at_work.draft(other)) == "ID_REUSED"


def test_r5_the_order_of_keys_does_not_matter(at_work: MemoryCounty) -> None:
    """Ruling 5: the same JSON values in another order, and with nulls, are the same content."""
    data = dict(reversed([*TAKEN["data"].items(), ("nothing", None)]))
    facts = len(at_work.ledger())
    assert refused(at_work, *at_work.draft({**TAKEN, "data": data})) == []
    assert len(at_work.ledger()) == facts


@pytest.mark.parametrize("changed", [{"source": "/kmpt/other"}, {"time": "2012-10-01T09:30:01+01:00"}])
def test_r5_source_and_time_are_content(at_work: MemoryCounty, changed: dict[str, str]) -> None:
    """Ruling 5: the same data from another source, or said at another time, are other content."""
    assert code_of(at_work, *at_work.draft({**TAKEN, **changed})) == "ID_REUSED"


def test_r9_ids_are_remembered_per_subject(at_work: MemoryCounty) -> None:
    """Ruling 9: another person's event may have the same id."""
    other = an_id("another person")
    assert refused(at_work, *at_work.draft(said(registered(OTHER_NUMBER), id=TAKEN["id"], of=other))) == []


# Ruling 13: who may say what


@pytest.mark.parametrize("name", sorted(RECORDER_WORDS))
def test_r13_teams_never_say_what_the_recorder_says(at_work: MemoryCounty, name: str) -> None:
    """Ruling 13: facts of the recorder are NOT_YOURS, whatever stands in them."""
    event = {**said(contact(TODAY)), "type": name, "data": {}, "id": an_id(name)}
    assert code_of(at_work, *at_work.draft(event)) == "NOT_YOURS"


@pytest.mark.parametrize("name", [*sorted(OUTCOME_WORDS), Redriven.TYPE, RulesAdopted.TYPE])
def test_r13_system_words_need_their_door(at_work: MemoryCounty, name: str) -> None:
    """Ruling 13: a system word without its door's signature, or with another door's, is NOT_YOURS."""
    event = {**said(contact(TODAY)), "type": name, "data": {}, "id": an_id(name)}
    draft = draft_of(at_work, event)
    assert code_of(at_work, draft) == "NOT_YOURS"
    foreign = signed(draft_of(at_work, {**event, "id": an_id("f")}), "ticker", door_key(at_work.folder, "ticker"))
    assert code_of(at_work, foreign) == "NOT_YOURS"


def test_r13_days_need_the_ticker(at_work: MemoryCounty) -> None:
    """Ruling 13: a day that is not signed is refused in every partition, and nothing happens on it."""
    day = said(DayBegan(date=d("2013-01-01")))
    drafts = [draft._replace(headers=draft.headers[:-1]) for draft in at_work.draft(day)]
    assert [code for code, _ in refused(at_work, *drafts)] == ["NOT_YOURS"] * at_work.partitions
    assert {engine.memory.state.today for engine in at_work.engines} == {d(TODAY)}


@pytest.mark.parametrize("subject", ["the county", PERSON, "calendar", "", None])
def test_r4_a_day_has_no_subject(at_work: MemoryCounty, subject: str | None) -> None:
    """Ruling 4: a feed needs no subject for a day, so whatever stands there instead sends no day astray."""
    day = {**said(DayBegan(date=d("2012-10-02"))), "subject": subject}
    assert refused(at_work, *at_work.draft(day)) == []
    assert {engine.memory.state.today for engine in at_work.engines} == {d("2012-10-02")}
    wrong = {**day, "id": an_id("a wrong day"), "data": {"date": 5}}
    assert code_of(at_work, *at_work.draft(wrong)) == "INVALID_DATA"


@pytest.mark.parametrize(("source", "time"), [("nobody we know", "yesterday"), ("\u202e/tpmk", "0000"), ("", "")])
def test_r13_source_and_time_are_not_judged(at_work: MemoryCounty, source: str, time: str) -> None:
    """Ruling 13: where and when it was said is provenance, and kept as it came."""
    event = {**said(indirect(TODAY)), "source": source, "time": time}
    assert refused(at_work, *at_work.draft(event)) == []
    (kept,) = [kept for kept in at_work.ledger() if kept.causation_id == event["id"]]
    assert (kept.source, kept.time) == (source, time)


# Rulings 14 to 17: shape and range

LONG = "x" * 4001
SHAPES: list[tuple[str, dict[str, Any], str, str]] = [
    # what is said, with which data, the field that is named, what is wrong with it
    ("contact", {"minutes": 0}, "minutes", "TOO_SMALL"),
    ("contact", {"minutes": -30}, "minutes", "TOO_SMALL"),
    ("contact", {"minutes": 1441}, "minutes", "TOO_LARGE"),
    ("contact", {"minutes": 10**30}, "minutes", "TOO_LARGE"),
    ("contact", {"minutes": "30"}, "minutes", "NOT_WHOLE"),
    ("contact", {"minutes": 30.5}, "minutes", "NOT_WHOLE"),
    ("contact", {"minutes": 30.0}, "data", "NEEDLESSLY_SEALED"),  # canonical JSON has no 30.0, only 30
    ("contact", {"minutes": True}, "minutes", "NOT_WHOLE"),
    ("contact", {"minutes": [30]}, "minutes", "NOT_WHOLE"),
    ("planned", {"weekly_minutes": 0}, "weekly_minutes", "TOO_SMALL"),
    ("planned", {"weekly_minutes": 10081}, "weekly_minutes", "TOO_LARGE"),
    ("planned", {"activities": []}, "activities", "EMPTY"),
    ("planned", {"activities": ["PLANNING_MEETING"] * 101}, "activities", "TOO_LONG"),
    ("planned", {"activities": "PLANNING_MEETING"}, "activities", "NOT_A_LIST"),
    ("planned", {"activities": [5]}, "activities", "NOT_TEXT"),
    ("planned", {"activities": [""]}, "activities", "EMPTY"),
    ("planned", {"on": "2012-10-1"}, "on", "NOT_A_DAY"),
    ("planned", {"on": "2012-02-30"}, "on", "NOT_A_DAY"),
    ("planned", {"on": "20121001"}, "on", "NOT_A_DAY"),
    ("planned", {"on": "2012-W40-1"}, "on", "NOT_A_DAY"),
    ("planned", {"on": "2012-10-01 "}, "on", "NOT_A_DAY"),
    ("planned", {"on": "2012-10-01T00:00:00Z"}, "on", "NOT_A_DAY"),
    ("planned", {"on": 20121001}, "on", "NOT_A_DAY"),
    ("planned", {"on": ""}, "on", "NOT_A_DAY"),
    ("planned", {"episode_id": EPISODE.upper()}, "episode_id", "NOT_AN_ID"),
    ("planned", {"episode_id": EPISODE.replace("-", "")}, "episode_id", "NOT_AN_ID"),
    ("planned", {"episode_id": EPISODE + "\n"}, "episode_id", "NOT_AN_ID"),
    ("planned", {"episode_id": 5}, "episode_id", "NOT_TEXT"),
    ("planned", {"surprise": "x"}, "data", "UNKNOWN_FIELD"),
    ("contact", {"started_at": "2012-10-01T10:00Z"}, "started_at", "NOT_A_DAY"),
    ("contact", {"started_at": "2012-10-01T10:00:00"}, "started_at", "NOT_A_DAY"),
    ("contact", {"started_at": "2012-10-01 10:00:00Z"}, "started_at", "NOT_A_DAY"),
    ("contact", {"started_at": "2012-10-01T10:00:60Z"}, "started_at", "NOT_A_DAY"),
    ("contact", {"started_at": "2012-10-01T24:00:00Z"}, "started_at", "NOT_A_DAY"),
    ("contact", {"started_at": f"2012-10-01T10:00:00.{'0' * 4000}Z"}, "started_at", "TOO_LONG"),
    ("contact", {"place": ""}, "place", "EMPTY"),
    ("contact", {"place": LONG}, "place", "TOO_LONG"),
    ("contact", {"place": 5}, "place", "NOT_TEXT"),
    ("rehoused", {"moved": "true"}, "moved", "NOT_YES_OR_NO"),
    ("rehoused", {"moved": 1}, "moved", "NOT_YES_OR_NO"),
    ("held", {"reason": ""}, "reason", "EMPTY"),
    ("held", {"reason": LONG}, "reason", "TOO_LONG"),
    ("contact_corrected", {"reason": None}, "reason", "MISSING"),
    ("contact_corrected", {"minutes": None}, "minutes", "MISSING"),  # ruling 17: it corrects nothing
    ("contact_corrected", {"minutes": None, "attendance": None}, "minutes", "MISSING"),
    ("reviewed", {"outcome": "LONG_TERM_SUPPORT"}, "weekly_minutes", "MISSING"),
    ("reviewed", {"outcome": "LONG_TERM_SUPPORT", "weekly_minutes": 60}, "needs", "MISSING"),
    ("reviewed", {"outcome": "LONG_TERM_SUPPORT", "weekly_minutes": 60, "needs": ["BASIC_SKILLS"]}, "risk", "MISSING"),
    ("registered", {"details": None}, "details", "MISSING"),
    ("registered", {"details": {}}, "details.address_lines", "MISSING"),
    ("registered", {"birth_year": 1970}, "birth_year", "FILLED_BY_HOST"),
    ("registered", {"sealed": {"key_id": "x", "key": "x", "blob": "x"}}, "sealed", "FILLED_BY_HOST"),
    ("corrected", {"reason": None}, "reason", "MISSING"),
]
WORDS = {
    "contact": contact(TODAY, an_id("c")),
    "planned": planned(TODAY),
    "rehoused": rehoused(TODAY),
    "held": held(TODAY),
    "contact_corrected": contact_corrected(),
    "reviewed": reviewed(TODAY),
    "registered": registered(NUMBER),
    "corrected": corrected(NUMBER),
}


@pytest.mark.parametrize(("name", "data", "field", "problem"), SHAPES)
def test_r14_to_r17_data_out_of_shape(
    at_work: MemoryCounty, name: str, data: dict[str, Any], field: str, problem: str
) -> None:
    """Rulings 14 to 17: shape and range are judged; the refusal names the field and what is wrong, never a value."""
    ((code, parameters),) = refused(at_work, *at_work.draft(said(WORDS[name], **data)))
    assert code == "INVALID_DATA"
    assert (parameters["field"], parameters["problem"]) == (field, problem)
    assert not set(parameters) - {"field", "problem", "limit"}


@pytest.mark.parametrize(("name", "data"), [("contact", {"minutes": None}), ("registered", {"district": None})])
def test_r14_null_is_no_value(at_work: MemoryCounty, name: str, data: dict[str, Any]) -> None:
    """Ruling 14: null in a field that must be there is as if it were not."""
    assert code_of(at_work, *at_work.draft(said(WORDS[name], **data))) == "INVALID_DATA"


@pytest.mark.parametrize("data", [None, 5, "text", [], True, 1.5])
def test_r14_data_that_are_no_object(at_work: MemoryCounty, data: object) -> None:
    """Data that are not an object travel sealed, and are refused."""
    event = {**said(contact(TODAY)), "data": data}
    assert refused(at_work, *at_work.draft(event)) == [("INVALID_DATA", {"field": "data", "problem": "NOT_AN_OBJECT"})]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("contact", {"minutes": 1}),
        ("contact", {"minutes": 1440}),
        ("contact", {"started_at": "2012-10-01T10:00:00.123456789+01:00"}),
        ("planned", {"weekly_minutes": 10080}),
        ("planned", {"activities": ["PLANNING_MEETING"] * 100}),
        ("held", {"reason": "x" * 4000}),
        ("held", {"reason": "\u202eright to left\0 and \U0001f600"}),
        ("held", {"reason": None, "surprise": None}),
    ],
)
def test_r14_to_r17_the_last_that_is_taken(at_work: MemoryCounty, name: str, data: dict[str, Any]) -> None:
    """Rulings 14 to 17: what lies just within a limit is recorded; null counts as absent."""
    assert refused(at_work, *at_work.draft(said(WORDS[name], **data))) == []


@pytest.mark.parametrize(
    ("word", "data", "code"),
    [
        (contact(TODAY, an_id("c")), {"attendance": "9"}, "UNKNOWN_CODE"),
        (contact(TODAY, an_id("c")), {"attendance": 5}, "INVALID_DATA"),
        (contact(TODAY, an_id("c")), {"activities": ["PLANNING_MEETING", "TEA"]}, "UNKNOWN_CODE"),
        (legacy("2008-01-01"), {"team": "tea"}, "UNKNOWN_TEAM"),
        (legacy("2008-01-01"), {"team": ""}, "INVALID_DATA"),
        (reviewed(TODAY), {"needs": ["TEA"]}, "UNKNOWN_CODE"),
        (reviewed(TODAY), {"needs": []}, "INVALID_DATA"),
    ],
)
def test_r15_shape_before_lists(at_work: MemoryCounty, word: Any, data: dict[str, Any], code: str) -> None:
    """Ruling 15: a well-shaped value outside its list is UNKNOWN_CODE, or UNKNOWN_TEAM for a team."""
    assert code_of(at_work, *at_work.draft(said(word, **data))) == code


@pytest.mark.parametrize("subject", ["somebody", PERSON.upper(), "9990000018", "calendar", ""])
def test_r16_a_subject_is_an_id(at_work: MemoryCounty, subject: str) -> None:
    """A subject that is no UUID names nobody, and is not refused twice when it comes again (ruling 3)."""
    event = said(died(TODAY), of=subject)
    assert code_of(at_work, *at_work.draft(event)) == "INVALID_DATA"
    assert refused(at_work, *at_work.draft(event)) == []


def test_r14_a_value_over_256_kib(at_work: MemoryCounty) -> None:
    """Ruling 14: such a record is kept in the inbox and refused UNREADABLE, with a sentence."""
    draft = draft_of(at_work, said(contact(TODAY)))._replace(value=bytes(256 * 1024 + 1))
    assert refused(at_work, draft) == [("UNREADABLE", {"problem": "it is larger than 256 KiB"})]


def test_r8_an_erased_person(county: MemoryCounty) -> None:
    """Nothing more is recorded of a person whose key was destroyed."""
    county.tell(said(DayBegan(date=d(TODAY))), said(registered()))
    with sqlite3.connect(county.folder / "vault" / "vault.sqlite") as db:
        db.execute("UPDATE person_key SET wrapped = NULL, destroyed_at = 'now' WHERE person_id = ?", (PERSON,))
    db.close()
    county.vault.forget(PERSON)
    county.start()
    assert code_of(county, *county.draft(said(referred(TODAY)))) == "PERSON_ERASED"
    assert code_of(county, *county.draft(said(corrected()))) == "PERSON_ERASED"


# CANNOT_DECIDE


@pytest.fixture
def county_with_a_mistake() -> Iterator[MemoryCounty]:
    """A county whose rules have a mistake: they divide by the number of the person's other names."""

    def mistaken(told: Any, state: Any) -> Any:
        if told.subject == PERSON:
            raise ZeroDivisionError
        return rules.decide(told, state)

    with in_memory() as folder:
        county = MemoryCounty(folder, 1)
        rules = recorder_rules(synthetic=True)
        keys = {"ticker": [door_key(folder, "ticker")]}
        desk = Desk(replace(rules, decide=mistaken), 1, keys, county.alarms.append)
        county.start()
        county.engines = [
            Engine(desk, EPISODES, 0, MemoryTurns(county.log, EPISODES, 0, None), county.vault, lambda _: None)
        ]
        yield county


async def _started(county: MemoryCounty) -> None:
    for engine in county.engines:
        await engine.start()


def test_a_mistake_in_a_rule_stops_nobody(county_with_a_mistake: MemoryCounty) -> None:
    """What the rules fail on is refused CANNOT_DECIDE with an alarm, and the next input is decided."""
    county = county_with_a_mistake
    asyncio.run(_started(county))
    other = an_id("another person")
    county.tell(said(DayBegan(date=d(TODAY))), said(registered()), said(registered(OTHER_NUMBER), of=other))
    assert [kept.data["code"] for kept in county.refused()] == ["CANNOT_DECIDE"]
    assert [kept.key for kept in county.ledger()] == ["calendar", other]
    (alarm,) = county.alarms
    assert "ZeroDivisionError" in alarm
    assert NUMBER not in alarm


def test_s7_every_code_has_a_sentence() -> None:
    """Each of the 27 codes of design section 7 has its sentence."""
    codes = (
        *("UNREADABLE", "MISROUTED", "CANNOT_DECIDE", "UNKNOWN_TYPE", "INVALID_DATA"),
        *("NOT_YOURS", "ID_REUSED", "UNKNOWN_PERSON", "PERSON_ERASED", "DUPLICATE_PERSON"),
        *("INVALID_NHS_NUMBER", "PERSON_DIED", "UNKNOWN_TEAM", "UNKNOWN_CODE", "UNKNOWN_EPISODE"),
        *("UNKNOWN_CONTACT", "EPISODE_EXISTS", "EPISODE_NOT_OPEN", "WRONG_PHASE", "STR_ALREADY_OPEN"),
        *("STR_BEFORE_2003", "CSS_CLOSED", "BEFORE_START", "AFTER_CAP", "AFTER_END"),
        *("IN_THE_FUTURE", "HANDOVER_OPEN"),
    )
    assert len(codes) == 27
    assert set(codes) <= set(SENTENCES)
