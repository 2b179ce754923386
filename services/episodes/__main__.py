"""`python -m services.episodes recorder|projector`: one process of the trust's side, told by settings where its log is.

Knows settings, and hands them down as values.
"""

from __future__ import annotations

import logging
import sys

from services.episodes.projector import or_the_end, run
from services.episodes.recorder import DOORS, recorder_rules
from services.episodes.views import views_of
from services.log.connection import Address, address_of
from services.log.desk import Desk
from services.log.serving import serve
from services.settings import Settings, load
from services.vault.emitter_keys import EmitterKeys
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words.topics import EPISODES

ALARMS = logging.getLogger("kmpt.alarm")


def main() -> None:
    """Run the service named on the command line until it is stopped or fails."""
    settings = load()
    if settings.bootstrap is None or sys.argv[1:] not in (["recorder"], ["projector"]):
        sys.exit("usage: SIS_BOOTSTRAP=host:port python -m services.episodes recorder|projector")
    if sys.argv[1] == "recorder":
        record(settings, address_of(settings.bootstrap, "recorder", settings.keys))
    with or_the_end():
        view = views_of(settings.view.get_secret_value(), settings.data).current()
    run(address_of(settings.bootstrap, "projector", settings.keys), view, settings.data / "projector")


def record(settings: Settings, bootstrap: Address) -> None:
    """Own every partition of the episodes inbox."""
    doors = {door: door_keys(settings.data, door) for door in DOORS}
    rules = recorder_rules(synthetic=not settings.production)
    emitters = EmitterKeys(settings.data, strict=settings.must_sign)
    desk = Desk(
        rules,
        settings.episodes_partitions,
        doors,
        ALARMS.error,
        emitters,
    )
    serve(bootstrap, EPISODES, range(settings.episodes_partitions), desk, Vault(settings.data))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    main()
