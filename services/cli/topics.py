"""`sis topics`: whether the broker's topics are as the catalogue says, and making them so.

Knows the command line. Must never delete a topic or change a number of partitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, assert_never

import typer

from services.cli.failures import FINDING
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import System, find, running_on
from services.log import kafka_admin
from services.log.errors import BrokerAway
from services.log.kafka_admin import Change, CorrectSetting, CreateTopic, PartitionsDiffer
from services.log.kafka_closing import takes_connections
from services.words.topics import Topic, catalogue

commands = typer.Typer(help="The topics of the log.", no_args_is_help=True)

ReplicationOption = Annotated[int, typer.Option(min=1, help="Copies of each new topic: 3 where there are 3 brokers.")]
InSyncOption = Annotated[int, typer.Option("--in-sync", min=1, help="Copies that must have a record before it counts.")]


@commands.command("plan")
def plan(ctx: typer.Context, in_sync: InSyncOption = 1, json: JsonOption = False, data: DataOption = None) -> None:
    """Say what differs between the broker's topics and what they must be; 1 if anything does."""
    system = find(ctx, data)
    changes = kafka_admin.plan(_bootstrap(system), _wanted(system), in_sync)
    _print(changes, json, "every topic is as it must be")
    raise typer.Exit(FINDING if changes else 0)


@commands.command("apply")
def apply(
    ctx: typer.Context,
    replication: ReplicationOption = 1,
    in_sync: InSyncOption = 1,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Create the topics that are absent and correct their settings; nothing is ever deleted."""
    system = find(ctx, data)
    done = kafka_admin.apply(_bootstrap(system), _wanted(system), replication, in_sync)
    _print(done, json, "nothing had to be done: every topic is as it must be")


def _bootstrap(system: System) -> str:
    bootstrap = system.settings.bootstrap or running_on(system).bootstrap
    if not any(takes_connections(server) for server in bootstrap.split(",")):
        raise BrokerAway(f"nobody takes connections at {bootstrap}: is the broker running? `sis doctor` looks further")
    return bootstrap


def _wanted(system: System) -> Sequence[Topic]:
    return catalogue(system.settings.episodes_partitions)


def _print(changes: Sequence[Change], as_json: bool, none: str) -> None:
    if as_json:
        print_json([_row(change) for change in changes])
        return
    for change in changes:
        typer.echo(said(change))
    if not changes:
        typer.echo(none)


def said(change: Change) -> str:
    """A difference in plain words."""
    match change:
        case CreateTopic(topic):
            return f"{topic.name}: create it, with {topic.partitions} partitions"
        case CorrectSetting(name, setting, found, wanted):
            return f"{name}: {setting} is {found} and must be {wanted}"
        case PartitionsDiffer(name, found, wanted):
            return f"{name}: has {found} partitions, not {wanted}; this is fixed for life"
        case _:
            assert_never(change)


def _row(change: Change) -> dict[str, Any]:
    match change:
        case CreateTopic(topic):
            return {"topic": topic.name, "change": "create", "found": None, "wanted": topic.partitions}
        case CorrectSetting(name, setting, found, wanted):
            return {"topic": name, "change": setting, "found": found, "wanted": wanted}
        case PartitionsDiffer(name, found, wanted):
            return {"topic": name, "change": "partitions", "found": found, "wanted": wanted}
        case _:
            assert_never(change)
