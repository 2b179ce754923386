"""`python -m services.doors NAME...`: the named doors in one process, told by settings where their log is.

Knows settings and the clock, and hands them down as values.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

from services.doors.running import NAMES, carry
from services.doors.ticker import NAME as TICKER
from services.log.connection import address_of
from services.log.kafka_log import KafkaLog
from services.settings import load
from services.vault.key_files import door_key


def main() -> None:
    """Run the doors named on the command line until one fails."""
    settings, names = load(), sys.argv[1:]
    if settings.bootstrap is None or not names or not set(names) <= set(NAMES):
        sys.exit(f"usage: SIS_BOOTSTRAP=host:port python -m services.doors {'|'.join(NAMES)} ...")
    if TICKER in names and settings.calendar != "clock":
        sys.exit("the ticker runs only where SIS_CALENDAR=clock: here the days come from feeds")
    bootstrap = settings.bootstrap
    carry(
        names,
        lambda name: KafkaLog(address_of(bootstrap, name, settings.keys)),
        lambda name: door_key(settings.data, name),
        lambda: datetime.now(UTC),
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    main()
