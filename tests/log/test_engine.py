from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any, Literal, cast

import pytest

from services.episodes.recording import County, decide, evolve
from services.log.chain import record_hash
from services.log.codec import encode
from services.log.memory import MemoryRecord
from services.log.memory_turns import MemoryTurns
from services.log.posting import posted
from services.log.record import Draft, Record
from services.log.rules import Rules, UnknownRelease
from services.log.sealing import PublicKey
from services.vault.vault import Vault
from services.words.deciding import Decision, Fact, Input
from services.words.envelope import Envelope
from services.words.keeping import Refused
from services.words.people import AccommodationChanged, PersonDied
from services.words.recorded import Dossier, DossierChanged
from services.words.topics import EPISODES, EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED
from services.words.word import Word
from tests.log.engine_county import (
    RULES,
    EngineCounty,
    adopted,
    an_id,
    contact,
    day,
    days,
    decided_anew,
    details,
    died,
    episode,
    moved,
    person,
    redriven,
    registered,
    start_and_decide_all,
)

ADA, BEN = person("ada"), person("ben")
SECRET = "a word that nobody may read"  # no password: what an alarm must not say


@pytest.fixture
def county(tmp_path: Path) -> Iterable[EngineCounty]:
    """A county in August 2012 in which one person is registered."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(adopted(), *days("2012-08-01", "2012-08-04"), registered(ADA, 0))
    yield county
    county.close()


# One bad event never stops a partition


def _decide_stumbles(told: Input[Word], state: County) -> Decision:
    if isinstance(told.word, AccommodationChanged) and told.word.on == date(2012, 8, 2):
        raise KeyError(SECRET)
    return decide(told, state)


def _evolve_stumbles(state: County, fact: Fact) -> County:
    if isinstance(fact.word, AccommodationChanged) and fact.word.on == date(2012, 8, 2):
        raise RecursionError(SECRET)
    return evolve(state, fact)


STUMBLING: list[Rules[County]] = [replace(RULES, decide=_decide_stumbles), replace(RULES, evolve=_evolve_stumbles)]
stumbling = pytest.mark.parametrize("rules", STUMBLING, ids=["decide", "evolve"])


@stumbling
def test_mistake_in_a_rule_refuses_one_event_and_the_partition_goes_on(
    county: EngineCounty, rules: Rules[County]
) -> None:
    """Design §4: what a rule cannot decide is CANNOT_DECIDE, one alarm rings, and the next event is decided."""
    county.rules = rules
    county.start()

    county.tell(moved(ADA, "2012-08-02"), moved(ADA, "2012-08-03"), moved(ADA, "2012-08-02"))

    assert county.codes() == ["CANNOT_DECIDE"]
    assert [fact.data["on"] for fact in county.ledger() if "on" in fact.data] == ["2012-08-03"]
    assert len(county.alarms) == 1


@stumbling
def test_alarm_says_where_and_nothing_of_what(county: EngineCounty, rules: Rules[County]) -> None:
    """Design §4: the alarm names offset, partition and the place in the program, never a word of the event."""
    county.rules = rules
    county.start()

    offset = county.put(moved(ADA, "2012-08-02"))
    county.settle()

    (alarm,) = county.alarms
    assert f"input {offset} of partition 0" in alarm
    assert "stumbles" in alarm
    assert SECRET not in alarm
    assert ADA not in alarm
    assert "2012-08-02" not in alarm
    assert SECRET not in str(county.raw())


@stumbling
@pytest.mark.parametrize("restarted", [False, True])
def test_what_could_not_be_decided_is_redriven_after_a_mend(
    county: EngineCounty, rules: Rules[County], restarted: bool
) -> None:
    """Design §4: with the rule mended, a redrive records the event; said again it still does nothing."""
    county.rules = rules
    county.start()
    offset = county.put(moved(ADA, "2012-08-02"))
    county.settle()
    if restarted:
        county.start()
        county.settle()
    county.rules = RULES
    county.start()

    county.tell(moved(ADA, "2012-08-02"))
    before = county.types()
    county.tell(redriven(ADA, offset))

    assert "AccommodationChanged" not in before
    assert (county.types()[-1], county.codes()) == ("AccommodationChanged", ["CANNOT_DECIDE"])


def test_half_decided_event_leaves_nothing(county: EngineCounty) -> None:
    """Design §4: if the second fact of an event cannot be folded, the first is not written either."""
    started = episode(ADA, "a", "2012-08-01")
    county.tell(*started)

    def stumbles(state: County, fact: Fact) -> County:
        if fact.word.TYPE.endswith("EpisodeEnded"):
            raise ValueError(SECRET)
        return evolve(state, fact)

    county.rules = replace(RULES, evolve=stumbles)
    county.start()
    county.tell(died(ADA, "2012-08-03"), moved(ADA, "2012-08-04"))

    assert county.codes() == ["CANNOT_DECIDE"]
    assert county.types()[-1] == "AccommodationChanged"
    assert "PersonDied" not in county.types()


def test_day_that_could_not_be_decided_is_redriven_after_a_mend(county: EngineCounty) -> None:
    """Design §4: a mistake that strikes a whole day can be mended like any other: the day is not lost."""

    def stumbles(told: Input[Word], state: County) -> Decision:
        if told.word.TYPE.endswith("DayBegan"):
            raise ZeroDivisionError
        return decide(told, state)

    county.rules = replace(RULES, decide=stumbles)
    county.start()
    offset = county.put(day("2012-08-05"))
    county.settle()
    county.rules = RULES
    county.start()
    county.tell(redriven("", offset))

    assert county.codes() == ["CANNOT_DECIDE"]
    assert county.engines[0].memory.state.today == date(2012, 8, 5)


# Bytes that a stranger may send


def _facts_with_bytes() -> Draft:
    dossier = Dossier(key_id="k", key=b"\0\xff", blob=b"\1", source="s", id="i", type="t", subject=ADA)
    word = DossierChanged(handover_id=an_id("h"), lot="WEST_KENT", dossier=dossier)
    return _stranger(word.TYPE, encode(word))


def _refusal_with_bytes() -> Draft:
    word = Refused(type="t", source="s", code="X", parameters={"ä": "b"}, redrive_id="r", redrive_digest=b"\0\xff")
    return _stranger(word.TYPE, encode(word))


def _long_subject() -> Draft:
    return _stranger(PersonDied.TYPE, encode(PersonDied(on=date(2012, 8, 1))), subject="s" * 1_500_000)


def _long_id() -> Draft:
    return _stranger(PersonDied.TYPE, encode(PersonDied(on=date(2012, 8, 1))), id="i" * 4_000_000)


def _bytes_in_a_header() -> Draft:
    draft = _stranger(PersonDied.TYPE, encode(PersonDied(on=date(2012, 8, 1))))
    return Draft(draft.topic, 0, draft.key, [*draft.headers, ("bytes", b"\xff\0")], draft.value)


def _too_large() -> Draft:
    return _stranger(PersonDied.TYPE, b"\0" * 300_000)


def _not_utf8() -> Draft:
    return Draft(EPISODES_INBOX, 0, b"\xff\xfe", [("ce_id", b"\xff"), ("ce_id", b"twice")], b"\0\0\0\0\1")


def _nothing_at_all() -> Draft:
    return Draft(EPISODES_INBOX, 0, None, [], None)


def _bare_json() -> Draft:
    return _stranger("kmpt.episodes.v1.Unheard", b'{"sealed": ' + b"[" * 20_000, content_type=b"application/json")


def _stranger(
    type_name: str, value: bytes, subject: str = ADA, id: str = "an id", content_type: bytes = b"application/avro"
) -> Draft:
    headers = Envelope(id, type_name, "/somebody", subject, "2012-08-01T00:00:00Z").headers(content_type)
    return Draft(EPISODES_INBOX, 0, subject.encode(), headers, value)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (_facts_with_bytes, "NOT_YOURS"),
        (_refusal_with_bytes, "UNKNOWN_TYPE"),
        (_long_subject, "UNREADABLE"),
        (_long_id, "UNREADABLE"),
        (_bytes_in_a_header, "UNREADABLE"),
        (_too_large, "UNREADABLE"),
        (_not_utf8, "UNREADABLE"),
        (_nothing_at_all, "UNREADABLE"),
        (_bare_json, "UNREADABLE"),
    ],
)
def test_whatever_bytes_a_stranger_sends_are_refused_and_the_partition_goes_on(
    county: EngineCounty, made: Callable[[], Draft], code: str
) -> None:
    """Design §4: one bad record never stops a partition, whatever is in it and however long it is."""
    county.put(made())
    county.put(moved(ADA, "2012-08-02"))

    county.settle()
    county.start()

    assert county.codes() == [code]
    assert county.types()[-1] == "AccommodationChanged"


class NullHeaderTurns(MemoryTurns):
    """A reader that gives the last inbox record a header without a value, as a broker may."""

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next records."""
        records = [cast("MemoryRecord", record) for record in await super().read(at_most, wait)]
        nulled: list[Any] = [*records[-1].headers, ("null", None)] if records else []
        return [*records[:-1], *(replace(record, headers=nulled) for record in records[-1:])]


