"""Keys of the simulated providers, derived from the seed so that their packs can be opened in the same simulation.

Knows how they are derived. Must never make the key of a real provider: whoever knows the seed knows them all.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def private_key(seed: int, provider_id: str) -> X25519PrivateKey:
    """The provider's private key: SHA-256 over seed and id, taken as the 32 bytes of an X25519 key (RFC 7748)."""
    return X25519PrivateKey.from_private_bytes(sha256(f"{seed}/{provider_id}".encode()).digest())


def public_key(seed: int, provider_id: str) -> str:
    """The provider's raw 32-byte X25519 public key in base64, as `ProviderRegistered` carries it."""
    return b64encode(private_key(seed, provider_id).public_key().public_bytes_raw()).decode()
