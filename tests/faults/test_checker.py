"""The checker is tested too: what is planted in a sound ledger, it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.log.chain import ZEROS, record_hash
from services.log.memory import MemoryRecord
from services.log.record import Record
from services.words import envelope as named
from services.words.topics import EPISODES
from tests.faults.checker import Books, account_of, examine
from tests.memory_county import MemoryCounty, feed_of

TOLD = 240
SAID_AGAIN = 100

Records = Sequence[Record]


def book_of(county: MemoryCounty, number: int) -> Books:
    """A partition of a county in memory; the engine's memory is the witness of where its chains end."""
    inbox, ledger, refused = (
        county.log.seen((topic, number), 0, 10**9)[0] for topic in (EPISODES.inbox, EPISODES.ledger, EPISODES.refused)
    )
    memory = county.engines[number].memory
    return Books(inbox, ledger, refused, memory.ledger.last_hash, memory.refused.last_hash)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Books]:
    """Sound books: the first half of Maidstone's year, of which a part was said twice."""
    county = MemoryCounty(tmp_path_factory.mktemp("county"))
    county.start()
    county.tell(*feed_of("maidstone-2012.ndjson")[:TOLD])
    county.tell(*feed_of("maidstone-2012.ndjson")[:SAID_AGAIN])
    return [book_of(county, number) for number in range(county.partitions)]


def dropped(records: Records, at: int) -> Records:
    """One record is gone."""
    return [*records[:at], *records[at + 1 :]]


def doubled(records: Records, at: int) -> Records:
    """One record stands twice."""
    return [*records[: at + 1], *records[at:]]


def swapped(records: Records, at: int) -> Records:
    """A record and the next one, or the first, have changed places."""
    other = (at + 1) % len(records)
    moved = list(records)
    moved[at], moved[other] = moved[other], moved[at]
    return moved


def edited(records: Records, at: int) -> Records:
    """One bit of one record's content is another."""
    value = bytearray(records[at].value or b"")
    value[-1] ^= 1
    return [*records[:at], _like(records[at], value=bytes(value)), *records[at + 1 :]]


def renamed(records: Records, at: int) -> Records:
    """A header of one record says another time."""
    headers = [(name, b"1999" if name == named.RECORDED_TIME else said) for name, said in records[at].headers]
    return [*records[:at], _like(records[at], headers=headers), *records[at + 1 :]]


FAULTS: Sequence[Callable[[Records, int], Records]] = (dropped, doubled, swapped, edited, renamed)


def test_sound_books_are_found_sound(books: list[Books]) -> None:
    """Nothing is wrong with what an engine wrote, and every input is recorded, refused or a repeat."""
    assert [examine(each) for each in books] == [[], [], [], []]
    accounts = [account_of(each) for each in books]
    assert all(one.recorded + one.refused + one.repeated == one.inputs for one in accounts)
    assert sum(one.repeated for one in accounts) > SAID_AGAIN // 2
    assert sum(one.refused for one in accounts) > 10


@given(data=st.data())
def test_whatever_is_planted_is_found(books: list[Books], data: st.DataObject) -> None:
    """A fact or refusal dropped, doubled, moved or edited anywhere, the very last one too, is found."""
    book = data.draw(st.sampled_from(books))
    fault = data.draw(st.sampled_from(FAULTS))
    if data.draw(st.booleans()):
        planted = replace(book, ledger=fault(book.ledger, data.draw(st.integers(0, len(book.ledger) - 1))))
    else:
        planted = replace(book, refused=fault(book.refused, data.draw(st.integers(0, len(book.refused) - 1))))
    assert examine(planted)


@settings(max_examples=30)
@given(data=st.data())
def test_an_inbox_that_was_altered_is_found(books: list[Books], data: st.DataObject) -> None:
    """An input that became a fact or a refusal is bound in: another one in its place, or none, is found."""
    book = data.draw(st.sampled_from(books))
    decided = {int(dict(record.headers)[named.INBOX_OFFSET]) for record in (*book.ledger, *book.refused)}
    at = data.draw(st.sampled_from(sorted(decided)))
    altered = data.draw(st.sampled_from((dropped, edited)))
    assert examine(replace(book, inbox=altered(book.inbox, at)))


@settings(max_examples=30)
@given(data=st.data())
def test_one_who_chains_anew_is_found(books: list[Books], data: st.DataObject) -> None:
    """Whoever drops, doubles or moves a fact within a key, and computes the chain anew, is found by the sequences."""
    book = data.draw(st.sampled_from(books))
    last = {record.key: at for at, record in enumerate(book.ledger)}
    at = data.draw(st.sampled_from([at for at, record in enumerate(book.ledger) if at != last[record.key]]))
    planted = chained_anew(replace(book, ledger=data.draw(st.sampled_from((dropped, doubled)))(book.ledger, at)))
    assert any("sequence" in words for words in examine(planted))
    assert not any("follow the record before" in words for words in examine(planted))


@settings(max_examples=30)
@given(data=st.data())
def test_an_input_of_which_nothing_became_is_found(books: list[Books], data: st.DataObject) -> None:
    """Were all facts of one input missing, with the numbers and the chain made anew, the account would not add up."""
    book = data.draw(st.sampled_from(books))
    offset = data.draw(st.sampled_from(sorted({int(dict(r.headers)[named.INBOX_OFFSET]) for r in book.ledger})))
    left = [record for record in book.ledger if int(dict(record.headers)[named.INBOX_OFFSET]) != offset]
    account = account_of(replace(book, ledger=left))
    assert account.lost[0] == offset
    assert account.recorded + account.refused + account.repeated == account.inputs - len(account.lost)


def chained_anew(book: Books) -> Books:
    """The ledger with hashes that fit, and a witness who saw nothing else."""
    records, before = [], ZEROS
    for record in book.ledger:
        headers = [(name, before if name == named.PREVIOUS_HASH else said) for name, said in record.headers]
        records.append(_like(record, headers=headers))
        before = record_hash(record.key, headers, record.value)
    return replace(book, ledger=records, ledger_head=before)


def _like(record: Record, **other: object) -> MemoryRecord:
    assert isinstance(record, MemoryRecord)
    return replace(record, **other)  # type: ignore[arg-type]  # a test names the fields it replaces


def test_the_checker_uses_nothing_that_it_checks() -> None:
    """What finds the engine's faults has no code of the engine in it."""
    source = (Path(__file__).parent / "checker.py").read_text("utf-8")
    used = sorted(line.split()[1] for line in source.splitlines() if line.startswith("from services"))
    assert used == [
        "services.log.chain",
        "services.log.codec",
        "services.log.record",
        "services.words",
        "services.words.calendar",
    ]
