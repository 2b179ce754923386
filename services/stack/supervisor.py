"""The supervisor: broker, preparation, services, in this order; then it keeps them running until it is told to stop.

Knows which processes make a system. Must never decide, carry or fold anything itself.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from services.episodes.view import PositionMoved
from services.log.connection import Address, address_of
from services.log.errors import BrokerAway
from services.log.system import FILE, Running, began, leave_word
from services.settings import Settings
from services.stack.back_off import BackOff
from services.stack.broker import Broker, BrokerDidNotStart, FolderInUse
from services.stack.claims import Claim
from services.stack.jars import broker_jars
from services.stack.months import Months
from services.stack.preparing import prepare
from services.stack.processes import Service, claim_of
from services.stack.pulse import LOST_AFTER, Pulse
from services.stack.readiness import until_level
from services.stack.stopping import StopAsked, in_a_loop
from services.words.topics import DOOR_READS

_POLL = 0.1


class AlreadyRunning(Exception):
    """Another supervisor runs on this data folder."""


class SettingFixed(Exception):
    """A data folder has one calendar, and signs or does not, as fixed at its first start."""


class GivenUp(Exception):
    """A service says that starting it again would not help; the text says where its last words are."""


_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def services_of(settings: Settings) -> list[Service]:
    """The services of a system, in the order in which they start; they stop in the reverse order."""
    doors = [*DOOR_READS, *(["ticker"] if settings.calendar == "clock" else [])]
    return [
        Service("recorder", "services.episodes", "recorder"),
        Service("allocator", "services.handover", "allocator"),
        Service("doors", "services.doors", *doors),
        Service("projector", "services.episodes", "projector"),
        Service("notary", "services.notary"),
    ]


class Supervisor:
    """One system on one data folder."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._data = settings.data.resolve()
        self._say = say
        self._services = services_of(settings)
        self._broker: Broker | None = None
        self._broker_back_off = BackOff()
        self._pulse: Pulse | None = None
        self._given_up: set[str] = set()
        self._stop_asked = False
        self._written: Running | None = None

    def run(self) -> None:
        """Start everything and keep it running until SIGTERM, SIGINT or SIGHUP, then stop it in order.

        Raises `AlreadyRunning`, `SettingFixed`, `GivenUp` (at the start), `WillNotEnd`, and what starting a broker
        raises.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        (self._data / "logs").mkdir(exist_ok=True)
        with (self._data / "supervisor.lock").open("w") as lock:
            _alone(lock.fileno(), self._data)
            _fix(self._data, "calendar", self._settings.calendar)
            _fix(self._data, "emitters", "signed" if self._settings.must_sign else "open")
            for number in _STOPS:
                signal.signal(number, self._ask_to_stop)
            try:
                _clear_away(self._data, self._say)
                self._start()
                self._keep()
            except StopAsked:
                self._say("stopping")
            finally:
                self._stop_asked = True  # from here on a signal must not cut the stopping short
                self._stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if not self._stop_asked:
            self._stop_asked = True
            raise StopAsked

    def _start(self) -> None:
        if self._settings.bootstrap is None:
            self._say("starting the broker")
            self._broker = Broker(self._data / "broker", libs=broker_jars(), keys=self._keys)
            self._broker_back_off.started()
            self._broker.start()
            self._pulse = Pulse(self._address)
        self._leave_word(ready=False)
        self._say("preparing topics, key and rules")
        self._despite_the_broker(lambda: prepare(self._data, self._address, self._settings.episodes_partitions))
        self._say("starting the services")
        for service in self._services:
            service.start(self._environment(), self._data)
        self._leave_word(ready=False)
        self._despite_the_broker(lambda: until_level(self._settings, self._address, self._mend_or_give_up))
        self._leave_word(ready=True)
        self._say(f"running on {self._bootstrap}")

    def _despite_the_broker(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do what is safe to do again, until it is done: a broker may die meanwhile, or a view be rebuilt."""
        while not self._stop_asked:
            try:
                in_a_loop(work())
                return
            except (BrokerAway, PositionMoved) as fault:
                self._say(f"not yet: {fault}")
                self._mend()

    def _keep(self) -> None:
        months = Months(self._data, self._address, lambda: datetime.now(UTC))
        while not self._stop_asked:  # it stays so if the exception was lost, as one is in a finalizer
            time.sleep(_POLL)
            self._mend()
            self._leave_word(ready=True)
            if months.due:
                self._tend(months)

    def _tend(self, months: Months) -> None:
        try:
            for words in in_a_loop(months.tend()):
                self._say(words)
        except BrokerAway as away:
            self._say(f"the month's key is looked at again in an hour: {away}")

    def _mend(self) -> None:
        """Start again what has ended; a broker first, for the others need it."""
        if self._broker is not None:
            self._mend_broker(self._broker)
        for service in self._services:
            if service.mend():
                self._say(f"{service.name} had ended and was started again")
            if service.given_up and service.name not in self._given_up:
                self._given_up.add(service.name)
                self._say(self._last_words(service))

    def _mend_broker(self, broker: Broker) -> None:
        if broker.running and self._pulse is not None and self._pulse.is_lost():
            self._say(f"the broker has not answered for {LOST_AFTER:.0f} s; it is ended")
            broker.kill()
        if broker.running or not self._broker_back_off.over:
            return
        self._say("the broker has ended; starting it again")
        self._broker_back_off.started()
        try:
            broker.start()
        except (BrokerDidNotStart, FolderInUse) as fault:
            self._say(str(fault))
        if self._pulse is not None:
            self._pulse.begin()

    def _mend_or_give_up(self) -> None:
        """While a system starts, a service that cannot run is a reason not to."""
        self._mend()
        for service in self._services:
            if service.given_up:
                raise GivenUp(self._last_words(service))

    def _last_words(self, service: Service) -> str:
        return (
            f"{service.name} does not run and is not started again; {self._data / 'logs' / service.name}.log says why"
        )

    def _stop(self) -> None:
        for service in reversed(self._services):
            service.stop()
            claim_of(self._data, service.name).end_holder()  # one whose start was cut short by the wish to stop
        if self._broker is not None and self._broker.running:
            self._broker.stop()
        _broker_claim(self._data).end_holder()
        (self._data / FILE).unlink(missing_ok=True)

    @property
    def _bootstrap(self) -> str:
        return self._settings.bootstrap or (self._broker.bootstrap if self._broker else "")

    @property
    def _keys(self) -> Path | None:
        return self._data / "keys" if self._settings.secure else None

    @property
    def _address(self) -> Address:
        return address_of(self._bootstrap, "stack", self._keys)

    def _environment(self) -> dict[str, str]:
        given = {
            "SIS_DATA": str(self._data),
            "SIS_BOOTSTRAP": self._bootstrap,
            "SIS_SECURE": str(self._settings.secure).lower(),
            "SIS_CALENDAR": self._settings.calendar,
            "SIS_EMITTERS": self._settings.emitters,
            "SIS_EPISODES_PARTITIONS": str(self._settings.episodes_partitions),
            "SIS_PRODUCTION": str(self._settings.production).lower(),
            "SIS_VIEW": self._settings.view.get_secret_value(),
        }
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
            began(os.getpid()),
            pids,
            ready,
            str(self._keys) if self._keys else None,
        )
        if running != self._written:
            leave_word(self._data, running)
            self._written = running


