"""`sis doctor`: what is wrong here, and what to type to mend it.

Knows columns. Must never mend anything itself.
"""

from __future__ import annotations

from dataclasses import asdict

import typer

from services.cli.failures import FINDING
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import find
from services.stack.doctor import examine


def doctor(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Look at Java, Maven, ports, disk, keys, listeners and topics, and say what mends each; 1 if anything is wrong."""
    looked = list(examine(find(ctx, data).settings))
    if json:
        print_json([asdict(one) for one in looked])
    else:
        for one in looked:
            typer.echo(f"{'ok' if one.ok else 'NOT':<4} {one.what:<14} {one.found}")
            if not one.ok:
                typer.echo(f"     {'':<14} → {one.mend}")
    raise typer.Exit(0 if all(one.ok for one in looked) else FINDING)
