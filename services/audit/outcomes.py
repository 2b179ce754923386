"""What became of each input, as a ledger and its refused partition have it: the records by the input's offset.

Knows that an owner writes in the order of its inbox. Must never decide.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

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
            end = bisect_right(self._ahead, inbox_offset, self._at, key=input_of_recorded)
            found += self._ahead[self._at : end]
            self._at = end
            if end < len(self._ahead):
                return found
            batch = await anext(self._batches, None)
            if batch is None:
                return found
            self._ahead, self._at = list(batch), 0

    async def aclose(self) -> None:
        """Read no further: what lies behind the last input that was asked for is left."""
        await self._batches.aclose()


def as_decided(recorded: Sequence[Record], decided: Sequence[Draft]) -> bool:
    """Whether what was recorded is what would now be written, in this order, byte for byte, and nothing else."""
    return len(recorded) == len(decided) and all(map(_is_draft, recorded, decided))


def _is_draft(record: Record, draft: Draft) -> bool:
    return (
        record.value == draft.value
        and record.key == draft.key
        and record.topic == draft.topic
        and list(record.headers) == draft.headers
    )


def by_input(records: Iterable[Record | Draft], input_of: Callable[[Any], int]) -> Mapping[int, list[Written]]:
    """Records by the offset of their input."""
    found: dict[int, list[Written]] = {}
    for record in records:
        written = Written(record.topic, record.key, list(record.headers), record.value)
        found.setdefault(input_of(record), []).append(written)
    return found


def input_of(draft: Draft) -> int:
    """The offset of the input from which a draft comes."""
    return int(dict(draft.headers)[named.INBOX_OFFSET])


def input_of_recorded(record: Record) -> int:
    """The same of what was recorded. Raises `Altered` if it does not say it as a host does."""
    try:
        return int(dict(record.headers)[named.INBOX_OFFSET])
    except UNLIKE_A_HOST as fault:
        raise altered(record) from fault


def differing(recorded: Mapping[int, Outcome], decided: Mapping[int, Outcome]) -> Iterator[int]:
    """The inputs whose outcome is not the same byte for byte, in order."""
    for offset in sorted(recorded.keys() | decided.keys()):
        if recorded.get(offset) != decided.get(offset):
            yield offset
