"""What can be wrong with a machine or a system before a service says so: each thing looked at, and what mends it.

Knows programs, folders, modes, whether a database answers, and the broker's word of itself. It only looks. Must never
know an event or a person.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import assert_never

from services.episodes.postgres import ViewAway, place_of
from services.episodes.view_tables import open_engine
from services.log import kafka_admin
from services.log.connection import Address, SecretUnusable, address_of, bootstrap_of
from services.log.errors import BrokerAway
from services.log.kafka_admin import CorrectSetting, CreateTopic, PartitionsDiffer, TopicsRefused
from services.log.kafka_closing import takes_connections
from services.log.system import NotRunning, Running, find
from services.settings import Settings
from services.stack import jars as fetching
from services.stack.java import INSTALL as INSTALL_JAVA
from services.stack.java import JavaMissing, java
from services.stack.ports import NoFreePort, free_port
from services.words.topics import catalogue

ENOUGH_SPACE = 1 << 30
"""Bytes that must be free on the disk of the data folder: a county's year with all its logs takes half of it."""
_CLOSED_FOLDERS = ("keys", "vault")


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at: what was found, and if that is not well, what to type or do."""

    what: str
    ok: bool
    found: str
    mend: str = ""


def examine(settings: Settings) -> Iterator[Looked]:
    """Look at everything, programs first, then the folder, then the system if one runs or is named."""
    running = _running(settings.data)
    yield from _programs()
    yield from _folder(settings.data)
    yield _ports(settings.data, running)
    yield _system(settings.data, running)
    bootstrap = settings.bootstrap or (running.bootstrap if running else None)
    if bootstrap is not None:
        keys = Path(running.keys) if running and running.keys else settings.keys
        partitions = running.partitions if running else settings.episodes_partitions
        yield from _broker(address_of(bootstrap, "stack", keys), partitions)
    if url := settings.view.get_secret_value():
        yield _view(url)


def _running(data: Path) -> Running | None:
    try:
        return find(data)
    except NotRunning:
        return None


def _programs() -> Iterator[Looked]:
    try:
        yield Looked("Java", True, java())
    except JavaMissing as missing:
        yield Looked("Java", False, str(missing).partition(";")[0], INSTALL_JAVA)
    jars, maven = fetching.jars_folder(), shutil.which("mvn")
    fetched = jars.is_dir()
    yield Looked("Maven", fetched or maven is not None, maven or _absent(needed=not fetched), fetching.INSTALL)
    yield Looked("broker's jars", True, str(jars) if fetched else "not fetched yet; `sis up` fetches them")
    yield Looked("Docker", True, "answers" if _docker_answers() else "does not answer; only docker compose needs it")


def _absent(*, needed: bool) -> str:
    return "is missing; it fetches the broker's jars" if needed else "is missing, and not needed: the jars are there"


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, check=False)
    return asked.returncode == 0


def _folder(data: Path) -> Iterator[Looked]:
    there = next(folder for folder in (data, *data.resolve().parents) if folder.is_dir())
    usable = os.access(there, os.R_OK | os.W_OK | os.X_OK)
    said = f"{data} is there" if there == data else f"{data} is not there yet; `sis up` makes it"
    found = said if usable else f"this user may not read and write {there}"
    yield Looked("data folder", usable, found, f"sudo chown -R $USER {shlex.quote(str(there))}")
    free = shutil.disk_usage(there).free
    found = f"{free / (1 << 30):.1f} GiB free on the disk of {there}"
    yield Looked("disk space", free >= ENOUGH_SPACE, found, "make room, or take a folder on another disk: --data DIR")
    yield from _secrets(data)


def _secrets(data: Path) -> Iterator[Looked]:
    """Keys and vault: nobody but their owner may touch them."""
    folders = [data / name for name in _CLOSED_FOLDERS if (data / name).is_dir()]
    files = [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix != ".pub"]
    exposed = [path for path in (*folders, *files) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in exposed:
        mode = f"chmod {'700' if path.is_dir() else '600'} {shlex.quote(str(path))}"
        yield Looked("keys", False, f"{path} is open to other users; find out whether anybody copied it", mode)
    if (data / "vault" / "vault.sqlite").exists() and not (data / "keys" / "vault.key").exists():
        lost = f"{data / 'keys' / 'vault.key'} is missing; without it the vault opens nothing"
        yield Looked("keys", False, lost, "bring it back from its backup")
    elif (data / "keys" / "vault.key").exists() and not (data / "vault" / "vault.sqlite").exists():
        lost = f"{data / 'vault' / 'vault.sqlite'} is missing, though its key is there; no service starts without it"
        yield Looked("keys", False, lost, "bring it back from its backup")
    elif not exposed:
        yield Looked("keys", True, f"{len(files)} files that only their owner may touch" if files else "none made yet")


def _ports(data: Path, running: Running | None) -> Looked:
    kept = data / "broker" / "ports.json"
    if running is not None:
        return Looked("ports", True, "held by the running system")
    try:
        ports = sorted(loads(kept.read_text("utf-8")).values()) if kept.exists() else [free_port()]
    except NoFreePort as none:
        return Looked("ports", False, str(none), "stop what holds them")
    taken = [port for port in ports if not _is_free(port)]
    if taken:
        found = f"another program holds {', '.join(map(str, taken))} on 127.0.0.1, which this system's broker uses"
        return Looked("ports", False, found, f"ss -ltnp | grep -E '{'|'.join(map(str, taken))}'  and stop it")
    return Looked("ports", True, f"{', '.join(map(str, ports))} on 127.0.0.1 can be had")


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _view(url: str) -> Looked:
    engine = open_engine(url)
    try:
        engine.connect().close()
    except ViewAway as away:
        return Looked("view", False, str(away), "start it, or correct SIS_VIEW; sis config show")
    finally:
        engine.dispose()
    return Looked("view", True, f"PostgreSQL answers at {place_of(engine.url)}")


def _system(data: Path, running: Running | None) -> Looked:
    if running is None:
        return Looked("system", True, f"none runs on {data}; `sis up` starts one")
    if not running.ready:
        return Looked("system", False, "it is starting, or its services are not level yet", "sis status")
    return Looked("system", True, f"{len(running.services)} processes on {running.bootstrap}")


def _broker(address: Address, partitions: int) -> Iterator[Looked]:
    bootstrap = bootstrap_of(address)
    if not any(takes_connections(server) for server in bootstrap.split(",")):
        yield Looked("broker", False, f"nobody takes connections at {bootstrap}", "sis status, or see SIS_BOOTSTRAP")
        return
    yield _line(address)
    try:
        listeners = list(_listeners(address))
        yield from listeners
        if all(listener.ok for listener in listeners):  # else nothing more can be asked
            yield from _topics(address, partitions)
    except TopicsRefused as refused:
        yield Looked("topics", False, str(refused), "sis doctor once more, or ask whoever gave you the account")
    except (BrokerAway, SecretUnusable) as away:
        yield Looked("broker", False, str(away), "look into the broker's log: broker/broker.log in the data folder")


def _line(address: Address) -> Looked:
    if isinstance(address, str):
        return Looked("line", True, "not secured, without TLS; `sis up --secure` on a new folder begins with it")
    return Looked("line", True, "TLS, a user for each principal, denied by default")


def _listeners(address: Address) -> Iterator[Looked]:
    bootstrap = bootstrap_of(address)
    for server in kafka_admin.advertised(address):
        if takes_connections(server):
            yield Looked("listener", True, f"{server}, as the broker says, can be reached")
            continue
        found = f"the broker at {bootstrap} tells its clients to come to {server}, where nobody takes connections"
        yield Looked("listener", False, found, f"set the broker's advertised.listeners to PLAINTEXT://{bootstrap}")


def _topics(address: Address, partitions: int) -> Iterator[Looked]:
    changes = kafka_admin.plan(address, catalogue(partitions))
    for change in changes:
        match change:
            case CreateTopic(topic):
                yield Looked("topics", False, f"{topic.name} is not there", "sis topics apply")
            case CorrectSetting(name, setting, found, wanted):
                yield Looked("topics", False, f"{name}: {setting} is {found}, not {wanted}", "sis topics apply")
            case PartitionsDiffer(name, have, want):
                found = f"{name} has {have} partitions, not {want}; the number is fixed for life"
                yield Looked("topics", False, found, f"set SIS_EPISODES_PARTITIONS={have}")
            case _:
                assert_never(change)
    if not changes:
        yield Looked("topics", True, f"all {len(catalogue(partitions))} are as they must be")
