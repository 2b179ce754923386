"""The vault's face: what hosts, doors and people at a desk may ask of it.

Knows which key is for what. Must never hand out a person's or a month's secret key, nor keep one where erasure would
not reach it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.vault.key_files import WrongKeyFile, key_file
from services.vault.month_keys import MonthKey, MonthKeyLife, MonthKeys
from services.vault.openings import Openings
from services.vault.person_keys import PersonKeys
from services.vault.register import Register
from services.vault.store import OpeningRow, Store, VaultDamaged
from services.vault.turn import CONTENT_KEYS, Rooms, Turn

_KEY_BYTES = 32


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _must_not_be_lost(database: Path, key: Path) -> None:
    """A new vault beside the key of an old one would know nobody; the database is always made before the key."""
    if key.exists() and not (database.exists() and database.stat().st_size):
        raise VaultDamaged(f"{database} is missing, though {key.name} of it is there. Bring it back from its backup.")


class Vault:
    """The vault of one data folder: database `vault/vault.sqlite`, key files in `keys/`; both made at first use.

    `now` gives the present moment, with its time zone. Raises `KeyFileExposed` and `WrongKeyFile` instead of starting
    with keys that others may know or that do not belong to the database, and `VaultDamaged` if that is lost or none.
    To be used from one thread.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = _wall_clock) -> None:
        database, keys = folder / "vault" / "vault.sqlite", folder / "keys"
        _must_not_be_lost(database, keys / "vault.key")
        self._store = Store(database)
        try:
            vault_key, register_key, self._pack_secret = (
                self._key(keys / f"{name}.key") for name in ("vault", "register", "pack")
            )
        except BaseException:
            self._store.close()
            raise
        self._persons = PersonKeys(self._store, vault_key, now)
        self._months = MonthKeys(self._store, vault_key, now)
        self._register = Register(self._store, register_key)
        self._openings = Openings(self._store, now)

    def turn(self, who: str, why: str, *, logged: bool = False) -> Turn:
        """Begin a turn; who and why stand in the log of openings if anything is opened. Nothing is written yet.

        `logged`: an entry that stands there already is for all that the turn opens, as for a list.
        """
        rooms = Rooms(self._store, self._persons, self._months, self._register, self._openings)
        return Turn(rooms, who, why, logged=logged)

    def turn_for_each(self, who: str, whys: Iterable[str]) -> Turn:
        """Begin a turn that opens something for each of these reasons: each has its entry, committed on return."""
        self._openings.log_each(who, whys, CONTENT_KEYS)
        return self.turn(who, "", logged=True)

    def find(self, nhs_number: str, who: str, why: str) -> str | None:
        """Return the person who holds a number (ten digits), for `sis person find`; logged before it is looked up."""
        self._openings.log(who, why, "person by NHS number")
        return self._register.holder(nhs_number)

    def pack_key(self, person_id: str, offer_id: str, issue: int) -> bytes:
        """Return the content key (32 bytes) of one issue of a person's pack: the same whenever it is asked for.

        Raises `Erased`: without the person's key the trust cannot open what lies in a provider's topic.
        """
        info = offer_id.encode() + issue.to_bytes(4, "big")
        salt = self._persons.of(person_id).pack_salt()
        return HKDF(SHA256(), _KEY_BYTES, salt=salt, info=info).derive(self._pack_secret)

    def public_key_of_month(self) -> MonthKey:
        """Return the public key to which emitters seal this month, made if there is none."""
        return self._months.public()

    def destroy_month_keys_due(self) -> list[str]:
        """Destroy the private keys of months that ended 35 days ago or more; return the months (`YYYY-MM`)."""
        return self._months.destroy_due()

    def month_keys(self) -> list[MonthKeyLife]:
        """Every month's key and how long it lives, oldest first."""
        return self._months.all()

    def erase(self, person_id: str) -> bool:
        """Destroy a person's key, their numbers, and the keys of what was refused; whether it was still to be done."""
        return self._persons.destroy(person_id)

    def had_key(self, person_id: str) -> bool:
        """Whether this vault has a person's key, or the mark of its destruction."""
        return self._persons.had(person_id)

    def erased(self) -> frozenset[str]:
        """All whose key was destroyed."""
        return self._persons.erased()

    def openings(self) -> list[OpeningRow]:
        """Every entry of the log of openings, oldest first; the last one's number and hash are its head."""
        return list(self._store.openings())

    def log_opening(self, who: str, why: str, what: str) -> None:
        """Note an opening by a person, before it happens."""
        self._openings.log(who, why, what)

    def forget(self, person_id: str) -> None:
        """Hold a person's key in memory no longer: to be called when another process may have destroyed it."""
        self._persons.forget(person_id)

    def verify_openings(self) -> int:
        """Return the number of entries in the log of openings; raises `OpeningsBroken` if one was tampered with."""
        return self._openings.verify()

    def close(self) -> None:
        """Let go of the database; what a turn had not committed is gone."""
        self._store.close()

    def _key(self, path: Path) -> bytes:
        """Return a key file's key; raises `WrongKeyFile` if the database was made with another."""
        mark = self._store.key_mark(path.name)
        if mark is not None and not path.exists():
            raise WrongKeyFile(f"{path} is missing, and the vault is of no use without it. Bring it from its backup.")
        key = key_file(path)
        expected = hmac.digest(key, b"kmpt key mark", "sha256")
        if mark is None:
            with self._store.at_once():
                self._store.add_key_mark(path.name, expected)
        elif not hmac.compare_digest(mark, expected):
            raise WrongKeyFile(f"{path} is not the key this vault was made with. Bring that one from its backup.")
        return key
