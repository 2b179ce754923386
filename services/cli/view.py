"""`sis view`: the read view, which is a fold of the ledgers and may be made anew at any time.

Knows arguments and progress. Must never alter the view that is read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import typer

from services.cli.options import DataOption
from services.cli.system import System, find
from services.episodes.rebuild import rebuild
from services.episodes.view import TOPICS
from services.log.errors import UnknownTopic
from services.log.kafka_reader import KafkaReader
from services.log.ports import Place

commands = typer.Typer(help="The read view.", no_args_is_help=True)


@commands.callback()
def view() -> None:
    """The read view."""


@commands.command("rebuild")
def rebuild_view(ctx: typer.Context, data: DataOption = None) -> None:
    """Fold the whole log into a new view beside the old one, and switch to it when it is level."""
    system = find(ctx, data)
    began = time.monotonic()
    folded = asyncio.run(_rebuild(system))
    typer.echo(f"The view was made anew from {folded:,} records in {time.monotonic() - began:.1f} s.")


async def _rebuild(system: System) -> int:
    bootstrap, views = system.address("projector"), system.views()
    places = await _places(KafkaReader(bootstrap, {}))
    async with KafkaReader(bootstrap, dict.fromkeys(places, 0)) as reader:
        return await rebuild(reader, views, places, lambda folded: typer.echo(f"{folded:,} records", err=True))


async def _places(reader: KafkaReader) -> Collection[Place]:
    try:
        counts = {topic: await reader.partitions_of(topic) for topic in TOPICS}
    finally:
        await reader.close()
    absent = [topic for topic, count in counts.items() if count is None]
    if absent:
        raise UnknownTopic(f"topic {absent[0]} is not there, or this user may not see it: run sis topics apply")
    return [(topic, partition) for topic, count in counts.items() for partition in range(count or 0)]
