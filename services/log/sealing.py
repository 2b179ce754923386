"""How sealed fields travel: a blob under a fresh content key, and that key sealed to the recorder's key of the month.

Knows the cryptography of the wire. Must never know a secret key that outlives one event, nor whose fields they are.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from services.log.canonical import Json, canonical
from services.words.word import Sealed

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"kmpt content key"
_CONTENT_KEY_BYTES = 32
_NONCE_BYTES = 12
DEEPEST = 32
"""How deep sealed fields may be nested."""


class DoesNotOpen(Exception):
    """A blob was not sealed with this content key for this event, or holds no JSON that can be read."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A month's public key: its id (`YYYY-MM`) and the 32 raw bytes of an X25519 key (RFC 7748)."""

    key_id: str
    key: bytes


def associated_data(source: str, id: str, type: str, subject: str) -> bytes:
    """Bind a blob to the event it was sealed for: each text in UTF-8 behind its length in 4 bytes, big-endian."""
    encoded = [text.encode() for text in (source, id, type, subject)]
    return b"".join(len(text).to_bytes(4, "big") + text for text in encoded)


def seal(fields: Json, public: PublicKey, aad: bytes) -> Sealed:
    """Seal fields under a fresh content key, and that key to the month's public key.

    Raises `ValueError` if the fields are no JSON value or the public key is none.
    """
    content_key = os.urandom(_CONTENT_KEY_BYTES)
    nonce = os.urandom(_NONCE_BYTES)
    blob = nonce + AESGCM(content_key).encrypt(nonce, canonical(fields), aad)
    return Sealed(key_id=public.key_id, key=_SUITE.encrypt(content_key, _parsed(public.key), info=_INFO), blob=blob)


def open_blob(blob: bytes, content_key: bytes, aad: bytes) -> Json:
    """Return the fields that were sealed; raises `DoesNotOpen` for anything else, whatever a stranger made of it."""
    try:
        text = AESGCM(content_key).decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise DoesNotOpen("The sealed fields do not open with this key for this event.") from None
    return _read(text)


def _read(text: bytes) -> Json:
    try:
        # orjson refuses what JSON cannot say (NaN, infinity, half a surrogate pair); json keeps a number's every digit.
        orjson.loads(text)
        value = cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        raise DoesNotOpen("The sealed fields are not JSON.") from None
    if is_deep(text, value):
        raise DoesNotOpen(f"The sealed fields are nested more than {DEEPEST} deep.")
    return value


def is_deep(text: bytes, value: Json) -> bool:
    """Tell whether a value, written in `text`, is nested so deep that spelling it out might exhaust the stack."""
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    return any(isinstance(value, dict | list) for value in level)


def _inside(value: Json) -> list[Json]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return list(value)
        case _:
            return []


@lru_cache(maxsize=64)
def _parsed(public: bytes) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(public)
