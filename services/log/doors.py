"""Door signatures: the proof that a system word came from its door (design §4, `doorsig`).

Knows an HMAC over a record's hash. Must never know where keys are kept.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from services.log.chain import record_hash
from services.log.record import Draft, Headers, Record
from services.words.envelope import DOOR_SIGNATURE

DoorKeys = Mapping[str, Sequence[bytes]]
"""Door name to every key that it ever signed with."""


def signed(draft: Draft, door: str, key: bytes) -> Draft:
    """The draft with its door's signature as last header."""
    content = door.encode() + b":" + _mac(draft.key, draft.headers, draft.value, key)
    return Draft(draft.topic, draft.partition, draft.key, [*draft.headers, (DOOR_SIGNATURE, content)], draft.value)


def is_signed(record: Record, door: str, keys: DoorKeys) -> bool:
    """Whether the record's last header is this door's signature under one of its keys."""
    if not record.headers or record.headers[-1][0] != DOOR_SIGNATURE:
        return False
    name, _, found = record.headers[-1][1].partition(b":")
    if name != door.encode():
        return False
    unsigned = record.headers[:-1]
    return any(hmac.compare_digest(found, _mac(record.key, unsigned, record.value, key)) for key in keys.get(door, ()))


def _mac(key: bytes | None, headers: Headers, value: bytes | None, secret: bytes) -> bytes:
    return hmac.digest(secret, record_hash(key, headers, value), "sha256").hex().encode()
