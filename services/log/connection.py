"""How a client reaches a broker: its address alone, or as a principal with a password over a trusted line.

Knows addresses and where secrets lie, read only when a client is made. Must never know a topic, nor show a secret.
"""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.log.errors import NotAllowed

MECHANISM = "SCRAM-SHA-512"
PROTOCOL = "SASL_SSL"


class SecretUnusable(Exception):
    """A password file or certificate is missing or open to others; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A principal's way to a secured broker. `bootstrap` is host:port, `ca` the certificate that vouches for it."""

    bootstrap: str
    principal: str
    password_file: Path
    ca: Path

    def password(self) -> str:
        """The password as it is now. Raises `SecretUnusable`."""
        try:
            mode = stat.S_IMODE(self.password_file.stat().st_mode)
            password = self.password_file.read_text("ascii").strip()
        except OSError as error:
            raise SecretUnusable(
                f"{self.password_file}, the password of {self.principal}, cannot be read: ask for `sis access apply`"
            ) from error
        if mode & 0o077:
            raise SecretUnusable(f"{self.password_file} is open to other users: rotate the password of this principal")
        return password

    def context(self) -> ssl.SSLContext:
        """A line on which only a broker that `ca` vouches for is trusted. Raises `SecretUnusable`."""
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise SecretUnusable(f"{self.ca}, the certificate of the broker's authority, cannot be read") from error


Address = str | Connection
"""A bare host:port is a broker that is not secured."""


def address_of(bootstrap: str, principal: str, keys: Path | None) -> Address:
    """A principal's address; `keys` is the folder of passwords and certificate, None where nothing is secured."""
    if keys is None:
        return bootstrap
    return Connection(bootstrap, principal, keys / password_name(principal), keys / "broker-ca.pem")


def password_name(principal: str) -> str:
    """Name of the file that holds a principal's password."""
    return f"user-{principal}.password"


def bootstrap_of(address: Address) -> str:
    """host:port, to be shown."""
    return address if isinstance(address, str) else address.bootstrap


def refused(address: Address, act: str, what: str) -> NotAllowed:
    """The broker denied `act` (read, write, own) on a topic or partition."""
    who = "whoever has no name" if isinstance(address, str) else f"principal {address.principal}"
    return NotAllowed(f"{who} may not {act} {what}: ask for `sis access apply`")


def client_settings(address: Address) -> dict[str, Any]:
    """What the clients of aiokafka and of kafka-python are told, in words that both know. Raises `SecretUnusable`."""
    if isinstance(address, str):
        return {"bootstrap_servers": address}
    return {**_sasl(address), "ssl_context": address.context()}


def _sasl(connection: Connection) -> dict[str, Any]:
    return {
        "bootstrap_servers": connection.bootstrap,
        "security_protocol": PROTOCOL,
        "sasl_mechanism": MECHANISM,
        "sasl_plain_username": connection.principal,
        "sasl_plain_password": connection.password(),
    }
