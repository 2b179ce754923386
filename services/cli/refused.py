"""`sis refused`: what was not recorded, and why.

Knows arguments and columns. Must never show the content of what was refused: only the inbox has it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.failures import FINDING, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find

commands = typer.Typer(help="What was not recorded, and why.", no_args_is_help=True)


@commands.command("list")
def list_refused(
    ctx: typer.Context,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List every refusal, in the order of refusal."""
    with find(ctx, data).reading() as reading:
        refused = reading.refused()
    if json:
        print_json(refused)
    else:
        print_table(("refused_at", "event_id", "type", "code", "sentence", "source"), refused)


@commands.command("show")
def show(
    ctx: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the event that was refused.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show every refusal of one event, and where it lies."""
    with find(ctx, data).reading() as reading:
        refusals = reading.refusal(event_id)
    if not refusals:
        raise Failed("no event with this id was refused", FINDING)
    if json:
        print_json(refusals)
        return
    for refusal in refusals:
        print_table(("field", "value"), [{"field": name, "value": value} for name, value in refusal.items()])
