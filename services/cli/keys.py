"""`sis keys`: the month keys and how long they live, and the keys by which people sign.

Knows dates of keys. Must never show a private key.
"""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli.failures import USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find, running_on
from services.cli.vault_opening import open_vault
from services.log.sealing import PublicKey
from services.stack.months import publish_if_new
from services.vault.signing_keys import NoSigningKey, make_signing_key

commands = typer.Typer(help="Keys: of months, and of people who sign.", no_args_is_help=True)
_COLUMNS = ("month", "made", "to_be_destroyed", "destroyed")


@commands.command("list")
def list_keys(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """The key of every month, and the day on which its private half is destroyed: 35 days after the month."""
    with open_vault(find(ctx, data).settings.data) as vault:
        rows = [
            {
                "month": life.key_id,
                "made": life.made_at[:10],
                "to_be_destroyed": life.due_at.date().isoformat(),
                "destroyed": life.destroyed_at and life.destroyed_at[:10],
            }
            for life in vault.month_keys()
        ]
    print_json(rows) if json else print_table(_COLUMNS, rows)


@commands.command("rotate")
def rotate(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Make and publish this month's key now, if that has not been done; the running system does so every hour."""
    system = find(ctx, data)
    running = running_on(system)
    with open_vault(system.settings.data) as vault:
        month = vault.public_key_of_month()
        vault.log_opening(getpass.getuser(), "month keys", f"the key of {month.key_id} is published")
    public = PublicKey(month.key_id, month.key)
    done = asyncio.run(publish_if_new(running.address(), public, datetime.now(UTC)))
    if json:
        print_json({"month": month.key_id, "published_now": done})
    else:
        typer.echo(f"the key of {month.key_id} {'was published' if done else 'is published already'}")


@commands.command("destroy-due")
def destroy_due(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Destroy the private keys of months that ended 35 days ago or more; the running system does so every hour."""
    with open_vault(find(ctx, data).settings.data) as vault:
        vault.log_opening(getpass.getuser(), "month keys", "private keys that are due are destroyed")
        ended = vault.destroy_month_keys_due()
    if json:
        print_json({"destroyed": ended})
        return
    for month in ended:
        typer.echo(f"the key of {month} was destroyed")
    if not ended:
        typer.echo("no key is due to be destroyed")


@commands.command("person")
def person(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Your name in the facts: small letters, digits, hyphens.")],
    out: Annotated[Path, typer.Option(help="Where your private key is written, readable by you alone.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Make a key by which somebody signs requests and approvals; the public half is registered here."""
    system = find(ctx, data)
    system.must_be_there()
    try:
        public = make_signing_key(system.settings.data, name, out)
    except NoSigningKey as fault:
        raise Failed(str(fault), USAGE) from fault
    except OSError as fault:
        raise Failed(
            f"{fault.filename or out} cannot be written: {fault.strerror}; no key was registered", USAGE
        ) from fault
    if json:
        print_json({"name": name, "public_key": public, "private_key_file": str(out)})
    else:
        typer.echo(f"{name}: {public}; the private key is in {out}")