def test_header_without_a_value_is_unreadable(county: EngineCounty) -> None:
    """Design §4: a header may be null on the wire; such a record is refused, and bound to its input all the same."""
    county.put(moved(ADA, "2012-08-02"))
    (good,) = county.inbox()[-1:]
    headers = [*good.headers, ("null", None)]

    asyncio.run(start_and_decide_all(county.engine(turns=NullHeaderTurns(county.log, EPISODES, 0))))

    ((_, _, _, written, _),) = [record for record in county.raw() if record[0] == EPISODES_REFUSED]
    assert county.codes() == ["UNREADABLE"]
    assert dict(written)["inputhash"] == record_hash(good.key, headers, good.value)


def test_what_no_key_opens_is_unreadable(county: EngineCounty) -> None:
    """Design §4: fields sealed to a month that the vault does not hold do not open, and nothing else stops."""
    county.put(posted(registered(BEN, 1), EPISODES_INBOX, 1, PublicKey("1999-01", county.public.key)))
    county.put(moved(ADA, "2012-08-02"))

    county.settle()

    assert county.codes() == ["UNREADABLE"]
    assert county.types()[-1] == "AccommodationChanged"


def test_nothing_sealed_is_ever_written_in_clear(county: EngineCounty) -> None:
    """Design §6: of names, numbers and addresses the ledger and the refused hold not one."""
    county.tell(registered(BEN, 1), registered(BEN, 2), registered(BEN, 1, an_id("x")))

    written = str(county.raw())
    for number in range(3):
        given = details(number)
        assert not any(
            str(value) in written for value in (given["nhs_number"], given["family_name"], given["postcode"])
        )


