"""The shapes that only the handover's words have: a provider's id and key, minutes of a contract, coded answers.

Knows when a value is well shaped. Must never know which providers or contracts there are.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.words.fields import CodeOf, Text
from services.words.topics import is_provider_id

_KEY_BYTES = 32
_P = 2**255 - 19
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _P - 1,
        _P,
        _P + 1,
    }
)
"""Points of Curve25519 that lead to the same secret with every key: nothing can be sealed to them."""


def raw_public_key(text: str) -> bytes:
    """The 32 bytes of an X25519 public key (RFC 7748) from base64. ValueError if it is none."""
    raw = b64decode(text, validate=True)
    if len(raw) != _KEY_BYTES:
        raise ValueError("an X25519 public key has 32 bytes")
    if int.from_bytes(raw, "little") % 2**255 in _SMALL_ORDER:
        raise ValueError("nothing can be sealed to this key")
    return raw


def _provider_id(text: str) -> str:
    if not is_provider_id(text):
        raise PydanticCustomError("not_a_provider_id", "a provider id has 1 to 40 lower-case letters, digits, hyphens")
    return text


def _public_key(text: str) -> str:
    try:
        raw_public_key(text)
    except ValueError:
        raise PydanticCustomError("not_a_public_key", "a public key is 32 bytes of X25519 in base64") from None
    return text


ProviderId = Annotated[str, AfterValidator(_provider_id)]
"""A provider's id; it stands in the names of its topics."""
PublicKeyText = Annotated[str, AfterValidator(_public_key)]
"""A provider's raw 32-byte X25519 public key in base64 (ruling 96)."""
ContractMinutes = Annotated[int, Field(ge=1, le=10_000_000)]
"""Minutes of support a week that a contract has for all its people together."""
DeclaredMinutes = Annotated[int, Field(ge=0, le=10_000_000)]
"""Minutes a week that a provider can give; 0 pauses offers (ruling 72)."""
Tier = Annotated[int, Field(ge=1, le=100)]
"""Place of a contract in the order of asking; 1 is asked first (H1)."""
Pence = Annotated[int, Field(ge=1, le=1_000_000)]
"""Pence an hour."""
DeclineReason = Annotated[Text, CodeOf("decline")]
Change = Annotated[Text, CodeOf("change")]
