"""An inbox record as it arrives: envelope read, body decoded, nothing opened or judged yet.

Knows the two ways in which data travel: Avro with its sealed fields in one blob, or all of it sealed as JSON.
Must never raise anything but `Unreadable`, whatever bytes a stranger sent.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from services.log.codec import Undecodable, decode
from services.log.record import Headers, Record
from services.words import envelope as named
from services.words.envelope import Envelope
from services.words.topics import VALUE_LIMIT
from services.words.word import Sealed


class Unreadable(Exception):
    """The record cannot be read; the text says why, without a word of its content."""


class Arrival(NamedTuple):
    """One readable inbox record. `whole`: its data are nothing but a sealing, for no schema carries them."""

    record: Record
    envelope: Envelope
    fields: dict[str, Any]
    sealed: Sealed | None
    whole: bool

    @property
    def received(self) -> datetime:
        """Append time of the record: what "now" is for its decision."""
        return datetime.fromtimestamp(self.record.timestamp / 1000, UTC)


def read_arrival(record: Record) -> Arrival:
    """Read an inbox record. Raises `Unreadable`."""
    if record.value is None or len(record.value) > VALUE_LIMIT:
        raise Unreadable("it is empty" if record.value is None else "it is larger than 256 KiB")
    headers = _headers(record.headers)
    envelope = _envelope(headers)
    content_type = headers.get(named.CONTENT_TYPE)
    if content_type == named.AVRO.decode():
        fields, sealed = _avro(envelope.type, record.value)
        return Arrival(record, envelope, fields, sealed, whole=False)
    if content_type == named.JSON.decode():
        return Arrival(record, envelope, {}, _sealed_json(record.value), whole=True)
    raise Unreadable("its content type is neither Avro nor JSON")


def _headers(headers: Headers) -> dict[str, str]:
    try:
        found = {name: content.decode() for name, content in headers}
    except (UnicodeDecodeError, AttributeError) as fault:
        raise Unreadable("a header is not text") from fault
    if len(found) < len(headers):
        raise Unreadable("a header stands there twice")
    return found


def _envelope(headers: dict[str, str]) -> Envelope:
    if headers.get(named.SPECVERSION) != "1.0":
        raise Unreadable("it is not a CloudEvent of version 1.0")
    try:
        return Envelope(
            headers[named.ID],
            headers[named.TYPE],
            headers[named.SOURCE],
            headers.get(named.SUBJECT, ""),
            headers[named.TIME],
        )
    except KeyError as fault:
        raise Unreadable(f"the header {fault.args[0]} is missing") from None


def _avro(type_name: str, value: bytes) -> tuple[dict[str, Any], Sealed | None]:
    try:
        name, fields = decode(value)
    except Undecodable as fault:
        raise Unreadable(str(fault)) from fault
    if name != type_name:
        raise Unreadable("its type and its schema differ")
    sealed = fields.pop("sealed", None)
    return fields, Sealed(**sealed) if sealed else None


def _sealed_json(value: bytes) -> Sealed:
    try:
        sealed = json.loads(value)["sealed"]
        return Sealed(
            key_id=sealed["key_id"],
            key=base64.b64decode(sealed["key"], validate=True),
            blob=base64.b64decode(sealed["blob"], validate=True),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise Unreadable("it is JSON, but not a sealing") from fault
