"""A provider's own key pair: made once, the private half in a PEM file that only its owner may read.

Knows files, modes and X25519. Must never send or print the private half.
"""

from __future__ import annotations

import os
import shlex
import stat
from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


class KeyUnusable(Exception):
    """A private key cannot be used; the text says why and what to do."""


def make_key(path: Path) -> str:
    """Make a key pair; the raw 32-byte public key in base64, as `ProviderRegistered` carries it.

    Raises `KeyUnusable` if the file is there already, for packs sealed to an old key open with nothing else, or if it
    cannot be written.
    """
    private = X25519PrivateKey.generate()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyUnusable(
            f"{path} is there already, and packs sealed to it open with nothing else: name another file"
        ) from None
    except OSError as fault:
        raise KeyUnusable(f"{path} cannot be written: {fault.strerror}") from fault
    with os.fdopen(descriptor, "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return b64encode(private.public_key().public_bytes_raw()).decode()


def read_key(path: Path) -> bytes:
    """The raw private key in a PEM file. Raises `KeyUnusable`."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyUnusable(
                f"{path} is open to other users of this machine; type: chmod 600 {shlex.quote(str(path))}"
            )
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as fault:
        raise KeyUnusable(f"{path} cannot be read: {fault.strerror}") from fault
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise KeyUnusable(f"{path} is not a private key in PEM without a password") from fault
    if not isinstance(private, X25519PrivateKey):
        raise KeyUnusable(f"{path} holds a key of another kind than X25519; make one with: sis provider ID keygen")
    return private.private_bytes_raw()
