"""Doors in one process: a task and a watchdog each, and the end of the process at the first failure of any.

Knows which translation has which name. Must never wait on the way out: whoever supervises starts the process again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import NoReturn

from services.doors import connections, outcomes, referrals, replies, ticker
from services.doors.door import Door, Translation
from services.doors.ticking import Ticker
from services.log.ports import Log
from services.log.serving import STEP_LIMIT, TRY_AGAIN, end
from services.log.watchdog import Watchdog

TRANSLATIONS: Mapping[str, Translation] = {
    referrals.NAME: Translation(referrals.NAME, referrals.said),
    outcomes.NAME: Translation(outcomes.NAME, outcomes.said),
    replies.NAME: Translation(replies.NAME, replies.said, follows=replies.follows),
    connections.NAME: Translation(connections.NAME, connections.said, topics=connections.topics_for),
}
"""Every door that reads a log."""
NAMES = (*TRANSLATIONS, ticker.NAME)
"""Every door."""


def carry(
    names: Sequence[str],
    log_of: Callable[[str], Log],
    key_of: Callable[[str], bytes],
    now: Callable[[], datetime],
) -> NoReturn:
    """Run these doors, each on the log as it may see it, until something fails; then end the process.

    One plain line on standard error says why.
    """
    try:
        asyncio.run(_run_all(names, log_of, key_of, now))
    except BaseException as fault:  # noqa: BLE001  # starting again from the stored positions is always right
        end(TRY_AGAIN, "doors", f"{type(fault).__name__}: {fault}")
    end(TRY_AGAIN, "doors", "they ended")


async def _run_all(
    names: Sequence[str],
    log_of: Callable[[str], Log],
    key_of: Callable[[str], bytes],
    now: Callable[[], datetime],
) -> None:
    with ExitStack() as watched:
        doors = []
        for name in names:
            kick = watched.enter_context(Watchdog(STEP_LIMIT, f"{name} door")).kick
            log, key = log_of(name), key_of(name)
            doors.append(
                Ticker(log, key, kick, now) if name == ticker.NAME else Door(TRANSLATIONS[name], log, key, kick)
            )
        await asyncio.gather(*(_run(name, door) for name, door in zip(names, doors, strict=True)))


async def _run(name: str, door: Door | Ticker) -> None:
    """Run one; its failure ends the process at once, for a graceful stop of the others would wait for the broker."""
    try:
        await door.start()
        await door.run()
    except BaseException as fault:  # noqa: BLE001  # as in `carry`
        end(TRY_AGAIN, f"{name} door", f"{type(fault).__name__}: {fault}")
