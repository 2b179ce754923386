"""A process that owns partitions: one engine and one watchdog for each, and its end at the first failure.

Crash-only: whoever supervises starts it again, and it goes on from its ledger. Knows how engines are run together.
Must never know which rules they have, nor go on after an exception.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NoReturn

from services.log.collector import spare_the_collector
from services.log.connection import Address
from services.log.desk import Desk
from services.log.engine import Engine
from services.log.kafka_turns import KafkaTurns
from services.log.keys import Keys
from services.log.rules import UnknownRelease
from services.log.watchdog import Watchdog
from services.words.topics import Flow

STEP_LIMIT = 30.0
"""Seconds that one step may take; more than a broker needs to come back (13 to 18 s)."""
TRY_AGAIN = 75
"""Exit code after a failure of the world around (EX_TEMPFAIL): start it again."""
NEVER_AGAIN = 78
"""Exit code when starting again would not help (EX_CONFIG): a person has to look."""


def serve(bootstrap: Address, flow: Flow, numbers: Sequence[int], desk: Desk[Any], keys: Keys) -> NoReturn:
    """Own these partitions until something fails; then end the process with one plain line on standard error."""
    asyncio.run(_own_all(bootstrap, flow, numbers, desk, keys))
    end(TRY_AGAIN, flow.engine, "it ended")


async def _own_all(bootstrap: Address, flow: Flow, numbers: Sequence[int], desk: Desk[Any], keys: Keys) -> None:
    with ExitStack() as watched:
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                watchdog = watched.enter_context(Watchdog(STEP_LIMIT, f"{flow.engine} partition {number}"))
                turns = KafkaTurns(bootstrap, flow, number)
                group.create_task(_own(Engine(desk, flow, number, turns, keys, watchdog.kick), flow.engine))


async def _own(engine: Engine[Any], name: str) -> None:
    """Own one partition. The process ends in here: waiting for the owners of the others could take for ever."""
    try:
        await engine.start()
        spare_the_collector()
        await engine.run()
    except UnknownRelease as fault:
        end(NEVER_AGAIN, name, str(fault))
    except BaseException as fault:  # noqa: BLE001  # whatever it is, this process has lost its place in the ledger
        end(TRY_AGAIN, name, f"{type(fault).__name__}: {fault}")


def end(code: int, name: str, words: str) -> NoReturn:
    """End the process at once, with one line: a graceful stop would wait for a broker that may be the reason."""
    sys.stderr.write(f"{name}: {words}\n")
    sys.stderr.flush()
    os._exit(code)
