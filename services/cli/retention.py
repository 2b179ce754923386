"""`sis retention`: whose records have been kept long enough.

Knows the command line. Must never erase anything.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find

commands = typer.Typer(help="How long records are kept.", no_args_is_help=True)

_COLUMNS = ("due_on", "person_id", "last_on", "died_on", "held")


@commands.callback()
def retention() -> None:
    """How long records are kept."""


@commands.command("due")
def due(
    ctx: typer.Context,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="By this day; the county's today if not given.")
    ] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List whose records are due for erasure, oldest first: 20 years after support ended, or 10 after death.

    Nothing is erased by this: `sis erase` is asked for by one person and approved by another. Whoever is under a legal
    hold is listed as held, and is not due.
    """
    with find(ctx, data).reading() as reading:
        today = reading.today()
        by = on.date() if on else date.fromisoformat(today) if today else date.min
        kept = [one for one in reading.kept() if one.due_on is not None and one.due_on <= by]
    rows = [
        {
            "due_on": str(one.due_on),
            "person_id": one.person_id,
            "last_on": one.last_on.isoformat(),
            "died_on": one.died_on.isoformat() if one.died_on else None,
            "held": one.held,
        }
        for one in sorted(kept, key=lambda one: (one.due_on or by, one.person_id))
    ]
    if json:
        print_json(rows)
        return
    print_table(_COLUMNS, rows)
    due_now = sum(one.is_due(by) for one in kept)
    typer.echo(f"{due_now} due by {by.isoformat()}, {len(kept) - due_now} kept by a legal hold", err=True)
