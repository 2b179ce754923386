"""`python -m services.notary`: the notary in a process of its own, told by settings where its log is.

Knows settings and the clock, and hands them down as values.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from time import monotonic

from services.audit.checkpoint_folder import folder_of
from services.audit.partition_reading import watched
from services.log.connection import Address, address_of
from services.log.kafka_log import KafkaLog
from services.log.serving import NEVER_AGAIN, STEP_LIMIT, TRY_AGAIN, end
from services.log.watchdog import Watchdog
from services.notary.notary import LedgerChanged, Notary
from services.notary.signing_key import signing_key
from services.settings import Settings, load
from services.vault.openings import opening_hashes


def main() -> None:
    """Sign until something fails; then end the process with one plain line on standard error."""
    settings = load()
    if settings.bootstrap is None:
        sys.exit("usage: SIS_BOOTSTRAP=host:port python -m services.notary")
    try:
        asyncio.run(_run(settings, address_of(settings.bootstrap, "notary", settings.keys)))
    except LedgerChanged as changed:
        end(NEVER_AGAIN, "notary", str(changed))
    except BaseException as fault:  # noqa: BLE001  # starting again reads everything again, which is always right
        end(TRY_AGAIN, "notary", f"{type(fault).__name__}: {fault}")


async def _run(settings: Settings, bootstrap: Address) -> None:
    with Watchdog(STEP_LIMIT, "notary") as watchdog:
        places, folder = watched(settings.episodes_partitions), folder_of(settings.data)
        log, key, hashes = KafkaLog(bootstrap), signing_key(settings.data), opening_hashes(settings.data)
        notary = Notary(log, places, folder, key, monotonic, watchdog.kick, hashes)
        await notary.start()
        await notary.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    main()
