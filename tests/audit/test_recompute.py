"""A whole inbox decided again gives the ledger byte for byte; a rule that was bent is found where it first mattered."""

from __future__ import annotations

import asyncio
import copy
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from services.audit import recompute
from services.audit.declared import Declared
from services.audit.partition_reading import flows
from services.audit.recompute import Recomputation, Recomputed
from services.audit.recompute_keys import Covered
from services.audit.rules_named import CODES, FACTS
from services.cli.audit_recompute import sentence
from services.episodes import recording
from services.episodes.recorder import recorder_rules
from services.handover import allocator
from services.log.desk import Desk
from services.log.engine import Engine
from services.log.memory import MemoryLog
from services.log.memory_clients import MemoryReader
from services.log.memory_turns import MemoryTurns
from services.log.rules import Rules
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words import course, recorded, work
from services.words.catalogue import RECORDER_WORDS
from services.words.deciding import Decision, Input
from services.words.envelope import INBOX_OFFSET
from services.words.handover_catalogue import ALLOCATOR_WORDS
from services.words.refusals import SENTENCES, Refusal
from services.words.release import RELEASE
from services.words.topics import EPISODES, EPISODES_INBOX, EPISODES_LEDGER
from services.words.word import Word
from tests.audit.exported import reader_of
from tests.audit.golden_inboxes import PARTITIONS as GOLDEN_PARTITIONS
from tests.audit.golden_inboxes import golden, restored
from tests.audit.tampering import one_byte, records_of, tamper
from tests.log.test_determinism import eventful
from tests.memory_county import DOORS, MemoryCounty, feed_of
from tests.memory_handover import MemoryAllocator

PARTITIONS = 2
OF_THIS_VAULT = ("sealed", "dossier", "redrive_digest", "ciphertext_hash")
"""Fields that differ from vault to vault."""


class Bent:
    """A county whose recorders had other rules when its ledgers were written."""

    def __init__(self, folder: Path, rules: Rules[Any]) -> None:
        self.county = MemoryCounty(folder, PARTITIONS)
        doors = {door: door_keys(folder, door) for door in DOORS}
        desk = Desk(rules, PARTITIONS, doors, self.county.alarms.append)
        self.county.engines = [
            Engine(desk, EPISODES, number, MemoryTurns(self.county.log, EPISODES, number), self.county.vault, _nothing)
            for number in range(PARTITIONS)
        ]
        for engine in self.county.engines:
            asyncio.run(engine.start())


def recomputed(county: MemoryCounty, start: int = 0, rules: Rules[Any] | None = None) -> list[Recomputed]:
    """Every partition decided again by the rules of today, or by others."""
    doors = {door: door_keys(county.folder, door) for door in DOORS}
    desk = Desk(rules or recorder_rules(synthetic=True), county.partitions, doors, _nothing)
    vault = Vault(county.folder)
    try:
        return [
            asyncio.run(Recomputation(reader_of(county.log), desk, EPISODES, number, vault, start).run())
            for number in range(county.partitions)
        ]
    finally:
        vault.close()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> MemoryCounty:
    """A county's year."""
    county = MemoryCounty(tmp_path_factory.mktemp("year"), PARTITIONS)
    county.start()
    county.tell(*feed_of("maidstone-2012.ndjson"))
    return county


def inputs(log: MemoryLog) -> list[int]:
    """How many inputs each partition has."""
    return [len(log.seen((EPISODES_INBOX, number), 0, 10**9)[0]) for number in range(PARTITIONS)]


def test_a_year_is_decided_as_it_was(year: MemoryCounty) -> None:
    """Issue 3, point 4: byte for byte, facts and refusals, and nothing moves meanwhile."""
    before = year.raw()

    found = recomputed(year)

    assert [one.inputs for one in found] == inputs(year.log)
    assert [(one.same, one.difference, one.halted) for one in found] == [(one.inputs, None, None) for one in found]
    assert year.raw() == before


