"""A message as a provider's program gets it, and how a record or a CloudEvent becomes one.

What was released after this program is no reason to stop: a newer schema is read by the file of it if there is one,
fields that this program does not know are left out, and all else is `NotUnderstood`. Must never raise for what the
trust said.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
from pydantic import ValidationError

from services.log.codec import Undecodable, decode
from services.log.record import Record
from services.log.schemas import released
from services.words import envelope as named
from services.words.handover_catalogue import MESSAGE_WORDS
from services.words.word import Word

_FRAME_BYTES = 5


class NotUnderstood(Word, prefix="kmpt.sis.kit"):
    """A message that this program cannot read; it has no schema, for nobody ever says it."""

    type_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Message:
    """What the trust said: its own id, the handover that it is about, when, and its place in the order of messages."""

    id: str
    handover_id: str
    time: str
    offset: int
    word: Word


def message_of(record: Record, newer: Path | None = None) -> Message:
    """A record of an offers topic, read; `newer` is a folder of schemas, each in a file `<registry id>.avsc`."""
    headers = {name: content.decode(errors="replace") for name, content in record.headers}
    return Message(
        id=headers.get(named.ID, f"{record.topic}/{record.offset}"),
        handover_id=(record.key or b"").decode(errors="replace"),
        time=headers.get(named.TIME, ""),
        offset=record.offset,
        word=_word(headers.get(named.TYPE, ""), record.value, newer),
    )


def message_in(event: Mapping[str, Any], offset: int) -> Message:
    """A message as a CloudEvent in JSON, as the file exchange hands it over."""
    type_name, data = str(event.get("type", "")), event.get("data")
    word = _of_data(type_name, data if isinstance(data, dict) else None, in_base64=True)
    return Message(
        id=str(event.get("id", "")),
        handover_id=str(event.get("subject", "")),
        time=str(event.get("time", "")),
        offset=offset,
        word=word,
    )


def _word(type_name: str, value: bytes | None, newer: Path | None) -> Word:
    if type_name not in MESSAGE_WORDS:
        return NotUnderstood(type_name=type_name, why="this program knows no message of that type")
    fields = _fields(type_name, value, newer)
    if fields is None:
        return NotUnderstood(type_name=type_name, why="its schema is newer than this program, and not at hand")
    return _of_data(type_name, fields)


def _fields(type_name: str, value: bytes | None, newer: Path | None) -> dict[str, Any] | None:
    try:
        return decode(value)[1]
    except Undecodable:
        return _by_newer_schema(type_name, value or b"", newer)


def _by_newer_schema(type_name: str, value: bytes, newer: Path | None) -> dict[str, Any] | None:
    """The fields that this program knows of a value written by a schema in the folder; None if it cannot be read."""
    if newer is None:
        return None
    try:
        written = json.loads((newer / f"{int.from_bytes(value[1:_FRAME_BYTES], 'big')}.avsc").read_text("utf-8"))
        body = BytesIO(value[_FRAME_BYTES:])
        fields = fastavro.schemaless_reader(body, fastavro.parse_schema(written), released(type_name))
    except Exception:  # noqa: BLE001  # a stranger's bytes and a stranger's file: whatever they provoke, it is not read
        return None
    return fields if isinstance(fields, dict) else None


def _of_data(type_name: str, data: Mapping[str, Any] | None, *, in_base64: bool = False) -> Word:
    word = MESSAGE_WORDS.get(type_name)
    if word is None or data is None:
        return NotUnderstood(type_name=type_name, why="this program knows no message of that type")
    try:
        known = {name: value for name, value in data.items() if name in word.model_fields}
        if in_base64:
            known = {name: _raw(word, name, value) for name, value in known.items()}
        return word.model_validate(known)
    except (ValidationError, ValueError, TypeError):
        return NotUnderstood(type_name=type_name, why="its fields are not those that this program knows")


def _raw(word: type[Word], name: str, value: Any) -> Any:
    return b64decode(value, validate=True) if word.model_fields[name].annotation is bytes else value
