"""`sis access`: users and rights of a secured broker, planned, made, changed and taken away.

Knows the command line. Must never show a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, assert_never

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import find
from services.log.connection import bootstrap_of
from services.log.kafka_access import AccessRefused, Allow, Change, Limit, MakeUser, RemoveUser, Revoke
from services.log.kafka_quotas import QuotaRefused
from services.stack.admitting import Admission, NotSecured
from services.words.access import STACK, principals

commands = typer.Typer(help="Who may do what on a secured log.", no_args_is_help=True)

PrincipalArgument = Annotated[str, typer.Argument(help="A service, door, team or provider, as `sis access plan` says.")]
ProviderArgument = Annotated[str, typer.Argument(help="Id of the provider.")]


@commands.command("plan")
def plan(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Say what differs between the broker's users and rights and the table; 1 if anything does."""
    changes = _admission(ctx, data).plan()
    _print(changes, json, "every user and right is as it must be")
    raise typer.Exit(FINDING if changes else 0)


@commands.command("apply")
def apply(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Make users and rights as the table says, and say what was done."""
    try:
        done = _admission(ctx, data).apply()
    except (AccessRefused, QuotaRefused) as fault:
        raise Failed(str(fault), FINDING) from fault
    _print(done, json, "nothing had to be done: every user and right is as it must be")


@commands.command("rotate")
def rotate(ctx: typer.Context, principal: PrincipalArgument, data: DataOption = None) -> None:
    """Give a principal a new password; sessions that are open with the former one end when they connect anew."""
    admission = _admission(ctx, data)
    if principal not in principals(admission.providers()):
        raise Failed(f"{principal} is no principal of this system", USAGE)
    admission.rotate(principal)
    typer.echo(f"{principal} has a new password, in the keys folder; the former one opens no new session")


@commands.command("remove")
def remove(ctx: typer.Context, provider: ProviderArgument, data: DataOption = None) -> None:
    """Take a provider's user and rights away for good; its topics and what they say stay."""
    admission = _admission(ctx, data)
    if provider not in admission.providers():
        raise Failed(f"{provider} is no provider with access", USAGE)
    _print(admission.remove(provider), False, "nothing had to be done")


def _admission(ctx: typer.Context, data: DataOption) -> Admission:
    address = find(ctx, data).address(STACK)
    try:
        return Admission(bootstrap_of(address), None if isinstance(address, str) else address.ca.parent)
    except NotSecured as fault:
        raise Failed(str(fault), USAGE) from fault


def _print(changes: Sequence[Change], as_json: bool, none: str) -> None:
    if as_json:
        print_json([said(change) for change in changes])
        return
    for change in changes:
        typer.echo(said(change))
    if not changes:
        typer.echo(none)


def said(change: Change) -> str:
    """A difference in plain words."""
    match change:
        case MakeUser(principal):
            return f"user {principal}: make it, with a new password"
        case RemoveUser(principal):
            return f"user {principal}: remove it"
        case Allow(grant):
            return f"{grant.principal}: allow {grant.operation} of {grant.kind} {grant.name}{'*' * grant.prefixed}"
        case Revoke(_, words):
            return f"revoke: {words}"
        case Limit(principal):
            return f"{principal}: limit it to the quota of a provider"
        case _:
            assert_never(change)
