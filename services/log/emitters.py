"""Emitters' signatures: the proof that a word was said by the team or the commissioner that it names as its source.

Knows an HMAC over what is said. Must never know where keys are kept.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Protocol

from services.log.arrival import Arrival
from services.log.record import Draft, Record
from services.words import envelope as named
from services.words.emitting import EmitterKey, emitter_of

_SAID = (named.ID, named.SOURCE, named.TYPE, named.SUBJECT, named.TIME)


class Emitters(Protocol):
    """Whose signatures count; `strict`: what is not signed is refused."""

    @property
    def strict(self) -> bool:
        """Whether everything must be signed."""

    def keys_of(self, emitter: str) -> Sequence[EmitterKey]:
        """Every key that this emitter has or had; none if it is unknown."""


def signed_by(draft: Draft, emitter: str, key: bytes) -> Draft:
    """The draft with its emitter's signature as last header."""
    content = emitter.encode() + b":" + _mac(draft, key)
    headers = [*draft.headers, (named.EMITTER_SIGNATURE, content)]
    return Draft(draft.topic, draft.partition, draft.key, headers, draft.value)


def may_speak(arrival: Arrival, emitters: Emitters) -> bool:
    """Whether this source may have said this: signed by a key that speaks for it, or unsigned where that is taken."""
    record = arrival.record
    if record.headers[-1][0] != named.EMITTER_SIGNATURE:
        return not emitters.strict and all(name != named.EMITTER_SIGNATURE for name, _ in record.headers)
    name, _, found = record.headers[-1][1].partition(b":")
    emitter = emitter_of(arrival.envelope.source)
    if emitter is None or name != emitter.encode():
        return False
    at = record.timestamp
    counting = (one.key for one in emitters.keys_of(emitter) if one.until is None or at <= one.until)
    return any(hmac.compare_digest(found, _mac(record, key)) for key in counting)


def _mac(said: Draft | Record, key: bytes) -> bytes:
    """What is signed: id, source, type, subject, time and content, each with its length before it."""
    headers = dict(said.headers)
    parts = (*[headers.get(name, b"") for name in _SAID], said.value or b"")
    content = b"".join([piece for part in parts for piece in (len(part).to_bytes(4, "big"), part)])
    return hmac.digest(key, content, "sha256").hex().encode()
