"""Letting principals in: users, rights and passwords of a secured broker, made as the stack from the table of access.

Knows where passwords lie. Must never print one.
"""

from __future__ import annotations

from pathlib import Path

from services.log import kafka_access
from services.log.connection import Connection, address_of, password_name
from services.log.kafka_access import Change
from services.vault.key_files import password_file, replaced_password
from services.words.access import STACK

_REMOVED = ".removed"


class NotSecured(Exception):
    """This system has no users: everybody who reaches its broker may do anything."""


class Admission:
    """The users of one secured broker; `keys` is the folder of their passwords."""

    def __init__(self, bootstrap: str, keys: Path | None) -> None:
        if keys is None:
            raise NotSecured("this system is not secured; begin one with: sis --data NEW up --secure")
        self._keys = keys
        self._address = address_of(bootstrap, STACK, keys)
        assert isinstance(self._address, Connection)

    def plan(self) -> list[Change]:
        """What differs from the table."""
        return kafka_access.plan(self._address, self.providers(), self.knows)

    def apply(self) -> list[Change]:
        """Make users and rights as the table says; returns what was done."""
        return kafka_access.apply(self._address, self.providers(), self.knows, self._password_of)

    def rotate(self, principal: str) -> None:
        """Give a principal a new password; whoever holds the former one begins no new session with it."""
        with replaced_password(self._path(principal)) as password:
            kafka_access.set_password(self._address, principal, password)

    def remove(self, provider: str) -> list[Change]:
        """Take a provider's user and rights away, and remember that; returns what was done."""
        path = self._path(provider)
        path.with_name(path.name + _REMOVED).touch(mode=0o600)
        path.unlink(missing_ok=True)
        return self.apply()

    def knows(self, principal: str) -> bool:
        """Whether this principal has a password here."""
        return self._path(principal).exists()

    def providers(self) -> frozenset[str]:
        """Those that have topics and were not removed."""
        removed = {path.name.removesuffix(_REMOVED) for path in self._keys.glob(f"*{_REMOVED}")}
        return frozenset(one for one in kafka_access.providers_on(self._address) if password_name(one) not in removed)

    def _password_of(self, principal: str) -> str:
        return password_file(self._path(principal))

    def _path(self, principal: str) -> Path:
        return self._keys / password_name(principal)
