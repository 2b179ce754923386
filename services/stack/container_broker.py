"""The secured broker in a container: its settings, certificates, first user, and the few lines that start it.

Knows files of the data volume, which broker and services share. Must never know a process.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from services.stack.broker_security import CLIENTS, INTERNAL, client_listener, first_user, secured_properties
from services.stack.broker_settings import CONTAINER, Listener, server_properties
from services.vault.key_files import private_folder

CLUSTER = "5L6g3nShT-eMCtK--X86sw"
START = "start-broker.sh"
_LINES = """\
#!/bin/sh
# Formats the broker's folder with its first user, once, and starts it.
set -e
bin="${KAFKA_HOME:-/opt/kafka}/bin" keys="KEYS"
set -- --ignore-formatted --standalone --cluster-id=CLUSTER -c "$keys/broker.properties" "@$keys/.first-user"
"$bin/kafka-storage.sh" format "$@"
exec "$bin/kafka-server-start.sh" "$keys/broker.properties"
"""


def certify(keys: Path, data: str = "/var/lib/kafka/data", places: Mapping[str, str] = CONTAINER) -> None:
    """Make all that a secured broker needs in `keys`, but for what is there; it keeps its records in `data`."""
    private_folder(keys)
    listeners = [Listener(INTERNAL, "SSL", 0), Listener(CLIENTS, "SASL_SSL", 0)]
    settings = {
        **server_properties(listeners, controller_port=0, data=data, controller="SSL"),
        **secured_properties(keys),
        **client_listener("OUTSIDE"),
        **places,
    }
    _write(keys / "broker.properties", "".join(f"{name}={value}\n" for name, value in settings.items()))
    _write(keys / ".first-user", f"{first_user(keys)}\n")
    _write(keys / START, _LINES.replace("CLUSTER", CLUSTER).replace("KEYS", str(keys)))


def _write(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, "utf-8")
