"""`python -m services.stack`: the supervisor in the foreground, as `sis up` runs it.

Where something else supervises, as with containers, `certify` makes what a secured broker starts with, `prepare` makes
a broker ready, and `months` minds the month's key.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from services.episodes.postgres import ViewAway
from services.log.connection import Address, SecretUnusable, address_of
from services.log.errors import BrokerAway
from services.log.kafka_admin import PartitionsAreFixed, TopicsRefused
from services.settings import Settings, UnknownSetting, load
from services.stack.broker import BrokerDidNotStart, FolderInUse
from services.stack.claims import WillNotEnd
from services.stack.container_broker import certify
from services.stack.jars import JarsNotFetched, MavenMissing
from services.stack.java import JavaMissing
from services.stack.months import EVERY, Months
from services.stack.ports import NoFreePort
from services.stack.preparing import prepare
from services.stack.supervisor import AlreadyRunning, GivenUp, SettingFixed, Supervisor
from services.vault.key_files import KeyFileExposed, WrongKeyFile
from services.vault.store import VaultBusy, VaultDamaged

REASONS = (
    *(AlreadyRunning, BrokerAway, SettingFixed, GivenUp, UnknownSetting, WillNotEnd),
    *(BrokerDidNotStart, FolderInUse, JarsNotFetched, JavaMissing, MavenMissing, NoFreePort),
    *(KeyFileExposed, SecretUnusable, VaultBusy, VaultDamaged, WrongKeyFile),
    *(PartitionsAreFixed, TopicsRefused, ViewAway),
)
"""Why a system may not run; each says in plain words what to do."""


class _Program(Protocol):
    def __call__(self, settings: Settings) -> None: ...


def main() -> None:
    """Run what is asked for with the settings of this process, until it ends or is told to stop."""
    try:
        program = PROGRAMS[" ".join(sys.argv[1:])]
    except KeyError:
        sys.exit(f"name nothing, or one of: {', '.join(filter(None, PROGRAMS))}")
    try:
        program(load())
    except REASONS as reason:
        sys.exit(str(reason))


def _supervise(settings: Settings) -> None:
    Supervisor(settings, _say).run()


def _prepare(settings: Settings) -> None:
    asyncio.run(prepare(settings.data, _bootstrap(settings), settings.episodes_partitions))
    _say("topics, the month's key and the adopted rules are there")


def _certify(settings: Settings) -> None:
    """For a broker in a container; one that is not secured needs nothing."""
    if settings.keys is not None:
        certify(settings.keys.resolve())
        _say("certificates, first user and settings of the broker are there")


def _mind_months(settings: Settings) -> None:
    """Look once an hour for ever; whoever supervises starts it again if the broker is away."""
    months = Months(settings.data, _bootstrap(settings), lambda: datetime.now(UTC))
    while True:
        for words in asyncio.run(months.tend()):
            _say(words)
        time.sleep(EVERY.total_seconds())


def _bootstrap(settings: Settings) -> Address:
    if settings.bootstrap is None:
        sys.exit("this works on a Kafka that runs already: set SIS_BOOTSTRAP to its host:port")
    return address_of(settings.bootstrap, "stack", settings.keys)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201  # it is a program


PROGRAMS: Mapping[str, _Program] = {"": _supervise, "prepare": _prepare, "months": _mind_months, "certify": _certify}

if __name__ == "__main__":
    main()
