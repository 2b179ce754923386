"""`sis audit …`: proof that nothing was altered, removed or invented.

Knows the command line. Must never judge a record itself.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

import typer

from services.audit.checkpoint import NotACheckpoint, read_unverified
from services.audit.checkpoint_folder import folder_of, kept
from services.cli.failures import FINDING, Failed
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import DataOption, find
from services.notary.signing_key import public_key

commands = typer.Typer(help="Proof that nothing was altered, removed or invented.", no_args_is_help=True)


@commands.command("checkpoint")
def checkpoint(
    ctx: typer.Context,
    key: Annotated[bool, typer.Option("--key", help="Print the notary's public key instead (base64).")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List the signed checkpoints that this system holds; needs no broker."""
    folder = find(ctx, data).settings.data
    if key:
        public = public_key(folder)
        if public is None:
            raise Failed("the notary has no key yet: it makes one when the system first runs", FINDING)
        typer.echo(b64encode(public.public_bytes_raw()).decode())
        return
    rows = []
    for file, note in kept(folder_of(folder)):
        try:
            read = read_unverified(note)
        except NotACheckpoint as fault:
            raise Failed(f"{file} in the folder of checkpoints is damaged: {fault}", FINDING) from fault
        rows.append({"origin": read.origin, "size": read.size, "root": b64encode(read.root).decode(), "file": file})
    if json:
        print_json(rows)
    else:
        print_table(("origin", "size", "root", "file"), rows)
