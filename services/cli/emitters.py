"""`sis emitters`: who signs what is said, and new keys for them.

Knows the command line. Must never show a key.
"""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.failures import USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find
from services.vault.emitter_keys import EmitterKeys, key_path, replace_key
from services.words.emitting import EMITTERS, source_of

commands = typer.Typer(help="The keys with which teams and the commissioner sign.", no_args_is_help=True)

_COLUMNS = ("emitter", "source", "former_keys", "file")


@commands.command("list")
def list_emitters(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """List who signs, for which source, and where the key lies that goes to their system."""
    folder = find(ctx, data).settings.data
    keys = EmitterKeys(folder, strict=False)
    rows = [
        {
            "emitter": emitter,
            "source": source_of(emitter),
            "former_keys": len(keys.keys_of(emitter)) - 1,
            "file": str(key_path(folder, emitter)),
        }
        for emitter in EMITTERS
    ]
    if json:
        print_json(rows)
    else:
        print_table(_COLUMNS, rows)


@commands.command("rotate")
def rotate(
    ctx: typer.Context,
    emitter: Annotated[str, typer.Argument(help="A team's id, or commissioner.")],
    data: DataOption = None,
) -> None:
    """Give an emitter a new key; what is signed with the former one counts for three seconds more, and never after."""
    if emitter not in EMITTERS:
        raise Failed(f"{emitter} is nobody who signs; `sis emitters list` says who does", USAGE)
    folder = find(ctx, data).settings.data
    replace_key(folder, emitter)
    typer.echo(f"{emitter} has a new key in {key_path(folder, emitter)}; give it to their system now")
