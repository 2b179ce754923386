"""The supervisor: broker, preparation, services, in this order; then it keeps them running until it is told to stop.

Knows which processes make a system. Must never decide, carry or fold anything itself.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from services.log.system import Running, leave_word
from services.settings import Settings
from services.stack.broker import Broker, BrokerDidNotStart
from services.stack.jars import broker_jars
from services.stack.preparing import prepare
from services.stack.processes import Service
from services.stack.readiness import until_level

_POLL = 0.1


class AlreadyRunning(Exception):
    """Another supervisor runs on this data folder."""


class CalendarFixed(Exception):
    """A data folder has one calendar, fixed at its first start."""


class StopAsked(Exception):
    """SIGTERM or SIGINT came."""


def services_of(settings: Settings) -> list[Service]:
    """The services of a system, in the order in which they start; they stop in the reverse order."""
    return [
        Service("recorder", "services.episodes", "recorder"),
        Service("projector", "services.episodes", "projector"),
    ]


class Supervisor:
    """One system on one data folder."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._data = settings.data.resolve()
        self._say = say
        self._services = services_of(settings)
        self._broker: Broker | None = None
        self._written: Running | None = None

    def run(self) -> None:
        """Start everything and keep it running until SIGTERM or SIGINT, then stop it in order.

        Raises `AlreadyRunning`, `CalendarFixed`, and what starting a broker raises.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        (self._data / "logs").mkdir(exist_ok=True)
        with (self._data / "supervisor.lock").open("w") as lock:
            _alone(lock.fileno(), self._data)
            _fix_calendar(self._data, self._settings.calendar)
            signal.signal(signal.SIGTERM, _ask_to_stop)
            signal.signal(signal.SIGINT, _ask_to_stop)
            try:
                self._start()
                self._keep()
            except StopAsked:
                self._say("stopping")
            finally:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                self._stop()

    def _start(self) -> None:
        if self._settings.bootstrap is None:
            self._say("starting the broker")
            self._broker = Broker(self._data / "broker", libs=broker_jars())
            self._broker.start()
        self._leave_word(ready=False)
        self._say("preparing topics, key and rules")
        asyncio.run(prepare(self._data, self._bootstrap, self._settings.episodes_partitions))
        self._say("starting the services")
        for service in self._services:
            service.start(self._environment(), self._data / "logs" / f"{service.name}.log")
        self._leave_word(ready=False)
        asyncio.run(until_level(self._settings, self._bootstrap, self._mend))
        self._leave_word(ready=True)
        self._say(f"running on {self._bootstrap}")

    def _keep(self) -> None:
        while True:
            time.sleep(_POLL)
            self._mend()
            self._leave_word(ready=True)

    def _mend(self) -> None:
        """Start again what has ended; a broker first, for the others need it."""
        if self._broker is not None and not self._broker.running:
            self._say("the broker has ended; starting it again")
            with suppress(BrokerDidNotStart):
                self._broker.start()
        for service in self._services:
            if service.mend():
                self._say(f"{service.name} had ended and was started again")

    def _stop(self) -> None:
        for service in reversed(self._services):
            service.stop()
        if self._broker is not None and self._broker.running:
            self._broker.stop()
        (self._data / "stack.json").unlink(missing_ok=True)

    @property
    def _bootstrap(self) -> str:
        return self._settings.bootstrap or (self._broker.bootstrap if self._broker else "")

    def _environment(self) -> dict[str, str]:
        given = {
            "SIS_DATA": str(self._data),
            "SIS_BOOTSTRAP": self._bootstrap,
            "SIS_CALENDAR": self._settings.calendar,
            "SIS_EPISODES_PARTITIONS": str(self._settings.episodes_partitions),
            "SIS_PRODUCTION": str(self._settings.production).lower(),
        }
        if self._settings.view_url:
            given["SIS_VIEW_URL"] = self._settings.view_url
        return {**os.environ, **given}

    def _leave_word(self, *, ready: bool) -> None:
        pids = {service.name: service.pid for service in self._services if service.pid}
        if self._broker is not None and self._broker.pid:
            pids = {"broker": self._broker.pid, **pids}
        running = Running(
            self._bootstrap,
            self._settings.calendar,
            self._settings.episodes_partitions,
            os.getpid(),
            pids,
            ready,
        )
        if running != self._written:
            leave_word(self._data, running)
            self._written = running


def _alone(lock: int, data: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(f"a system runs on {data} already; see: sis --data {data} status") from None


def _fix_calendar(data: Path, calendar: str) -> None:
    fixed = data / "calendar"
    if not fixed.exists():
        fixed.write_text(calendar, "utf-8")
    if fixed.read_text("utf-8") != calendar:
        raise CalendarFixed(
            f"the calendar of {data} was fixed as {fixed.read_text('utf-8')} at its first start and stays so; "
            f"set SIS_CALENDAR to it, or take another data folder"
        )


def _ask_to_stop(number: int, frame: FrameType | None) -> None:
    raise StopAsked
