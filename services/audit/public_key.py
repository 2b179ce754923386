"""A public key as people compare it.

Knows text and keys. Must never know a private one.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def public_text(key: Ed25519PublicKey) -> str:
    """Base64 of a public key's 32 raw bytes."""
    return b64encode(key.public_bytes_raw()).decode()


def read_public(text: str) -> Ed25519PublicKey | None:
    """The key that `public_text` wrote; None if it is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(b64decode(text.strip(), validate=True))
    except (ValueError, binascii.Error):
        return None
