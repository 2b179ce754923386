"""The chain: the hash of a record, which the next record of its partition carries.

Knows how a record is hashed (design §4): SHA-256 over key, number of headers, each header's name and value in order,
and value, each with its length in 4 bytes, big-endian; null has the length ffffffff. Append times are not covered.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeAlias

from services.words.envelope import HEADER_NAMES

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]

ZEROS = bytes(32)
"""What the first record of a partition carries as its predecessor's hash."""

_LENGTH = struct.Struct(">I")
_NULL = b"\xff\xff\xff\xff"


def record_hash(key: bytes | None, headers: Headers, value: bytes | None) -> bytes:
    """H(record), 32 bytes. A stranger's header may be null; no host writes one."""
    try:
        spelt = _spelt(headers)
    except (KeyError, IndexError, TypeError):  # a name, a length or a null that no host writes
        spelt = _spelt_out(headers)
    head = _with_length(key) + _LENGTH.pack(len(headers))
    return sha256(b"".join((head, *spelt, _with_length(value)))).digest()


def _spelt(headers: Headers) -> list[bytes]:
    """Names, lengths and contents: every record comes by here twice, so what can be ready is."""
    parts: list[bytes] = []
    for name, content in headers:
        parts += (_NAMES[name], _LENGTHS[len(content)], content)  # type: ignore[arg-type]  # null is a TypeError
    return parts


def _spelt_out(headers: Headers) -> list[bytes]:
    """The same for whatever a stranger may send."""
    return [part for name, content in headers for part in (_with_length(name.encode()), _with_length(content))]


def _with_length(content: bytes | None) -> bytes:
    return _NULL if content is None else _LENGTH.pack(len(content)) + content


_NAMES = {name: _with_length(name.encode()) for name in HEADER_NAMES}
_LENGTHS = [_LENGTH.pack(length) for length in range(4096)]
