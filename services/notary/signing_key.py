"""The notary's key pair: `keys/notary.key` (0600) in the data folder, made at its first start.

Knows the file. Must never hand the private key to anybody but the notary.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.vault.key_files import key_file


def signing_key(data: Path) -> Ed25519PrivateKey:
    """The key by which checkpoints are signed. Raises `KeyFileExposed`, `WrongKeyFile`."""
    private = Ed25519PrivateKey.from_private_bytes(key_file(data / "keys" / "notary.key"))
    beside = data / "keys" / "notary.pub.new"
    beside.write_bytes(private.public_key().public_bytes_raw())
    beside.replace(public_file(data))
    return private


def public_file(data: Path) -> Path:
    """Where the public key lies, for those who verify."""
    return data / "keys" / "notary.pub"


def public_key(data: Path) -> Ed25519PublicKey | None:
    """The key by which checkpoints are verified; None if there is none, or none that can be one."""
    try:
        return Ed25519PublicKey.from_public_bytes(public_file(data).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
