"""`sis provider ID exchange`: the trust's file exchange with one provider that has no Kafka.

Knows arguments and when to stop. Must never know what is exchanged.
"""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from services.cli.failures import FINDING, TRY_AGAIN, Failed
from services.cli.system import find
from services.log.errors import UnknownTopic
from services.log.kafka_log import KafkaLog
from services.provider.connecting import KEY_HOLDS_SECONDS, public_key
from services.provider.exchange import DOOR, Exchange, Passed, Reporting, wall_clock
from services.vault.key_files import door_key

_PAUSE = 1.0
"""Seconds between two looks at the folder."""


def exchange(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The exchange folder; the provider's is DIR/ID.")],
    once: Annotated[bool, typer.Option("--once", help="One pass, then end; without it until it is stopped.")] = False,
) -> None:
    """Run by the trust: put messages into DIR/ID/in as files, and take the provider's replies from DIR/ID/out."""
    system = find(ctx, ctx.meta["data"])
    log = KafkaLog(system.address(ctx.meta["provider"]))
    reporting = Reporting(KafkaLog(system.address(DOOR)), door_key(system.settings.data, DOOR))
    own = folder / ctx.meta["provider"]
    try:
        own.mkdir(parents=True, exist_ok=True)
        with _alone(own):
            asyncio.run(_run(ctx.meta["provider"], own, log, reporting, once=once))
    except UnknownTopic as fault:
        raise Failed(
            "this provider has no topics yet: is it registered, and is the connections door running?", FINDING
        ) from fault
    except OSError as fault:
        raise Failed(f"{fault.filename or own} cannot be used: {fault.strerror}; nothing is lost", TRY_AGAIN) from fault


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two exchanges on one folder would take each other's files away."""
    with (folder / ".exchange.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"another exchange serves {folder} already", FINDING) from None
        yield


async def _run(provider_id: str, folder: Path, log: KafkaLog, reporting: Reporting, *, once: bool) -> None:
    """One pass, or for ever: every day by a new exchange, which knows the key of the month."""
    while True:
        served = Exchange(provider_id, folder, log, await public_key(log, provider_id), reporting, wall_clock)
        try:
            await served.start()
            await _pass(served, 0 if once else KEY_HOLDS_SECONDS)
        finally:
            await served.close()
        if once:
            return


async def _pass(served: Exchange, seconds: float) -> None:
    """Pass again and again for so long; 0: once."""
    until = time.monotonic() + seconds
    while True:
        passed = await served.step()
        if passed.anything or not seconds:
            typer.echo(_said(passed))
        if time.monotonic() >= until:
            return
        await asyncio.sleep(_PAUSE)


def _said(passed: Passed) -> str:
    return (
        f"{passed.delivered} delivered, {passed.collected} collected, {passed.taken} replies taken, "
        f"{passed.moved_aside} moved aside, {passed.partial} on their way, {passed.not_collected} not collected in time"
    )
