"""`sis handover` and `sis contracts`: which cases move to which provider, who was told what, and how much room is left.

Knows arguments and columns. Must never decide what a row says.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.failures import FINDING, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find

commands = typer.Typer(help="Long-term cases on their way to an external provider.", no_args_is_help=True)

COLUMNS = (
    *("requested_on", "handover_id", "lot", "district", "state", "weekly_minutes", "provider_id", "respond_by"),
    *("started_on", "wave_id"),
)
_OFFERS = ("offered_on", "provider_id", "contract_id", "respond_by", "answer", "answered_on", "reason", "start_on")
_TOLD = ("on", "provider_id", "what", "outcome", "fields", "details", "ciphertext_hash")
_DUE = ("since", "kind", "handover_id", "contract_id", "provider_id", "sentence")
CONTRACTS = (
    *("contract_id", "provider_id", "lot", "tier", "weekly_minutes", "declared", "reserved", "used", "free"),
    *("from_on", "to_on", "suspended", "connected"),
)


@commands.command("list")
def list_handovers(
    ctx: typer.Context,
    ended_too: Annotated[
        bool, typer.Option("--all", help="Withdrawn ones, those that are not possible, and ended support too.")
    ] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List the handovers that are under way or run, by the day on which they were asked for."""
    with find(ctx, data).reading() as reading:
        rows = reading.handovers(ended_too=ended_too)
    if json:
        print_json(rows)
        return
    print_table(COLUMNS, rows)
    if not rows:
        over = "" if ended_too else "; `sis handover list --all` shows those that are over too"
        typer.echo(f"no handover {'was ever asked for' if ended_too else 'is under way'}{over}", err=True)


@commands.command("show")
def show(
    ctx: typer.Context,
    handover_id: Annotated[str, typer.Argument(metavar="ID", help="The handover's id.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show one handover: its row, its offers, what happened, and who was told what and when."""
    with find(ctx, data).reading() as reading:
        found = reading.handover(handover_id)
    if found is None:
        raise Failed("UNKNOWN_HANDOVER: there is no handover with this id", FINDING)
    if json:
        print_json(found)
    else:
        _print_handover(found)


@commands.command("due")
def due(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """List what is to be followed up, oldest first: answers, starts, capacity, toolkits, waiting cases, odd replies."""
    with find(ctx, data).reading() as reading:
        rows = reading.due()
    if json:
        print_json(rows)
        return
    print_table(_DUE, rows)
    if not rows:
        typer.echo("nothing is to be followed up", err=True)


def contracts(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """List the contracts with their minutes a week: agreed, declared for today, reserved, used and free."""
    with find(ctx, data).reading() as reading:
        rows = reading.contracts()
    if json:
        print_json(rows)
        return
    print_table(CONTRACTS, rows)
    if not rows:
        typer.echo("there is no contract yet; the commissioner emits ContractActivated to make one", err=True)


def _print_handover(found: dict[str, Any]) -> None:
    apart = ("offers", "timeline", "told")
    print_table(
        ("field", "value"), [{"field": name, "value": value} for name, value in found.items() if name not in apart]
    )
    typer.echo("\nOffers")
    if found["offers"]:
        print_table(_OFFERS, found["offers"])
    else:
        typer.echo("  nobody was asked")
    typer.echo("\nWhat happened")
    for fact in found["timeline"]:
        typer.echo(f"  {fact['sentence']}")
    typer.echo("\nWho was told what and when")
    if found["told"]:
        print_table(_TOLD, found["told"])
    else:
        typer.echo("  nobody was told anything")