def test_a_year_is_decided_again_while_somebody_else_writes_to_the_vault(year: MemoryCounty) -> None:
    """The county never waits for an auditor: one entry in the log of openings stands for all, and none is added."""
    doors = {door: door_keys(year.folder, door) for door in DOORS}
    desk = Desk(recorder_rules(synthetic=True), PARTITIONS, doors, _nothing)
    opened = len(year.vault.openings())

    with closing(Vault(year.folder)) as vault, closing(sqlite3.connect(year.folder / "vault/vault.sqlite")) as recorder:
        recorder.execute("BEGIN IMMEDIATE")
        again = Recomputation(reader_of(year.log), desk, EPISODES, 0, Covered(vault), 0)
        found = asyncio.run(again.run())

    assert (found.same, found.difference) == (found.inputs, None)
    assert len(year.vault.openings()) == opened


def test_an_inbox_with_everything_in_it_is_decided_as_it_was(tmp_path: Path) -> None:
    """Repeats, reused ids, redrives, strangers, deaths and days out of order."""
    county = eventful(tmp_path)
    county.start()
    county.settle()

    assert [(one.same, one.difference) for one in recomputed(county)] == [(count, None) for count in inputs(county.log)]


@pytest.mark.parametrize("start", [1, 137, 400])
def test_it_may_begin_anywhere(year: MemoryCounty, start: int) -> None:
    """From an input on: what came before is taken from the ledger as it stands."""
    found = recomputed(year, start)

    assert [one.difference for one in found] == [None, None]
    assert [one.inputs for one in found] == [count - start for count in inputs(year.log)]


def test_what_concerns_an_erased_person_is_kept_as_it_was_recorded(tmp_path: Path) -> None:
    """Nothing of theirs opens any more, so it is counted as such; everybody else's is decided again."""
    county = MemoryCounty(tmp_path, PARTITIONS)
    county.start()
    county.tell(*feed_of("maidstone-2012.ndjson"))
    person = next(fact.subject for fact in county.ledger() if fact.type.endswith("ContactRecorded"))
    theirs = sum(
        dict(record.headers).get("ce_subject") == person.encode()
        for number in range(PARTITIONS)
        for record in county.log.seen((EPISODES_INBOX, number), 0, 10**9)[0]
    )
    county.vault.erase(person)

    found = recomputed(county)

    assert [one.difference for one in found] == [None, None]
    assert 0 < sum(one.erased for one in found) <= theirs
    assert sum(one.same + one.erased for one in found) == sum(inputs(county.log))


def test_an_inbox_whose_month_s_key_is_destroyed_is_decided_with_the_keys_that_were_kept(tmp_path: Path) -> None:
    """Design §6: 35 days after its month a private key is gone; what was recorded or refused has its own kept."""
    county = MemoryCounty(tmp_path, PARTITIONS)
    county.start()
    county.tell(*feed_of("maidstone-2012.ndjson"))
    much_later = Vault(tmp_path, lambda: datetime(2036, 1, 1, tzinfo=UTC))
    assert much_later.destroy_month_keys_due()
    much_later.close()

    found = recomputed(county)

    assert [one.difference for one in found] == [None, None]
    assert sum(one.closed for one in found) <= 5, "only repeats of sealed inputs have no key kept"
    assert sum(one.same + one.closed for one in found) == sum(inputs(county.log))


Decide = Callable[[Input[Word], Any], Decision]


def _without(name: str) -> Decide:
    """The rules, but that one kind of fact was never drawn."""

    def decide(told: Input[Word], state: Any) -> Decision:
        decision = recording.decide(told, state)
        return decision._replace(
            facts=tuple(fact for fact in decision.facts if not fact.word.TYPE.endswith(f".{name}"))
        )

    return decide


def _taken(code: str) -> Decide:
    """The rules, but that one refusal was never given: the input vanished without an outcome."""

    def decide(told: Input[Word], state: Any) -> Decision:
        decision = recording.decide(told, state)
        return decision._replace(refusals=tuple(one for one in decision.refusals if one.code != code))

    return decide


def _refused(kind: type[Word], code: str) -> Decide:
    """The rules, but that every word of a kind was refused."""

    def decide(told: Input[Word], state: Any) -> Decision:
        if isinstance(told.word, kind):
            return Decision(refusals=(Refusal(code),))
        return recording.decide(told, state)

    return decide


