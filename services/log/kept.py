"""A record of a ledger or refused partition, read: the envelope, and where in which chain it stands.

Knows the headers that a host adds. Must never decide anything.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from services.log.codec import Undecodable, decode
from services.log.record import Record
from services.words import envelope as named
from services.words.catalogue import EVERY_WORD
from services.words.word import Word

UNLIKE_A_HOST = (Undecodable, KeyError, ValueError, TypeError, AttributeError)
"""What reading ends with if a record has not the headers, the schema or the values that a host writes."""


class Altered(Exception):
    """A record cannot be read as one that a host wrote: somebody altered it or put it in; the text says where."""


def altered(record: Record | Kept) -> Altered:
    """The error of this record."""
    where = f"{record.topic} partition {record.partition} offset {record.offset}"
    return Altered(
        f"{where} is not as this system writes: it was altered, or put in by somebody else. "
        "sis audit verify says what was done"
    )


class Kept(NamedTuple):
    """One fact or refusal as it was written.

    `id`, `source` and `time` are its own; `causation_id` is the id of the input it came from, `inbox_offset` where that
    lies, `recorded_time` when that was appended (RFC 3339, UTC); `known_ms` is when this record was appended itself.
    """

    topic: str
    partition: int
    offset: int
    key: str
    id: str
    type: str
    source: str
    subject: str
    time: str
    recorded_time: str
    inbox_offset: int
    sequence: int
    causation_id: str
    correlation_id: str
    content_digest: bytes
    previous_hash: bytes
    known_ms: int
    data: dict[str, Any]

    def word(self) -> Word:
        """The data as its model; sealed fields are absent."""
        return EVERY_WORD[self.type].model_validate(self.data)


def read_kept(record: Record) -> Kept:
    """Read a record that a host wrote. What a host wrote is readable: anything else raises `Altered`."""
    try:
        return _read(record)
    except UNLIKE_A_HOST as fault:
        raise altered(record) from fault


def _read(record: Record) -> Kept:
    headers = dict(record.headers)
    type_name, data = decode(record.value)
    return Kept(
        record.topic,
        record.partition,
        record.offset,
        (record.key or b"").decode(),
        headers[named.ID].decode(),
        type_name,
        headers[named.SOURCE].decode(),
        headers.get(named.SUBJECT, b"").decode(),
        headers[named.TIME].decode(),
        headers[named.RECORDED_TIME].decode(),
        int(headers[named.INBOX_OFFSET]),
        int(headers[named.SEQUENCE]),
        headers[named.CAUSATION_ID].decode(),
        headers[named.CORRELATION_ID].decode(),
        headers[named.CONTENT_DIGEST],
        headers[named.PREVIOUS_HASH],
        record.timestamp,
        data,
    )
