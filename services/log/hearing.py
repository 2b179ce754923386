"""Hearing a batch of inbox records: read, opened, digested and shaped, before any state is asked.

Works in stages, one kind of work for the whole batch after another: the processor then keeps each stage's code at hand,
and a record costs three fifths of what it costs when it goes through all of them alone. Knows ruling 8 up to
INVALID_DATA. Must never know a state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from services.log.arrival import Arrival, Unreadable, read_arrival
from services.log.chain import record_hash
from services.log.desk import Desk
from services.log.digest import digest_of
from services.log.judging import lies_right, word_of
from services.log.keys import TurnKeys
from services.log.opening import Opened, opened
from services.log.record import Record
from services.log.remembered import Entry, Had, Remembered, had, name_of
from services.log.scribe import Redrive, rfc3339
from services.log.writing import Origin
from services.words.refusals import Refusal
from services.words.word import Word

LONGEST = 4_000
"""Bytes of a key or header; what is longer is read by nobody, and refused as unreadable."""


class Heard(NamedTuple):
    """A record that is read and lies right. `name` is its id's in memory; `reused`: its id was recorded before."""

    arrival: Arrival
    content: Opened
    origin: Origin
    name: bytes
    redrive: Redrive | None = None
    reused: bool = False


class Stranger(NamedTuple):
    """A record that could not be read, or lies wrong."""

    record: Record
    refusal: Refusal


def hear(records: Sequence[Record], partitions: int, keys: TurnKeys) -> list[Heard | Stranger]:
    """Hear a batch, in order."""
    strangers: list[Stranger] = []
    arrivals = list(_read(records, strangers))
    contents = list(_opened(arrivals, keys, strangers))
    placed = list(_lying_right(contents, partitions, strangers))
    digests = [digest_of(arrival, content, keys) for arrival, content in placed]
    hashes = [input_hash(arrival.record) for arrival, _ in placed]
    heard = [_heard(*pair, *sums) for pair, sums in zip(placed, zip(digests, hashes, strict=True), strict=True)]
    return sorted([*heard, *strangers], key=_offset) if strangers else list(heard)


def hear_again(record: Record, partitions: int, keys: TurnKeys) -> Heard | None:
    """Hear a refused record once more, with the content key that was kept; None if it cannot be read or lies wrong."""
    strangers: list[Stranger] = []
    for arrival in _read([record], strangers):
        for pair in _lying_right(_opened([arrival], keys, strangers, again=True), partitions, strangers):
            return _heard(*pair, digest_of(*pair, keys), input_hash(record))
    return None


class Known(NamedTuple):
    """What is known of a record before its turn: contents that its id was had with; its word, or why it is none.

    There is no word if it was had before with this content.
    """

    entries: Sequence[Entry] = ()
    word: Word | Refusal | None = None


def known(heard: Sequence[Heard | Stranger], desk: Desk[Any], remembered: Remembered) -> list[Known]:
    """What is known of each record; nothing of strangers."""
    return [_known(one, desk, remembered) if type(one) is Heard else _NOTHING for one in heard]


def input_hash(record: Record) -> bytes:
    """The hash by which a ledger binds an inbox record."""
    return record_hash(record.key, record.headers, record.value)


def _read(records: Iterable[Record], strangers: list[Stranger]) -> Iterator[Arrival]:
    for record in records:
        if _is_long_winded(record):
            strangers.append(_unreadable(record, "its key or a header is too long"))
            continue
        try:
            yield read_arrival(record)
        except Unreadable as fault:
            strangers.append(_unreadable(record, str(fault)))


def _opened(
    arrivals: Iterable[Arrival], keys: TurnKeys, strangers: list[Stranger], *, again: bool = False
) -> Iterator[tuple[Arrival, Opened]]:
    for arrival in arrivals:
        try:
            yield arrival, opened(arrival, keys, again=again)
        except Unreadable as fault:
            strangers.append(_unreadable(arrival.record, str(fault)))


def _lying_right(
    contents: Iterable[tuple[Arrival, Opened]], partitions: int, strangers: list[Stranger]
) -> Iterator[tuple[Arrival, Opened]]:
    for arrival, content in contents:
        if lies_right(arrival, partitions):
            yield arrival, content
        else:
            strangers.append(Stranger(arrival.record, Refusal("MISROUTED")))


def _heard(arrival: Arrival, content: Opened, digest: bytes, hashed: bytes) -> Heard:
    record, envelope = arrival.record, arrival.envelope
    origin = Origin(record.offset, rfc3339(record.timestamp), envelope.id, digest, hashed)
    return Heard(arrival, content, origin, name_of(envelope.subject, envelope.id))


def _known(heard: Heard, desk: Desk[Any], remembered: Remembered) -> Known:
    entries = remembered.entries(heard.name)
    if entries and had(entries, heard.origin.digest) is Had.SAME:
        return Known(entries)
    return Known(entries, word_of(heard.arrival, heard.content, desk))


def _is_long_winded(record: Record) -> bool:
    """Whether key or headers are so long that a record that repeats them might be larger than the log keeps."""
    for _, content in record.headers:  # a plain loop: every record comes by here
        if len(content or b"") > LONGEST:
            return True
    return record.key is not None and len(record.key) > LONGEST


def _unreadable(record: Record, problem: str) -> Stranger:
    return Stranger(record, Refusal("UNREADABLE", {"problem": problem}))


def _offset(one: Heard | Stranger) -> int:
    return one.record.offset if isinstance(one, Stranger) else one.origin.offset


_NOTHING = Known()
