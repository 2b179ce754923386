"""The content digest: what makes two inputs the same (ruling 5).

Knows one spelling of source, type, subject, time and data. A content with sealed fields is digested under a key derived
from the subject's own, so that the digest says nothing once that key is destroyed.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from services.log.arrival import Arrival
from services.log.canonical import canonical, canonical_plain, without_nulls
from services.log.codec import is_flat
from services.log.keys import TurnKeys
from services.log.opening import Opened


def digest_of(arrival: Arrival, content: Opened, keys: TurnKeys) -> bytes:
    """32 bytes: HMAC-SHA-256 if any field is sealed, else SHA-256; of an erased subject the sealing is digested."""
    envelope = arrival.envelope
    as_it_is = arrival.sealed is None and is_flat(envelope.type)
    said: dict[str, Any] = {
        "source": envelope.source,
        "type": envelope.type,
        "time": envelope.time,
        "data": content.data if as_it_is else without_nulls(content.data),
    }
    if envelope.subject:
        said["subject"] = envelope.subject
    if arrival.sealed is None:
        return sha256(canonical_plain(said)).digest()
    if content.erased:
        return sha256(canonical(said) + arrival.sealed.blob).digest()
    return hmac.digest(keys.digest_key(envelope.subject), canonical(said), "sha256")
