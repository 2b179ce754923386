"""How a pack travels to one provider: details under a key of their own, and that key sealed to the provider's.

Knows the cryptography of a pack, for whoever seals and whoever opens it. Must never know whose details they are.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from services.log.canonical import Json, canonical
from services.log.sealing import DoesNotOpen, open_blob

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"kmpt pack key"
# Each issue of a pack has a content key of its own, so one nonce is used once with it, and the same pack is sealed to
# the same bytes whenever it is decided again.
_NONCE = bytes(12)


def pack_blob(details: Json, content_key: bytes, aad: bytes) -> bytes:
    """12-byte nonce and AES-256-GCM of the details' canonical JSON."""
    return _NONCE + AESGCM(content_key).encrypt(_NONCE, canonical(details), aad)


def sealed_pack_key(content_key: bytes, public_key: bytes) -> bytes:
    """The content key sealed by HPKE (RFC 9180) to a provider's raw X25519 public key; never twice the same bytes."""
    return _SUITE.encrypt(content_key, _parsed(public_key), info=_INFO)


def open_pack(key: bytes, blob: bytes, private_key: bytes, aad: bytes) -> Json:
    """The details in a pack, with the provider's raw private key. Raises `DoesNotOpen`."""
    try:
        content_key = _SUITE.decrypt(key, X25519PrivateKey.from_private_bytes(private_key), info=_INFO)
    except (InvalidTag, ValueError):
        raise DoesNotOpen("The pack is not sealed to this key.") from None
    return open_blob(blob, content_key, aad)


@lru_cache(maxsize=256)
def _parsed(public_key: bytes) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(public_key)


def pack_aad(type_name: str, offer_id: str, provider_id: str, issue: int) -> bytes:
    """What a pack's blob is bound to: its type, offer, receiver and issue, each text behind its length in 4 bytes."""
    parts = [text.encode() for text in (type_name, offer_id, provider_id, str(issue))]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
