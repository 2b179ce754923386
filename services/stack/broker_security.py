"""What a secured broker is told besides, and the certificates and the one password that it begins with.

Only the stack is a super user, and the broker towards itself, known by its certificate; all else is denied by default.
Knows settings and files of mode 0600. Must never know a process; the authority's own key is never written down.
"""

from __future__ import annotations

import os
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from services.log.connection import MECHANISM, password_name
from services.vault.key_files import password_file, private_folder
from services.words.access import STACK

_BROKER = "kmpt-broker"
CA, KEY_STORE = "broker-ca.pem", "broker-tls.pem"
CLIENTS, INTERNAL = "SASL_SSL", "INTERNAL"


def secured_properties(keys: Path) -> dict[str, str]:
    """Settings of TLS, users and rights, with the files that they name made at first use in `keys`."""
    _certify(keys)
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keys / KEY_STORE),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(keys / CA),
        "ssl.principal.mapping.rules": "RULE:^CN=([a-z-]+),.*$/$1/",
        "listener.name.internal.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        **client_listener(CLIENTS),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{STACK};User:{_BROKER}",
    }


def client_listener(name: str) -> dict[str, str]:
    """What a listener for clients is told: users by SCRAM."""
    prefix = f"listener.name.{name.lower()}"
    return {
        f"{prefix}.sasl.enabled.mechanisms": MECHANISM,
        f"{prefix}.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    }


def first_user(keys: Path) -> str:
    """The argument by which the broker's folder is formatted with the stack as its first user; it holds a secret."""
    password = password_file(keys / password_name(STACK))
    return f"--add-scram={MECHANISM}=[name={STACK},iterations=8192,password={password}]"


def _certify(keys: Path) -> None:
    """Make an authority, sign one certificate for the broker, and forget the authority's key: it signs no other."""
    if (keys / KEY_STORE).exists():
        return
    private_folder(keys)
    authority = trustme.CA(organization_name="kmpt")
    broker = authority.issue_cert("127.0.0.1", "localhost", "broker", common_name=_BROKER)
    key = load_pem_private_key(broker.private_key_pem.bytes(), None)
    chain = b"".join(each.bytes() for each in broker.cert_chain_pems)
    _write(keys / CA, authority.cert_pem.bytes())
    _write(keys / KEY_STORE, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain)


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
