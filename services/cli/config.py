"""`sis config`: what is set, and what can be set.

Knows the settings by name. Must never print a secret: no setting holds one.
"""

from __future__ import annotations

import typer

from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find
from services.settings import PREFIX, Settings, origins

commands = typer.Typer(help="What is set, and what can be set.", no_args_is_help=True)


@commands.command("show")
def show(
    ctx: typer.Context,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show every setting with its value, and where that comes from."""
    values = find(ctx, data).settings.model_dump(mode="json")
    origin = origins(data=data or ctx.find_root().obj)
    if json:
        print_json({**values, "origins": origin})
        return
    rows = [{"setting": _name(name), "value": value, "origin": origin[name]} for name, value in values.items()]
    print_table(("setting", "value", "origin"), rows)


@commands.command("schema")
def schema(json: JsonOption = False) -> None:
    """List the settings there are, with their defaults and meanings; with --json, as a JSON Schema."""
    if json:
        print_json(Settings.model_json_schema())
        return
    fields = Settings.model_fields.items()
    rows = [{"setting": _name(n), "default": field.default, "meaning": field.description} for n, field in fields]
    print_table(("setting", "default", "meaning"), rows)


def _name(field: str) -> str:
    return f"{PREFIX}{field}".upper()