# Whose rules hold


def test_unknown_release_in_the_inbox_ends_the_engine(county: EngineCounty) -> None:
    """Design §4: rules that this program has not got end it in plain words, and nothing of that turn is written."""
    before = county.raw()
    county.emit([moved(ADA, "2012-08-02"), adopted("2")])

    with pytest.raises(UnknownRelease, match=r"release 2 hold, and this program has those of 1: start the program"):
        county.settle()

    assert county.raw() == before


def test_unknown_release_in_the_ledger_ends_the_start(county: EngineCounty) -> None:
    """Design §4: a ledger that goes on under other rules is not taken up by a program that has not got them."""
    county.rules = replace(RULES, releases=frozenset({"1", "2"}))
    county.start()
    county.tell(adopted("2"))
    county.rules = RULES

    with pytest.raises(UnknownRelease, match="release 2"):
        county.start()


def test_known_release_is_adopted_by_a_fact(county: EngineCounty) -> None:
    """Design sentence 3: the release in force stands in the ledger, and adopting it again does nothing."""
    before = county.raw()

    county.tell(adopted())

    assert county.types()[0] == "RulesAdopted"
    assert county.raw() == before


# A number claimed by two partitions


@pytest.mark.parametrize("then", ["go on", "restart", "decide anew"])
def test_number_lost_to_another_partition_is_decided_again(
    tmp_path: Path, then: Literal["go on", "restart", "decide anew"]
) -> None:
    """Ruling 1: a claim lost between question and decision makes the second a DUPLICATE_PERSON, for ever."""
    county = EngineCounty(tmp_path / "data", 2)
    first, second = person("first", 0, 2), person("second", 1, 2)
    county.emit([adopted(), *days("2012-08-01", "2012-08-02"), registered(first, 0), registered(second, 0)])
    asked: list[str | None] = []

    def slow(told: Input[Word], state: County) -> Decision:
        if told.subject == first:
            asked.append(told.number)
            if len(asked) == 1:
                _other_process_decides(county, 1)
        return decide(told, state)

    county.rules = replace(RULES, decide=slow)
    loser = county.engine(0)
    asyncio.run(start_and_decide_all(loser))
    if then == "restart":
        county.rules = RULES
        county.start()
        county.settle()
    if then == "decide anew":
        written = county.raw()
        county.rules = RULES
        county = decided_anew(county, county.folder)
        county.start()
        county.settle()
        assert county.raw() == written

    assert asked == ["free", "taken"]
    assert [(kept.subject, kept.data["code"]) for kept in county.refused()] == [(first, "DUPLICATE_PERSON")]
    assert [fact.subject for fact in county.ledger() if fact.type.endswith("PersonRegistered")] == [second]
    county.close()


