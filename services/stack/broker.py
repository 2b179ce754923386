"""One embedded Apache Kafka broker (KRaft) in a folder: format once, start, watch, stop, come back on the same port.

Knows a process, its folder and its log. Never knows a topic, a client library or what is sent.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from services.log.connection import PROTOCOL
from services.stack.broker_security import CLIENTS, INTERNAL, first_user, secured_properties
from services.stack.broker_settings import CONTROLLER, Listener, server_properties
from services.stack.claims import Claim, Claimed
from services.stack.jars import POM
from services.stack.java import java
from services.stack.leash import leash
from services.stack.ports import free_port

# Measured on 2 cores (docs/decisions/0003): in the minutes an embedded broker usually lives these take half the
# processor time of Java's defaults, with no less throughput; the other half is left to the services beside it.
FLAGS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOG4J = POM.with_name("log4j2.properties")
STARTED = b"Kafka Server started"


class BrokerDidNotStart(Exception):
    """The broker ended or did not answer in time; the text says where its log is, its last lines and what to do."""


class FolderInUse(Exception):
    """Another broker runs on the folder: a second one, though it would fail, would harm the first."""


class Broker:
    """A broker in `folder`; what it keeps, its ports and its log (`broker.log`) stay there from start to start.

    `libs` is the folder of its jars; with `keys`, the folder of its secrets, it is secured. As a context manager it
    starts on entry and stops on exit, and even where the process that entered is killed, it ends with that process.
    """

    def __init__(self, folder: Path, *, libs: Path, keys: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "broker.log"
        self._libs = libs
        self._keys = keys.resolve() if keys else None
        self._properties = self.folder / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None
        self.claim = Claim(self.folder / "running.lock")
        self._leash = ExitStack()

    def start(self, *, within: float = 60) -> None:
        """Start, and return when it answers clients, which may take `within` seconds.

        Raises `JavaMissing`, `FolderInUse`, `BrokerDidNotStart`.
        """
        assert not self.running, "a broker that runs is not started again"
        program = java()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = self.claim.take()  # the broker inherits it, so it is held while *that* lives, whatever becomes of us
        except Claimed as held:
            raise FolderInUse(f"Another broker runs on {self.folder}. Stop that one, or give another folder") from held
        with lock, self.log.open("ab") as log:
            self._write_properties()
            if not (self._data / "meta.properties").exists():
                self._format(program, log.fileno())
            begin = log.seek(0, os.SEEK_END)
            self._process = subprocess.Popen(
                self.claim.command(self._command(program, "kafka.Kafka", str(self._properties))),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        try:
            self._await_start(begin, time.monotonic() + within)
        except BaseException:  # also Ctrl-C: a broker that nobody waits for must not live on
            self.kill()
            raise

    @property
    def bootstrap(self) -> str:
        """`127.0.0.1:port`, the same for the whole life of the folder."""
        return f"127.0.0.1:{self._ports()[self._clients]}"

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id of the broker last started, None before."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """How the broker last started ended (negative: by that signal); None while it runs or before."""
        return self._process.poll() if self._process else None

    def stop(self, *, within: float = 20) -> None:
        """Let it close its logs and end; after `within` seconds, kill it."""
        self._signal(signal.SIGTERM)
        try:
            self._wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would (for trials of crashes, and for one that does not stop)."""
        self._signal(signal.SIGKILL)
        self._wait(None)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(leash(self.claim.path))
            self.start()
            self._leash = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._leash:
            self.stop()

    @property
    def _clients(self) -> str:
        return CLIENTS if self._keys else "PLAINTEXT"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _ports(self) -> dict[str, int]:
        """The ports of its listeners and its controller by name: chosen once, kept in the folder."""
        kept = self.folder / "ports.json"
        if not kept.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(".part")
            names = [self._clients, CONTROLLER, *([INTERNAL] if self._keys else [])]
            part.write_text(json.dumps({name: free_port() for name in names}))
            part.rename(kept)
        ports: dict[str, int] = json.loads(kept.read_text())
        if self._clients not in ports:
            begun = "not secured" if self._keys else "secured"
            raise BrokerDidNotStart(f"{self.folder} was begun {begun} and stays so: set SIS_SECURE as it was then")
        return ports

    def _write_properties(self) -> None:
        ports = self._ports()
        if self._keys is None:
            listeners = [Listener("PLAINTEXT", "PLAINTEXT", ports["PLAINTEXT"])]
            settings = server_properties(listeners, controller_port=ports[CONTROLLER], data=str(self._data))
        else:
            listeners = [Listener(INTERNAL, "SSL", ports[INTERNAL]), Listener(CLIENTS, PROTOCOL, ports[CLIENTS])]
            settings = {
                **server_properties(
                    listeners, controller_port=ports[CONTROLLER], data=str(self._data), controller="SSL"
                ),
                **secured_properties(self._keys),
            }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [program, *FLAGS, f"-Dlog4j2.configurationFile={LOG4J}", "-cp", f"{self._libs}/*", *arguments]

    def _format(self, program: str, log: int) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # With "=", because an id may begin with a dash.
        arguments = ["format", "--standalone", f"--cluster-id={cluster}", "-c", str(self._properties)]
        with self._first_user() as first:
            command = self._command(program, "kafka.tools.StorageTool", *arguments, *first)
            if subprocess.run(command, stdout=log, stderr=log, check=False).returncode != 0:
                raise BrokerDidNotStart(self._complaint("could not prepare its folder"))

    @contextmanager
    def _first_user(self) -> Iterator[list[str]]:
        """The argument that names a file of one more, gone afterwards: on a command line all could read it."""
        if self._keys is None:
            yield []
            return
        file = self._keys / ".first-user"
        file.touch(mode=0o600)
        try:
            file.write_text(first_user(self._keys) + "\n", "ascii")
            yield [f"@{file}"]
        finally:
            file.unlink()

    def _await_start(self, begin: int, deadline: float) -> None:
        while self.running and time.monotonic() < deadline:
            with self.log.open("rb") as log:
                log.seek(begin)
                if STARTED in log.read():
                    return
            time.sleep(0.05)
        how = "did not answer in time" if self.running else f"ended with code {self.exit_code}"
        raise BrokerDidNotStart(self._complaint(how))

    def _complaint(self, how: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        last = [line for line in lines if not line.startswith("\t")][-5:]  # without the frames of stack traces
        return (
            f"The broker {how}. Its log is {self.log}. If another program holds its ports (ports.json), stop that "
            f"one and start again. The log ends:\n" + "\n".join(last)
        )

    def _signal(self, number: signal.Signals) -> None:
        """To its whole group: it is the leader of its own session, so nobody else is in it."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _wait(self, limit: float | None) -> None:
        if self._process is not None:
            self._process.wait(limit)
