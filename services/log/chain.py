"""The chain: the hash of a record, which the next record of its partition carries.

Knows how a record is hashed (design §4): SHA-256 over key, number of headers, each header's name and value in order, and
value, each with its length in 4 bytes, big-endian; null has the length ffffffff. Append times are not covered.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from hashlib import sha256

from services.log.record import Headers

ZEROS = bytes(32)
"""What the first record of a partition carries as its predecessor's hash."""

_LENGTH = struct.Struct(">I")
_NULL = b"\xff\xff\xff\xff"


def record_hash(key: bytes | None, headers: Headers, value: bytes | None) -> bytes:
    """H(record), 32 bytes."""
    pack = _LENGTH.pack
    parts = [_NULL if key is None else pack(len(key)) + key, pack(len(headers))]
    for name, content in headers:
        parts.append(_name(name))
        parts.append(pack(len(content)))
        parts.append(content)
    parts.append(_NULL if value is None else pack(len(value)) + value)
    return sha256(b"".join(parts)).digest()


@lru_cache(maxsize=1024)
def _name(name: str) -> bytes:
    encoded = name.encode()
    return _LENGTH.pack(len(encoded)) + encoded