def _a_day_late(told: Input[Word], state: Any) -> Decision:
    """The rules, but that charging began a day too late."""
    decision = recording.decide(told, state)
    facts = [
        fact._replace(word=fact.word.model_copy(update={"on": fact.word.on.replace(day=fact.word.on.day % 28 + 1)}))
        if isinstance(fact.word, recorded.ChargeablePeriodStarted)
        else fact
        for fact in decision.facts
    ]
    return decision._replace(facts=tuple(facts))


BUGS: dict[str, tuple[Decide, str, str]] = {
    "nobody is charged": (_without("ChargeablePeriodStarted"), "ChargeablePeriodStarted", "S4"),
    "enablement never ends": (_without("EnablementEnded"), "EnablementEnded", "S3"),
    "the cap is never reached": (_without("CapReached"), "CapReached", "S5"),
    "nobody is warned of the cap": (_without("CapApproaching"), "CapApproaching", "S5"),
    "no handover is asked for": (_without("HandoverRequested"), "HandoverRequested", "S6"),
    "charging begins a day late": (_a_day_late, "ChargeablePeriodStarted", "S4"),
    "contacts after the end are let go": (_taken("AFTER_END"), "AFTER_END", "ruling 26"),
    "registrations that are doubled vanish": (_taken("DUPLICATE_PERSON"), "DUPLICATE_PERSON", "rulings 1 and 19"),
    "corrections of contacts are refused": (
        _refused(work.ContactCorrected, "UNKNOWN_CONTACT"),
        "ContactCorrected",
        "ruling 11",
    ),
    "reviews are refused": (_refused(course.ReviewHeld, "UNKNOWN_EPISODE"), "UNKNOWN_EPISODE", "ruling 10"),
}


@pytest.fixture(scope="module", params=BUGS)
def bent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Bent, str, str]:
    """A ledger that was written with one rule bent."""
    decide, what, rule = BUGS[request.param]
    folder = tmp_path_factory.mktemp("bent")
    county = Bent(folder, replace(recorder_rules(synthetic=True), decide=decide))
    county.county.tell(*feed_of("maidstone-2012.ndjson"))
    return county, what, rule


def test_a_bent_rule_is_found_where_it_first_mattered(bent: tuple[Bent, str, str], year: MemoryCounty) -> None:
    """Issue 3: ten ledgers with one planted rule bug each; the first input decided otherwise is named, and the rule."""
    county, what, rule = bent
    found = recomputed(county.county)

    differences = [one.difference for one in found if one.difference is not None]

    assert differences, "it was found"
    for difference in differences:
        assert what in {deed.name for deed in (*difference.recorded, *difference.decided)}
        assert difference.rule.startswith(f"{rule}, ")
        assert f"the rule: {rule}, " in sentence(difference)
        assert difference.offset == first_other(county.county, year, difference.place[1])
    assert all(one.difference is not None or first_other(county.county, year, n) is None for n, one in enumerate(found))


@pytest.mark.parametrize("at", [40, 200])
def test_a_fact_that_was_edited_with_its_chain_made_to_fit_is_named(year: MemoryCounty, at: int) -> None:
    """Checkpoints say between which records it lies; a recomputation, of which input it is not the outcome."""
    place, county = (EPISODES_LEDGER, 0), copy.copy(year)
    county.log = copy.copy(year.log)
    county.log._slots = {at: list(slots) for at, slots in year.log._slots.items()}
    tamper(county.log, place, lambda records: one_byte(records, at), rechained=True)

    difference = recomputed(county)[0].difference

    edited = dict(records_of(year.log, place)[at].headers)[INBOX_OFFSET]
    assert difference is not None
    assert difference.offset == int(edited)


def test_every_fact_that_rules_draw_and_every_refusal_has_its_rule() -> None:
    """Whatever a recomputation finds otherwise, it can say by which rule."""
    drawn = {name.rpartition(".")[2] for name in {**RECORDER_WORDS, **ALLOCATOR_WORDS}}
    assert (set(FACTS), set(CODES)) == (drawn, set(SENTENCES))


class Opened(MemoryReader):
    """A reader that is counted while it is open."""

    now: ClassVar[set[int]] = set()

    async def start(self) -> None:
        """Opened."""
        self.now.add(id(self))
        await super().start()

    async def close(self) -> None:
        """Closed."""
        self.now.discard(id(self))


