"""The key pair of each month, to which emitters seal content keys; the private half lives until 35 days after it.

Knows months of the wall clock (UTC). Must never know whose content keys pass through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from services.vault.store import Store
from services.words.errors import CannotOpen

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"kmpt content key"
_CONTENT_KEY_BYTES = 32
_KEPT_AFTER_THE_MONTH = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class MonthKey:
    """What the stack publishes for emitters: the month's id (`YYYY-MM`) and 32 raw bytes of an X25519 key."""

    key_id: str
    key: bytes


@dataclass(frozen=True, slots=True)
class MonthKeyLife:
    """One month's key: when it was made, when it is due to be destroyed, and when that was done."""

    key_id: str
    made_at: str
    due_at: datetime
    destroyed_at: str | None


class MonthKeys:
    """The key pairs of all months, private halves wrapped by a key that is not in the database."""

    def __init__(self, store: Store, vault_key: bytes, now: Callable[[], datetime]) -> None:
        self._store = store
        self._vault_key = vault_key
        self._now = now

    def public(self) -> MonthKey:
        """Return this month's public key, made if there is none."""
        key_id = f"{self._now().astimezone(UTC):%Y-%m}"
        if self._store.month_public(key_id) is None:
            self._make(key_id)
        return MonthKey(key_id, self._store.month_public(key_id) or b"")

    def private(self, key_id: str) -> X25519PrivateKey:
        """Return a month's private key; raises `CannotOpen` if there is none or it was destroyed."""
        wrapped = self._store.month_wrapped(key_id) if key_id.isascii() else None
        if wrapped is None:
            raise CannotOpen("It was sealed to the key of a month that the vault does not hold.")
        return X25519PrivateKey.from_private_bytes(aes_key_unwrap(self._vault_key, wrapped))

    def all(self) -> list[MonthKeyLife]:
        """Every month's key, oldest first, with the moment at which it is due to be destroyed."""
        months = self._store.months()
        return [MonthKeyLife(key_id, made, _end(key_id) + _KEPT_AFTER_THE_MONTH, gone) for key_id, made, gone in months]

    def destroy_due(self) -> list[str]:
        """Destroy every private key whose month ended 35 days ago or more; return their ids."""
        now = self._now()
        due = [key_id for key_id in self._store.months_alive() if now >= _end(key_id) + _KEPT_AFTER_THE_MONTH]
        with self._store.at_once():
            for key_id in due:
                self._store.destroy_month_key(key_id, now.isoformat())
        self._store.scrub()
        return due

    def _make(self, key_id: str) -> None:
        pair = X25519PrivateKey.generate()
        wrapped = aes_key_wrap(self._vault_key, pair.private_bytes_raw())
        with self._store.at_once():
            self._store.add_month_key(key_id, pair.public_key().public_bytes_raw(), wrapped, self._now().isoformat())


def open_content_key(sealed_key: bytes, private: X25519PrivateKey) -> bytes:
    """Open a content key sealed by HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM); raises `CannotOpen`."""
    try:
        content_key = _SUITE.decrypt(sealed_key, private, info=_INFO)
    except (InvalidTag, ValueError):
        content_key = b""
    if len(content_key) != _CONTENT_KEY_BYTES:
        raise CannotOpen("It was not sealed to the key of the month that it names.")
    return content_key


def _end(key_id: str) -> datetime:
    """The first moment after a month."""
    first = datetime.strptime(key_id, "%Y-%m").replace(tzinfo=UTC)
    return (first + timedelta(days=31)).replace(day=1)
