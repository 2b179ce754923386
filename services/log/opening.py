"""An arrival opened: its data in plain, its content key, and its sealing as a ledger keeps it.

Knows how sealed fields are opened and wrapped anew. What it returns must never be kept beyond the turn.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from services.log.arrival import Arrival, Unreadable
from services.log.canonical import without_nulls
from services.log.keys import TurnKeys
from services.log.record import Record
from services.log.sealing import DoesNotOpen, associated_data, open_blob
from services.words.errors import CannotOpen, Erased
from services.words.word import Sealed

_NO_KEY = "its sealed fields do not open with the recorder's keys for this event"


class Opened(NamedTuple):
    """`data` is plain JSON, nulls dropped; `kept` the sealing under the subject's own key; both None-like if erased."""

    data: Any
    content_key: bytes | None = None
    kept: Sealed | None = None
    erased: bool = False


def opened(arrival: Arrival, keys: TurnKeys, *, again: bool = False) -> Opened:
    """Open an arrival; `again`: for a redrive, with the content key that was kept when it was refused.

    Raises `Unreadable` if its sealed fields do not open.
    """
    clear = arrival.fields
    if None in clear.values():
        clear = {name: value for name, value in clear.items() if value is not None}
    subject = arrival.envelope.subject
    if subject and keys.is_erased(subject):
        return Opened(clear, erased=True)
    if arrival.sealed is None:
        return Opened(clear)
    content_key = _content_key(arrival.sealed, subject, keys, arrival.record if again else None)
    hidden = _hidden(arrival, content_key)
    if arrival.whole:
        return Opened(without_nulls(hidden), content_key)
    if type(hidden) is not dict or not clear.keys().isdisjoint(hidden):
        raise Unreadable("its sealed fields are not fields, or stand in clear as well")
    data = {**clear, **{name: value for name, value in hidden.items() if value is not None}}
    kept = Sealed(key_id=subject, key=keys.wrap(subject, content_key), blob=arrival.sealed.blob)
    return Opened(data, content_key, kept)


def _content_key(sealed: Sealed, subject: str, keys: TurnKeys, refused: Record | None) -> bytes:
    try:
        if refused is not None:
            stored = keys.refused_key(refused.topic, refused.partition, refused.offset, subject)
            if stored is not None:
                return stored
        return keys.content_key(sealed.key_id, sealed.key)
    except (CannotOpen, Erased) as fault:
        raise Unreadable(_NO_KEY) from fault


def _hidden(arrival: Arrival, content_key: bytes) -> Any:
    envelope = arrival.envelope
    aad = associated_data(envelope.source, envelope.id, envelope.type, envelope.subject)
    assert arrival.sealed is not None
    try:
        return open_blob(arrival.sealed.blob, content_key, aad)
    except DoesNotOpen as fault:
        raise Unreadable(_NO_KEY) from fault
