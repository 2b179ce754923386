"""`sis provider ID sandbox`: a trust to play with, and which of twelve behaviours the provider's own program bears.

Knows arguments, and where the log of a run comes from. Must never judge a program.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.output import JsonOption, print_json
from services.log.kafka_admin import wait_until_ready
from services.log.kafka_log import KafkaLog
from services.log.kafka_turns import KafkaTurns
from services.log.memory import MemoryLog
from services.log.memory_clients import InMemory
from services.log.memory_turns import MemoryTurns
from services.sandbox.conformance import Line, Sandbox, run
from services.sandbox.program import ProgramMissing
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.words.topics import HANDOVER

_READY_WITHIN = 60.0


def sandbox(
    ctx: typer.Context,
    command: Annotated[
        str,
        typer.Option(
            "--run", metavar="COMMAND", help="Starts the program; {settings} is its file, {exchange} its folder."
        ),
    ],
    files: Annotated[
        bool, typer.Option("--files", help="The program exchanges files; without it, it is connected by Kafka.")
    ] = False,
    wait: Annotated[float, typer.Option(help="Seconds that it may take to answer.", min=1)] = 30,
    folder: Annotated[
        Path | None, typer.Option(help="A new folder that is kept, with the program's logs; without it none is.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Try a provider's own program against a trust that nobody else sees: twelve lines, 1 if any of them failed."""
    lines: list[Line] = []
    with _place(folder) as place, _made(place, files=files) as made:

        async def try_all() -> None:
            async for line in run(made, ctx.meta["provider"], command, wait):
                lines.append(line)
                if not json:
                    _print(line)

        try:
            asyncio.run(try_all())
        except ProgramMissing as fault:
            raise Failed(str(fault), USAGE) from fault
    passed = sum(line.passed for line in lines)
    if json:
        print_json([line.row() for line in lines])
    else:
        typer.echo(f"{passed} of {len(lines)} passed")
    raise typer.Exit(0 if passed == len(lines) else FINDING)


def _print(line: Line) -> None:
    typer.echo(f"{'PASS' if line.passed else 'FAIL'}  {line.number:>2} {line.behaviour}: {line.seen}.")
    if line.mend:
        typer.echo(f"         {line.mend}")


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield _new(folder)
        return
    with tempfile.TemporaryDirectory(prefix="sis-sandbox-") as scratch:
        yield Path(scratch)


def _new(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Failed(f"{folder} is not empty; name a new folder", USAGE)
    except OSError as fault:
        raise Failed(f"{folder} cannot be used: {fault.strerror}", USAGE) from fault
    return folder.resolve()


@contextmanager
def _made(folder: Path, *, files: bool) -> Iterator[Sandbox]:
    """The log of a run: in memory for files, else a broker of its own that ends with it."""
    if files:
        log = MemoryLog(clock=lambda: int(time.time() * 1000))
        yield Sandbox(folder, InMemory(log), MemoryTurns(log, HANDOVER, 0), _now, None)
        return
    typer.echo("starting a broker for this run alone", err=True)
    with Broker(folder / "broker", libs=broker_jars()) as broker:
        wait_until_ready(broker.bootstrap, _READY_WITHIN)
        yield Sandbox(
            folder, KafkaLog(broker.bootstrap), KafkaTurns(broker.bootstrap, HANDOVER, 0), _now, broker.bootstrap
        )


def _now() -> datetime:
    return datetime.now(UTC)
