"""Ledger and refused partition against the inbox: every fact has its cause, every input has an outcome.

Works without keys: of two sealed contents under one name it can only say that they have the same name. Knows headers,
hashes and the date of a day. Must never open anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from services.audit.added import Added
from services.audit.findings import Report
from services.log.arrival import Unreadable, read_arrival
from services.log.hearing import LONGEST
from services.log.record import Record
from services.words import envelope as named
from services.words.calendar import DayBegan
from services.words.keeping import Redriven

_SIGNATURES = frozenset({named.DOOR_SIGNATURE, named.EMITTER_SIGNATURE})
"""Each covers the value, so what was said again and sealed anew bears another one."""
_DAY, _REDRIVEN = DayBegan.TYPE.encode(), Redriven.TYPE.encode()


class Outcome(NamedTuple):
    """What a record of ledger or refused says of its cause."""

    input_hash: bytes
    causation_id: bytes
    origin: str
    offset: int


class Causes:
    """One partition of a flow: take what was decided first, then the inbox in order."""

    def __init__(self, inbox_origin: str, report: Report) -> None:
        self._origin = inbox_origin
        self._report = report
        self._outcomes: dict[int, Outcome] = {}
        self._last_decided = -1
        self._had: set[bytes] = set()
        self._today = b""

    def take_decided(self, origin: str, records: Sequence[Record], headers: Sequence[Added]) -> None:
        """Take records of the ledger or refused partition."""
        outcomes = self._outcomes
        for record, header in zip(records, headers, strict=True):
            said = header.inbox_offset
            if not said.isdigit() or len(said) > 18:
                self._report.find(origin, record.offset, "it names no inbox record", "It was not written by the engine")
                continue
            at = int(said)
            outcome = Outcome(header.input_hash, header.causation_id, origin, record.offset)
            known = outcomes.setdefault(at, outcome)
            if known[:2] != outcome[:2]:
                what = (
                    f"it names inbox offset {at}, and so does {known.origin} offset {known.offset}, with another cause"
                )
                self._report.find(origin, record.offset, what, "One of the two was altered or invented")
        self._last_decided = max(outcomes, default=-1)

    def take_inbox(self, records: Sequence[Record], hashes: Sequence[bytes]) -> None:
        """Take the next records of the inbox, each with its H(record)."""
        for record, hashed in zip(records, hashes, strict=True):
            name, content = _said(record)
            outcome = self._outcomes.pop(record.offset, None)
            if outcome is None:
                self._silent(record, name, content)
                continue
            self._report.count("inputs with an outcome")
            self._had.add(name)
            self._had.add(content)
            self._judge(record, hashed, outcome)

    def end(self) -> None:
        """What names an inbox record that is not there."""
        for at, outcome in sorted(self._outcomes.items()):
            self._report.find(
                outcome.origin,
                outcome.offset,
                f"its cause, offset {at} of {self._origin}, is not there",
                "The fact was invented, or its input was removed",
            )

    def _judge(self, record: Record, hashed: bytes, outcome: Outcome) -> None:
        if outcome.input_hash != hashed:
            self._report.find(
                self._origin,
                record.offset,
                f"it is not the record from which {outcome.origin} offset {outcome.offset} was decided",
                "The input was altered, moved or exchanged after the decision, or the fact's inputhash was",
            )
            return
        header = dict(record.headers)
        if header.get(named.TYPE) == _REDRIVEN:
            return  # its facts name the redriven event
        if outcome.causation_id.decode(errors="replace") != _id_of(record):
            self._report.find(
                outcome.origin,
                outcome.offset,
                f"it names another event as its cause than the one at offset {record.offset} of {self._origin}",
                "Its causation was altered",
            )
        if header.get(named.TYPE) == _DAY and "ledger" in outcome.origin:
            self._today = max(self._today, _date(record))

    def _silent(self, record: Record, name: bytes, content: bytes) -> None:
        """An input from which nothing followed: not decided yet, or a repeat; else a decision is missing."""
        header = dict(record.headers)
        if record.offset > self._last_decided:
            self._report.count("inputs not decided yet")
        elif content in self._had or (header.get(named.TYPE) == _DAY and _date(record) <= self._today):
            self._report.count("repeats")
        elif header.get(named.TYPE) == _REDRIVEN or (name in self._had and _is_sealed(record)):
            self._report.count("repeats by name, their content sealed")
        else:
            self._report.find(
                self._origin,
                record.offset,
                "nothing followed from it: it is neither in the ledger nor refused, and repeats nothing",
                "Its fact or refusal was removed, or the record was put in afterwards",
            )


def _id_of(record: Record) -> str:
    """The id by which what follows from a record names it; a record that bears none is named by its place."""
    for name, content in record.headers:
        if name == named.ID:
            return (content or b"")[:LONGEST].decode(errors="replace")
    return f"{record.partition}/{record.offset}"


def _said(record: Record) -> tuple[bytes, bytes]:
    """Short hashes of a record's headers, and of them with its value; signatures count for nothing."""
    hashed = sha256()
    for name, content in record.headers:
        if name not in _SIGNATURES:
            hashed.update(b"%d %d " % (len(name), len(content or b"")) + name.encode() + (content or b""))
    name_digest = hashed.digest()
    hashed.update(record.value or b"")
    return name_digest[:16], b"+" + hashed.digest()[:16]


def _date(record: Record) -> bytes:
    """The date in a day's record: an Avro string of ten characters at its end."""
    return (record.value or b"")[-10:]


def _is_sealed(record: Record) -> bool:
    try:
        return read_arrival(record).sealed is not None
    except Unreadable:
        return False
