"""All packs of one turn are opened together, and each is still accounted for as if it were alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest

from services.handover.ids import offer_id_of
from services.log.memory_turns import Crash, CrashAt, Step
from services.log.packing import open_pack, pack_aad
from services.sandbox.papers import papers_of_nobody
from services.vault.turn import Turn
from tests.handover.story import handover
from tests.handover.test_allocator import begin, request
from tests.memory_handover import MemoryAllocator, private_key_of

PACK = "kmpt.sis.v1.Pack"
CASES = ("ann", "ben", "cem")


def offered(allocator: MemoryAllocator) -> dict[str, str]:
    """A provider is asked for three cases; whose papers each has."""
    begin(allocator, "oak")
    papers = {case: papers_of_nobody(allocator.county.vault) for case in CASES}
    for case in CASES:
        request(allocator, case, papers[case].model_dump())
    return {case: papers[case].subject for case in CASES}


def accept_all(allocator: MemoryAllocator) -> None:
    """It accepts all of them, and one turn decides that."""
    replies = [{"offer_id": offer_id_of(handover(case), 1), "start_on": "2012-10-02"} for case in CASES]
    allocator.emit([allocator.event("Accept", "oak", reply) for reply in replies])
    allocator.settle()


def entries(allocator: MemoryAllocator) -> list[str]:
    """Why something was opened for a pack, as another process sees it committed."""
    with closing(sqlite3.connect(allocator.county.folder / "vault" / "vault.sqlite")) as db:
        rows = db.execute("SELECT why FROM opening WHERE who = 'kmpt.allocator' ORDER BY seq").fetchall()
    return [why for (why,) in rows]


def entries_of(cases: Sequence[str]) -> list[str]:
    """An entry for the first pack of each of these cases."""
    return [f"pack 1 of offer {offer_id_of(handover(case), 1)}" for case in cases]


def released(allocator: MemoryAllocator) -> list[dict[str, Any]]:
    """What the ledger says of every pack."""
    return [fact.data for fact in allocator.ledger() if fact.type.endswith("PackReleased")]


def packs(allocator: MemoryAllocator) -> list[dict[str, Any]]:
    """Every pack that was sent."""
    return [data for name, data in allocator.inbox_of("oak") if name == "Pack"]


def family_name_in(pack: dict[str, Any]) -> Any:
    """What stands in a pack, opened by the provider."""
    details = open_pack(pack["key"], pack["blob"], private_key_of("oak"), pack_aad(PACK, pack["offer_id"], "oak", 1))
    assert isinstance(details, dict)
    return details["family_name"]


def test_each_pack_of_a_turn_is_an_entry_that_names_its_offer(allocator: MemoryAllocator) -> None:
    """Three acceptances in one turn are three entries, in their order, and the log of openings holds together."""
    offered(allocator)
    accept_all(allocator)

    assert entries(allocator) == entries_of(CASES)
    allocator.county.vault.verify_openings()


def test_all_entries_of_a_turn_are_committed_before_the_first_pack_is_opened(
    allocator: MemoryAllocator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every opening another process sees the entries of all packs of the turn (design §6)."""
    offered(allocator)
    seen: list[list[str]] = []
    unwrap = Turn.unwrap

    def watched(turn: Turn, person_id: str, wrapped: bytes) -> bytes:
        seen.append(entries(allocator))
        return unwrap(turn, person_id, wrapped)

    monkeypatch.setattr(Turn, "unwrap", watched)
    accept_all(allocator)

    assert seen == [entries_of(CASES)] * len(CASES)


def test_each_pack_of_a_turn_opens_and_its_fact_has_its_own_hash(allocator: MemoryAllocator) -> None:
    """What the ledger says of a pack is said of that pack and of no other of the turn."""
    offered(allocator)
    accept_all(allocator)

    sent = packs(allocator)
    assert [pack["offer_id"] for pack in sent] == [offer_id_of(handover(case), 1) for case in CASES]
    assert [fact["ciphertext_hash"] for fact in released(allocator)] == [sha256(one["blob"]).digest() for one in sent]
    assert [family_name_in(pack) for pack in sent] == ["Sandbox"] * len(CASES)


def test_an_erased_person_among_them_has_no_pack_and_the_others_have_theirs(allocator: MemoryAllocator) -> None:
    """The acceptance stands without a pack; that its opening was tried stays in the log of openings."""
    people = offered(allocator)
    allocator.county.vault.erase(people["ben"])
    accept_all(allocator)

    assert [pack["handover_id"] for pack in packs(allocator)] == [handover("ann"), handover("cem")]
    assert [fact["fields"] is None for fact in released(allocator)] == [False, True, False]
    assert entries(allocator) == entries_of(CASES)


def test_after_a_crash_the_same_packs_are_opened_again_and_logged_again(allocator: MemoryAllocator) -> None:
    """What was opened in the turn that was lost stays logged; each pack leaves once."""
    offered(allocator)
    allocator.start(CrashAt(1, Step.BEFORE_COMMIT))
    with pytest.raises(Crash):
        accept_all(allocator)
    assert packs(allocator) == []
    allocator.start()
    allocator.settle()

    assert entries(allocator) == entries_of(CASES) * 2
    assert [pack["handover_id"] for pack in packs(allocator)] == [handover(case) for case in CASES]


def test_a_log_of_openings_that_takes_no_entry_lets_no_pack_be_opened(
    allocator: MemoryAllocator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before anything is opened, and nothing of the turn is written."""
    offered(allocator)
    before = allocator.raw()
    opened: list[str] = []
    with closing(sqlite3.connect(allocator.county.folder / "vault" / "vault.sqlite")) as db, db:
        last = f"NEW.why LIKE '%{offer_id_of(handover(CASES[-1]), 1)}'"
        db.execute(f"CREATE TRIGGER full BEFORE INSERT ON opening WHEN {last} BEGIN SELECT RAISE(ABORT, 'full'); END")
    monkeypatch.setattr(Turn, "unwrap", lambda _, person_id, __: opened.append(person_id))

    with pytest.raises(sqlite3.IntegrityError, match="full"):
        accept_all(allocator)

    assert (opened, entries(allocator)) == ([], [])
    assert allocator.raw() == before