def test_number_is_claimed_for_what_is_recorded_only(county: EngineCounty) -> None:
    """Ruling 1: an event that is refused takes no number, so the next may have it."""
    unknown = registered(BEN, 5, an_id("unknown district"))
    unknown["data"]["district"] = "atlantis"

    county.tell(unknown, registered(person("cyn"), 5))

    assert county.codes() == ["UNKNOWN_CODE"]
    assert county.types()[-1] == "PersonRegistered"


# What it says and what it costs


def test_counts_add_up(county: EngineCounty) -> None:
    """Every input is counted once: as recorded, refused or repeated."""
    county.start()
    said = [moved(ADA, "2012-08-02"), moved(ADA, "2012-08-02"), moved(ADA, "2031-01-01"), day("2012-08-01")]

    county.tell(*said, *episode(ADA, "a", "2012-08-01"), died(ADA, "2012-08-03"))

    counts = county.engines[0].counts
    assert (counts.recorded, counts.refused, counts.repeated) == (5, 1, 2)


def test_turn_without_effect_still_moves_the_groups_offset(county: EngineCounty) -> None:
    """Design §4: who waits for the group's offset is not kept waiting by an input that had no effect."""
    county.tell(day("2012-08-01"))

    assert county.log.group_offset("kmpt.recorder", (EPISODES_INBOX, 0)) == len(county.inbox())


def test_openings_of_a_turn_are_one_entry(county: EngineCounty) -> None:
    """Design §6: a host's openings are logged once a turn, before anything is opened; a turn without any not at all."""
    before = county.vault.verify_openings()

    county.tell(registered(BEN, 1), registered(person("cyn"), 2))
    opened = county.vault.verify_openings()
    county.tell(moved(ADA, "2012-08-02"))

    assert (opened - before, county.vault.verify_openings() - opened) == (1, 0)


def test_an_open_episode_with_its_contacts_costs_at_most_three_kibibytes(tmp_path: Path) -> None:
    """Budget: a person with an open episode and 20 contacts takes at most 3 KiB in the memory of the owner."""
    people = 150
    county = EngineCounty(tmp_path / "data")
    county.emit([adopted(), *days("2012-08-01", "2012-08-10")])
    for number in range(people):
        subject, name = person(f"person {number}"), f"episode {number}"
        county.emit([registered(subject, number), *episode(subject, name, "2012-08-02")])
        county.emit(contact(subject, name, ordinal) for ordinal in range(20))
    county.start()
    county.settle()
    engine = county.engine()

    tracemalloc.start()
    asyncio.run(engine.start())
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(engine.memory.state.people) == people
    assert county.codes() == []
    assert held / people <= 3 * 1024
    county.close()


def _other_process_decides(county: EngineCounty, number: int) -> None:
    """Another process, with a vault connection of its own, decides all of its partition meanwhile."""

    def run() -> None:
        vault = Vault(county.folder)
        asyncio.run(start_and_decide_all(EngineCounty.engine(county, number, vault=vault)))
        vault.close()

    other = Thread(target=run)
    other.start()
    other.join()
    assert county.log.end_offset((EPISODES_LEDGER, number)) > 0
