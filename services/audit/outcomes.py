"""What became of each input, as a ledger and its refused partition have it: the records by the input's offset.

Knows that an owner writes in the order of its inbox. Must never decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from services.audit.partition_reading import ReaderOf, read_whole
from services.log.kept import UNLIKE_A_HOST, altered
from services.log.ports import Place
from services.log.record import Draft, Headers, Record
from services.words import envelope as named


class Written(NamedTuple):
    """One record as it was, or would now be, written."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes | None


Outcome = Sequence[Written]
"""Records of one input, by partition and order; empty: a repeat."""


class Recorded:
    """The records of one ledger or refused partition, handed out up to one input after another."""

    def __init__(self, reader_of: ReaderOf, place: Place) -> None:
        self._batches = read_whole(reader_of, place)
        self._ahead: list[Record] = []
        self._at = 0

    async def up_to(self, inbox_offset: int) -> list[Record]:
        """All records, from the last one handed out, of inputs up to this one."""
        found: list[Record] = []
        while True:
            while self._at < len(self._ahead):
                if _input_of(self._ahead[self._at]) > inbox_offset:
                    return found
                found.append(self._ahead[self._at])
                self._at += 1
            batch = await anext(self._batches, None)
            if batch is None:
                return found
            self._ahead, self._at = list(batch), 0

    async def aclose(self) -> None:
        """Read no further: what lies behind the last input that was asked for is left."""
        await self._batches.aclose()


def _input_of(record: Record) -> int:
    try:
        return input_of(record.headers)
    except UNLIKE_A_HOST as fault:
        raise altered(record) from fault


def by_input(records: Sequence[Record | Draft]) -> Mapping[int, list[Written]]:
    """Records by the offset of their input."""
    found: dict[int, list[Written]] = {}
    for record in records:
        written = Written(record.topic, record.key, record.headers, record.value)
        found.setdefault(input_of(record.headers), []).append(written)
    return found


def input_of(headers: Headers) -> int:
    """The offset of the input from which a record came. Raises `KeyError` if the record says nothing of it."""
    for name, value in headers:
        if name == named.INBOX_OFFSET:
            return int(value)
    raise KeyError(named.INBOX_OFFSET)


def differing(recorded: Mapping[int, Outcome], decided: Mapping[int, Outcome]) -> Iterator[int]:
    """The inputs whose outcome is not the same byte for byte, in order."""
    for offset in sorted(recorded.keys() | decided.keys()):
        if not _same(recorded.get(offset, ()), decided.get(offset, ())):
            yield offset


def _same(one: Outcome, other: Outcome) -> bool:
    return len(one) == len(other) and all(
        (a.topic, a.key, a.value) == (b.topic, b.key, b.value) and list(a.headers) == list(b.headers)
        for a, b in zip(one, other, strict=True)
    )
