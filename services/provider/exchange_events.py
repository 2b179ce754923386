"""Messages and replies as CloudEvents in JSON, as the files of the exchange hold them.

Knows the JSON of both. Must never judge what a reply says: the trust does.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from services.county.civil_dates import parse_instant
from services.log.codec import Undecodable, decode, plain
from services.log.record import Record
from services.provider.post import source_of
from services.words import envelope as named
from services.words.handover_catalogue import REPLY_WORDS
from services.words.replies import Reply

_LONGEST = 200
"""Characters of an id or a time; no reply needs more."""


class NotAReply(Exception):
    """A file that is whole holds no reply; the text says why, without a word of its content."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply as a file holds it."""

    id: str
    handover_id: str
    time: str
    reply: Reply


def event_of(record: Record) -> dict[str, Any]:
    """A record of an offers topic as a CloudEvent; bytes, and data of a schema that is unknown here, are in base64."""
    headers = {name: content.decode() for name, content in record.headers}
    event = {
        "specversion": "1.0",
        "id": headers[named.ID],
        "type": headers[named.TYPE],
        "source": headers[named.SOURCE],
        "subject": (record.key or b"").decode(),
        "time": headers[named.TIME],
    }
    try:
        _, fields = decode(record.value)
    except Undecodable:
        return {**event, "data_base64": b64encode(record.value or b"").decode()}
    return {**event, "data": {name: _json(value) for name, value in fields.items() if value is not None}}


def event_of_reply(reply: Reply, provider_id: str, handover_id: str, id: str, time: str) -> dict[str, Any]:
    """A reply as a CloudEvent; a free text stands in it as it was written, and is sealed by the exchange."""
    data = {name: plain(value) for name, value in reply if value is not None}
    source = source_of(provider_id)
    envelope = {"specversion": "1.0", "id": id, "type": reply.TYPE, "source": source, "subject": handover_id}
    return {**envelope, "time": time, "data": data}


def reply_in(content: bytes, id: str) -> Said:
    """The reply that a file of this id holds. Raises `NotAReply`."""
    event = _event(content)
    if event.get("id") != id:
        raise NotAReply("its id is not the name of its file")
    word = REPLY_WORDS.get(_text(event, "type"))
    if word is None:
        raise NotAReply("its type is none of the replies: " + ", ".join(sorted(REPLY_WORDS)))
    try:
        reply = word.model_validate({**_data(event), "sealed": None} if word.SEALED else _data(event))
    except ValidationError as fault:
        wrong = sorted({str(error["loc"][0]) for error in fault.errors() if error["loc"]})
        raise NotAReply(f"in its data these are not as they must be: {', '.join(wrong)}") from None
    assert isinstance(reply, Reply)
    return Said(id, _text(event, "subject"), _instant(event), reply)


def _event(content: bytes) -> Mapping[str, Any]:
    try:
        event = orjson.loads(content)
    except ValueError:
        raise NotAReply("it is not JSON") from None
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise NotAReply("it is not a CloudEvent of version 1.0")
    return event


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    data = event.get("data")
    if not isinstance(data, dict) or "sealed" in data:
        raise NotAReply("it has no data that could be a reply's")
    return data


def _text(event: Mapping[str, Any], name: str) -> str:
    text = event.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
        raise NotAReply(f"its {name} is no text of 1 to {_LONGEST} characters")
    return text


def _instant(event: Mapping[str, Any]) -> str:
    time = _text(event, "time")
    try:
        parse_instant(time)
    except ValueError:
        raise NotAReply("its time is no instant such as 2012-10-01T09:30:00+01:00") from None
    return time


def _json(value: object) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else value
