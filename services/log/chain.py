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
        spelt = _spelt(key, headers, value)  # type: ignore[arg-type]  # null is a TypeError
    except (KeyError, IndexError, TypeError):  # a name, a length or a null that no host writes
        spelt = _spelt_out(key, headers, value)
    return sha256(b"".join(spelt)).digest()


def _spelt(key: bytes, headers: Sequence[tuple[str, bytes]], value: bytes) -> list[bytes]:
    """What a host writes: every record comes by here twice, so what can be ready is."""
    parts = [_LENGTHS[len(key)], key, _LENGTHS[len(headers)]]
    for name, content in headers:
        parts.append(_NAMES[name][len(content)])
        parts.append(content)
    parts += (_LENGTH.pack(len(value)), value)
    return parts


def _spelt_out(key: bytes | None, headers: Headers, value: bytes | None) -> list[bytes]:
    """The same for whatever a stranger may send."""
    named = [part for name, content in headers for part in (_with_length(name.encode()), _with_length(content))]
    return [_with_length(key), _LENGTH.pack(len(headers)), *named, _with_length(value)]


def _with_length(content: bytes | None) -> bytes:
    return _NULL if content is None else _LENGTH.pack(len(content)) + content


class _Name(dict[int, bytes]):
    """A header's name with its length, and then the length of its content: spelt when a content has that length."""

    def __init__(self, name: str) -> None:
        self._spelt = _with_length(name.encode())

    def __missing__(self, length: int) -> bytes:
        spelt = self[length] = self._spelt + _LENGTHS[length]
        return spelt


_LENGTHS = [_LENGTH.pack(length) for length in range(4096)]
_NAMES = {name: _Name(name) for name in HEADER_NAMES}