def end_left_over(data: Path, say: Callable[[str], None]) -> None:
    """End what a supervisor that was killed left running on a data folder; says what that was.

    Raises `AlreadyRunning` if a supervisor lives, `WillNotEnd`.
    """
    with (data / "supervisor.lock").open("w") as lock:
        _alone(lock.fileno(), data)
        _clear_away(data, say)


def _clear_away(data: Path, say: Callable[[str], None]) -> None:
    """It would hold the broker's folder, and its services would stand in the way of new ones."""
    (data / FILE).unlink(missing_ok=True)
    services = [(path.name, claim_of(data, path.name)) for path in sorted((data / "running").glob("*"))]
    for name, claim in (*services, ("broker", _broker_claim(data))):
        pid = claim.end_holder()
        if pid is not None:
            say(f"{name} (process {pid}) still ran for a supervisor that is gone; it was ended")


def _broker_claim(data: Path) -> Claim:
    return Broker(data / "broker", libs=Path()).claim


def _alone(lock: int, data: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(f"a system runs on {data} already; see: sis --data {data} status") from None


def _fix(data: Path, setting: str, value: str) -> None:
    """Note a setting at the first start of a folder, and let it never be another. Raises `SettingFixed`."""
    fixed = data / setting
    if not fixed.exists():
        fixed.write_text(value, "utf-8")
    if (found := fixed.read_text("utf-8")) != value:
        raise SettingFixed(
            f"the {setting} of {data} was fixed as {found} at its first start and stays so; "
            f"set SIS_{setting.upper()} to it, or take another data folder"
        )
