"""`python -m services.stack`: the supervisor in the foreground, as `sis up` runs it."""

from __future__ import annotations

import sys

from services.log.kafka_admin import PartitionsAreFixed, TopicsRefused
from services.settings import UnknownSetting, load
from services.stack.broker import BrokerDidNotStart, FolderInUse
from services.stack.claims import WillNotEnd
from services.stack.jars import JarsNotFetched, MavenMissing
from services.stack.java import JavaMissing
from services.stack.ports import NoFreePort
from services.stack.supervisor import AlreadyRunning, CalendarFixed, GivenUp, Supervisor
from services.vault.key_files import KeyFileExposed, WrongKeyFile

REASONS = (
    *(AlreadyRunning, CalendarFixed, GivenUp, UnknownSetting, WillNotEnd),
    *(BrokerDidNotStart, FolderInUse, JarsNotFetched, JavaMissing, MavenMissing, NoFreePort),
    *(KeyFileExposed, PartitionsAreFixed, TopicsRefused, WrongKeyFile),
)
"""Why a system may not run; each says in plain words what to do."""


def main() -> None:
    """Run the system of the settings until it is told to stop."""
    try:
        Supervisor(load(), lambda words: print(words, file=sys.stderr, flush=True)).run()  # noqa: T201  # it is a program
    except REASONS as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
