"""The chain: the hash of a record, which the next record of its partition carries.

Knows how a record is hashed (design §4): SHA-256 over key, number of headers, each header's name and value in order,
and value, each with its length in 4 bytes, big-endian; null has the length ffffffff. Append times are not covered.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import sha256

ZEROS = bytes(32)
"""What the first record of a partition carries as its predecessor's hash."""

_LENGTH = struct.Struct(">I")
_NULL = b"\xff\xff\xff\xff"


def record_hash(key: bytes | None, headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> bytes:
    """H(record), 32 bytes. A stranger's header may be null; no host writes one."""
    parts = [_with_length(key), _LENGTH.pack(len(headers))]
    for name, content in headers:
        parts += (_NAMES[name], _NULL if content is None else _LENGTHS[len(content)], content or b"")
    parts.append(_with_length(value))
    return sha256(b"".join(parts)).digest()


def _with_length(content: bytes | None) -> bytes:
    return _NULL if content is None else _LENGTHS[len(content)] + content


class _Names(dict[str, bytes]):
    """Header names with their lengths before them, each made once: there are few of them."""

    def __missing__(self, name: str) -> bytes:
        encoded = name.encode()
        made = _LENGTH.pack(len(encoded)) + encoded
        if len(self) < _MOST_KEPT:
            self[name] = made
        return made


class _Lengths(dict[int, bytes]):
    """Lengths in 4 bytes, each made once."""

    def __missing__(self, length: int) -> bytes:
        made = _LENGTH.pack(length)
        if len(self) < _MOST_KEPT:
            self[length] = made
        return made


_MOST_KEPT = 4096
"""A stranger may send any name and any length: no more than so many are kept."""
_NAMES = _Names()
_LENGTHS = _Lengths()
