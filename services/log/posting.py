"""From an event as people write it (CloudEvents JSON) to the draft of an inbox record, sealed as it must be.

Knows which fields are sealed and how data travel that no schema carries. Judges nothing: the host does (ruling 4).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from services.log.canonical import without_nulls
from services.log.codec import carries, encode_data
from services.log.partition import partition_of
from services.log.record import Draft
from services.log.schemas import released, released_ids
from services.log.sealing import PublicKey, associated_data, seal
from services.words.calendar import CALENDAR_KEY
from services.words.envelope import AVRO, JSON, Envelope
from services.words.word import Sealed


def envelope_of(event: Mapping[str, Any]) -> Envelope:
    """The envelope of an event; an absent subject is empty."""
    return Envelope(event["id"], event["type"], event["source"], event.get("subject") or "", event["time"])


def posted(event: Mapping[str, Any], topic: str, partitions: int, public: PublicKey) -> Draft:
    """The draft of an event for the partition of its subject."""
    envelope = envelope_of(event)
    key = envelope.subject.encode()
    content_type, value = _body(envelope, event["data"], public)
    return Draft(topic, partition_of(key, partitions), key, envelope.headers(content_type), value)


def posted_to_all(event: Mapping[str, Any], topic: str, partitions: int, public: PublicKey) -> list[Draft]:
    """The drafts of an event that is said to every partition, such as a day: it never has a subject."""
    envelope = envelope_of(event)._replace(subject="")
    content_type, value = _body(envelope, event["data"], public)
    headers = envelope.headers(content_type)
    return [Draft(topic, number, CALENDAR_KEY.encode(), headers, value) for number in range(partitions)]


def _body(envelope: Envelope, data: Any, public: PublicKey) -> tuple[bytes, bytes]:
    """Content type and value: Avro with the sealed fields in one blob; else all of it sealed as JSON."""
    if type(data) is dict and envelope.type in released_ids():
        hidden_names = released(envelope.type).get("sealed", ())
        clear = {name: value for name, value in data.items() if value is not None and name not in hidden_names}
        if carries(envelope.type, clear):
            hidden = {name: data[name] for name in hidden_names if data.get(name) is not None}
            sealed = _seal(envelope, without_nulls(hidden), public) if hidden else None
            return AVRO, encode_data(envelope.type, clear, sealed)
    return JSON, _json(_seal(envelope, data, public))


def _seal(envelope: Envelope, fields: Any, public: PublicKey) -> Sealed:
    return seal(fields, public, associated_data(envelope.source, envelope.id, envelope.type, envelope.subject))


def _json(sealed: Sealed) -> bytes:
    key, blob = (base64.b64encode(part).decode() for part in (sealed.key, sealed.blob))
    return orjson.dumps({"sealed": {"key_id": sealed.key_id, "key": key, "blob": blob}})
