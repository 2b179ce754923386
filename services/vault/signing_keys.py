"""Keys by which people in house sign what they ask and approve: the private half is theirs, the public one registered.

Knows Ed25519 (RFC 8032), names and files. Must never keep a private key in the data folder, nor know what is signed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from services.vault.key_files import alone_in, private_folder, refuse_exposed

_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")


class NoSigningKey(Exception):
    """A key cannot be made, or is not the one that is registered for its name; the text says what to do."""


def make_signing_key(folder: Path, name: str, private: Path) -> str:
    """Make a pair: the private half as PEM into `private` (0600), the public one registered; returns the public one.

    Raises `NoSigningKey` if the name is taken or no name, or the file is there already.
    """
    if not _NAME.fullmatch(name):
        raise NoSigningKey("a name is 2 to 40 small letters, digits and hyphens, and begins with a letter")
    if private.exists():
        raise NoSigningKey(f"{private} is there already; name another file with --out")
    registered = _registered(folder, name)
    private_folder(registered.parent)
    with alone_in(registered.parent):
        if registered.exists():
            raise NoSigningKey(f"a key is registered for {name} already; a name has one key")
        pair = Ed25519PrivateKey.generate()
        pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        public = pair.public_key().public_bytes_raw().hex()
        registered.write_text(public + "\n", "ascii")
        registered.chmod(0o600)
    return public


def signing_key(folder: Path, name: str, private: Path) -> Ed25519PrivateKey:
    """The key in a file, if it is the one that is registered for this name. Raises `NoSigningKey`, `KeyFileExposed`."""
    registered = registered_key(folder, name)
    if registered is None:
        raise NoSigningKey(f"no key is registered for this name; make one: sis keys person {name} --out FILE")
    if not private.exists():
        raise NoSigningKey(f"there is no key in {private}; bring the one back that was made for {name}")
    if not private.is_file():
        raise NoSigningKey(f"{private} is no file, so it holds no private key")
    refuse_exposed(private)
    try:
        key = load_pem_private_key(private.read_bytes(), None)
    except (ValueError, TypeError):
        raise NoSigningKey(f"{private} holds no private key") from None
    if not isinstance(key, Ed25519PrivateKey) or registered != public_hex(key):
        raise NoSigningKey(f"the key in {private} is not the one that is registered for {name}")
    return key


def registered_key(folder: Path, name: str) -> str | None:
    """The public key that is registered for a name, in hexadecimal digits; None if there is none."""
    file = _registered(folder, name)
    return file.read_text("ascii", "replace").strip() if _NAME.fullmatch(name) and file.exists() else None


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half in hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def is_signed_by(public_key: str, signature: str, content: bytes) -> bool:
    """Whether a signature over the content holds; False for anything that is no key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _registered(folder: Path, name: str) -> Path:
    return folder / "keys" / f"person-{name}.pub"