@pytest.mark.parametrize("bug", [None, *list(BUGS)[:1]])
def test_no_connection_is_left_open_where_a_recomputation_ends(tmp_path: Path, bug: str | None) -> None:
    """At the end, at a first difference or behind an event that was redriven: every ledger is let go of at once."""
    county = eventful(tmp_path)
    county.start()
    county.settle()
    rules = recorder_rules(synthetic=True)
    bent = replace(rules, decide=BUGS[bug][0]) if bug else rules
    desk = Desk(bent, PARTITIONS, {door: door_keys(tmp_path, door) for door in DOORS}, _nothing)

    async def left_open(number: int) -> set[int]:
        reads = partial(Opened, county.log)
        await Recomputation(reads, desk, EPISODES, number, county.vault, 0).run()
        return set(Opened.now)

    assert [asyncio.run(left_open(number)) for number in range(PARTITIONS)] == [set()] * PARTITIONS


def first_other(one: MemoryCounty | MemoryAllocator, other: MemoryCounty | MemoryAllocator, number: int) -> int | None:
    """The first input of a partition with another outcome in two ledgers of one inbox, by what they say alone."""
    outcomes = []
    for county in (one, other):
        found: dict[int, list[Any]] = {}
        for kept in (*county.ledger(), *county.refused()):
            if kept.partition == number:
                clear = {name: value for name, value in kept.data.items() if name not in OF_THIS_VAULT}
                found.setdefault(kept.inbox_offset, []).append((kept.type, json.dumps(clear, default=str)))
        outcomes.append(found)
    ours, theirs = outcomes
    return next((at for at in sorted({*ours, *theirs}) if ours.get(at) != theirs.get(at)), None)


def test_rules_that_this_program_does_not_have_halt_it_in_words(tmp_path: Path) -> None:
    """Bad input: an inbox whose rules are those of another release."""
    county = eventful(tmp_path)
    county.start()
    county.settle()

    found = recomputed(county, rules=replace(recorder_rules(synthetic=True), releases=frozenset({"0"})))

    assert all("the rules of release 1 hold, and this program has those of 0" in (one.halted or "") for one in found)


def test_a_difference_that_a_release_declares_is_counted_and_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that means to refuse what was taken before says so; the ledger before it stands as it was recorded."""
    county = Bent(
        tmp_path, replace(recorder_rules(synthetic=True), decide=_refused(work.ContactCorrected, "AFTER_CAP"))
    )
    county.county.tell(*feed_of("maidstone-2012.ndjson"))
    meant = [
        Declared(work.ContactCorrected.TYPE, ("AFTER_CAP",), outcome)
        for outcome in (("ContactCorrected",), ("UNKNOWN_CONTACT",), ("UNKNOWN_EPISODE",), ("PERSON_DEAD",))
    ]
    monkeypatch.setattr(recompute, "DECLARED", meant)

    found = recomputed(county.county)

    assert [one.difference for one in found] == [None, None]
    assert sum(one.declared for one in found) > 0


@pytest.mark.parametrize("golden_inbox", golden(), ids=lambda path: path.name)
def test_the_golden_inboxes_of_every_release_are_decided_as_they_were(golden_inbox: Path, tmp_path: Path) -> None:
    """What a release decided stands for ever: later rules may differ only where they declare it."""
    log, vault = restored(golden_inbox, tmp_path), Vault(tmp_path)
    found = []
    for flow, number in flows(GOLDEN_PARTITIONS):
        doors = {name: door_keys(tmp_path, name) for name in {*DOORS, *allocator.DOORS}}
        rules = recorder_rules(synthetic=True) if flow == EPISODES else allocator.allocator_rules(vault)
        desk: Desk[Any] = Desk(rules, GOLDEN_PARTITIONS if flow == EPISODES else 1, doors, _nothing)
        found.append(asyncio.run(Recomputation(reader_of(log), desk, flow, number, vault, 0).run()))
    vault.close()

    assert [one.difference for one in found] == [None] * len(found)
    assert all(one.same + one.declared == one.inputs for one in found)
    assert sum(one.inputs for one in found) > 30


def test_every_release_has_golden_inboxes() -> None:
    """The present one too: python -m tests.audit.golden_inboxes writes them once."""
    assert {path.name.split("-")[2] for path in golden()} >= {RELEASE}


def _nothing(_: str) -> None:
    """Nobody watches."""
