"""Checkpoints: how far a partition reached and the root of all it held, signed (C2SP tlog-checkpoint, signed-note).

Knows the text of a checkpoint. Must never know where checkpoints are kept, nor hold a private key longer than a call.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.log.ports import Place

_DASH = "\N{EM DASH} "
_ED25519 = b"\x01"


OPENINGS: Place = ("kmpt.vault.openings.v1", 0)
"""What stands for the vault's log of openings, which lies in no topic: its entries' hashes are the leaves."""


Note = tuple[str, str]
"""Where a checkpoint's text was found, and the text."""


class NotACheckpoint(Exception):
    """A text is no checkpoint, or this key has not signed it; the text says which."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` committed records of a partition have this Merkle root. `origin` is topic/partition."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def origin_of(place: Place) -> str:
    """The origin of a partition's checkpoints."""
    return f"{place[0]}/{place[1]}"


def place_of(origin: str) -> Place:
    """The partition that an origin names."""
    topic, _, partition = origin.rpartition("/")
    return topic, int(partition)


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note; the key's name is the origin."""
    name = _key_id(checkpoint.origin, key.public_key())
    signature = b64encode(name + key.sign(checkpoint.body().encode())).decode()
    return f"{checkpoint.body()}\n{_DASH}{checkpoint.origin} {signature}\n"


def read_unverified(note: str) -> Checkpoint:
    """What a note claims, whoever signed it. Raises `NotACheckpoint`."""
    try:
        origin, size, root, *_ = note.partition("\n\n")[0].split("\n")
        checkpoint = Checkpoint(origin, int(size), b64decode(root, validate=True))
        place_of(origin)
    except ValueError:
        raise NotACheckpoint("it is not written as a checkpoint: origin, size and root, each on its line") from None
    if len(checkpoint.root) != 32 or size != str(checkpoint.size) or checkpoint.size < 0:
        raise NotACheckpoint("its size or root is not one that a checkpoint can have")
    return checkpoint


def read(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint that a note states. Raises `NotACheckpoint` if it is damaged or not signed by `key`."""
    checkpoint = read_unverified(note)
    body, _, signatures = note.partition("\n\n")
    name = _key_id(checkpoint.origin, key)
    for line in signatures.splitlines():
        if _is_signed_by(line, checkpoint.origin, name, f"{body}\n", key):
            return checkpoint
    raise NotACheckpoint("the notary's key has not signed it")


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as signed-note tools write it: name, key id and key."""
    return f"{origin}+{_key_id(origin, key).hex()}+{b64encode(_ED25519 + key.public_bytes_raw()).decode()}"


def _is_signed_by(line: str, origin: str, name: bytes, body: str, key: Ed25519PublicKey) -> bool:
    if not line.startswith(f"{_DASH}{origin} "):
        return False
    try:
        raw = b64decode(line.rpartition(" ")[2], validate=True)
        key.verify(raw[4:], body.encode())
    except (ValueError, InvalidSignature):  # not base64, not text that base64 is made of, or not the key's
        return False
    return raw[:4] == name


def _key_id(origin: str, key: Ed25519PublicKey) -> bytes:
    return sha256(f"{origin}\n".encode() + _ED25519 + key.public_bytes_raw()).digest()[:4]
