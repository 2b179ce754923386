"""What must hold of one partition after any fault: its inbox, its ledger and its refusals, looked at side by side.

Knows the promises of the log and nothing of how they are kept: it uses neither the engine nor what rebuilds one. Each
function returns what is wrong, in words; an empty list is a clean partition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.log.chain import ZEROS, record_hash
from services.log.codec import decode
from services.log.record import Record
from services.words import envelope as named
from services.words.calendar import DayBegan


@dataclass(frozen=True, slots=True)
class Books:
    """One partition of a flow; the heads are the hashes of the last ledger and refused record as a witness keeps them.

    Without a witness the end of a chain proves nothing: the last records could be cut off, and the very last edited.
    """

    inbox: Sequence[Record]
    ledger: Sequence[Record]
    refused: Sequence[Record]
    ledger_head: bytes
    refused_head: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the inputs of an inbox: `lost` are the offsets of those of which nothing became, unexplained."""

    inputs: int
    recorded: int
    refused: int
    repeated: int
    lost: tuple[int, ...]


def examine(books: Books) -> list[str]:
    """All that is wrong with a partition."""
    account = account_of(books)
    return [
        *broken_chain(books.ledger, books.ledger_head),
        *broken_chain(books.refused, books.refused_head),
        *broken_sequences(books.ledger),
        *broken_sequences(books.refused),
        *repeats(books),
        *strangers(books),
        *(f"inbox offset {offset}: nothing became of it" for offset in account.lost),
    ]


def broken_chain(records: Sequence[Record], head: bytes) -> list[str]:
    """Records that do not carry the hash of the one before, and an end that is not the witness's."""
    wrong, before = [], ZEROS
    for record in records:
        if _header(record, named.PREVIOUS_HASH) != before:
            wrong.append(f"{_place(record)} does not follow the record before it")
        before = record_hash(record.key, record.headers, record.value)
    return wrong if before == head else [*wrong, "the chain does not end where the witness saw it end"]


def broken_sequences(records: Sequence[Record]) -> list[str]:
    """Records whose sequence is not the next of their key, which is 1, 2, ... n."""
    wrong, last = [], dict[bytes | None, int]()
    for record in records:
        sequence = int(_header(record, named.SEQUENCE))
        if sequence != last.get(record.key, 0) + 1:
            wrong.append(f"{_place(record)} has sequence {sequence} after {last.get(record.key, 0)} of its key")
        last[record.key] = sequence
    return wrong


def repeats(books: Books) -> list[str]:
    """Facts and refusals that stand twice, and inputs that were taken up again after a later one."""
    wrong, seen = [], set[bytes]()
    for record in (*books.ledger, *books.refused):
        fact_id = _header(record, named.ID)
        if fact_id in seen:
            wrong.append(f"{_place(record)} was written before")
        seen.add(fact_id)
    for records in (books.ledger, books.refused):
        for earlier, later in pairwise(records):
            if _input(later) < _input(earlier):
                wrong.append(f"{_place(later)} is of an earlier input than the record before it")
    return wrong


def strangers(books: Books) -> list[str]:
    """Facts and refusals whose input is not in the inbox, or is not the one that they were decided on."""
    hashes = {record.offset: record_hash(record.key, record.headers, record.value) for record in books.inbox}
    return [
        f"{_place(record)} comes of another input than the inbox holds at {_input(record)}"
        for record in (*books.ledger, *books.refused)
        if hashes.get(_input(record)) != _header(record, named.INPUT_HASH)
    ]


def account_of(books: Books) -> Account:
    """Every input recorded, refused, or explained: said before, or a day that had passed."""
    recorded = {_input(record) for record in books.ledger}
    refused = {_input(record) for record in books.refused} - recorded
    unheeded = [record for record in books.inbox if record.offset not in recorded | refused]
    explained = set(_said_before(books.inbox)) | set(_passed_days(books.inbox, recorded))
    lost = tuple(record.offset for record in unheeded if record.offset not in explained)
    return Account(len(books.inbox), len(recorded), len(refused), len(unheeded) - len(lost), lost)


def _said_before(inbox: Sequence[Record]) -> Iterator[int]:
    seen = set[tuple[bytes, bytes]]()
    for record in inbox:
        said = (_header(record, named.SUBJECT), _header(record, named.ID))
        if said in seen:
            yield record.offset
        seen.add(said)


def _passed_days(inbox: Sequence[Record], recorded: set[int]) -> Iterator[int]:
    today = ""
    for record in inbox:
        if _header(record, named.TYPE) == DayBegan.TYPE.encode():
            day = str(decode(record.value)[1]["date"])
            if day <= today:
                yield record.offset
            elif record.offset in recorded:
                today = day


def _header(record: Record, name: str) -> bytes:
    return dict(record.headers).get(name, b"")


def _input(record: Record) -> int:
    return int(_header(record, named.INBOX_OFFSET))


def _place(record: Record) -> str:
    return f"{record.topic} partition {record.partition} offset {record.offset}"
