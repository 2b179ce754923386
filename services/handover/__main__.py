"""`python -m services.handover allocator`: the allocator as one process, told by settings where its log is.

Knows settings, and hands them down as values.
"""

from __future__ import annotations

import logging
import sys

from services.handover.allocator import DOORS, allocator_rules
from services.log.connection import address_of
from services.log.desk import Desk
from services.log.serving import serve
from services.settings import load
from services.vault.emitter_keys import EmitterKeys
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words.topics import HANDOVER

ALARMS = logging.getLogger("kmpt.alarm")


def main() -> None:
    """Own the handover inbox until it is stopped or fails."""
    settings = load()
    if settings.bootstrap is None or sys.argv[1:] != ["allocator"]:
        sys.exit("usage: SIS_BOOTSTRAP=host:port python -m services.handover allocator")
    vault = Vault(settings.data)
    doors = {door: door_keys(settings.data, door) for door in DOORS}
    emitters = EmitterKeys(settings.data, strict=settings.must_sign)
    desk = Desk(allocator_rules(vault), 1, doors, ALARMS.error, emitters)
    serve(address_of(settings.bootstrap, "allocator", settings.keys), HANDOVER, range(1), desk, vault)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    main()
