"""`sis provider ID ...`: a provider at the keyboard, for those who have no system of their own yet.

Knows arguments and the provider's two topics. Must never show a private key, nor another provider's messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find
from services.cli.typed import word_of
from services.log.connection import Address
from services.log.errors import UnknownTopic
from services.provider.connecting import log_of, provider_on
from services.provider.joining import Joining, SettingsUnusable, read_settings
from services.provider.kit import Provider
from services.provider.own_key import KeyUnusable, make_key, read_key
from services.provider.reading import Message
from services.provider.shown import shown
from services.stack.clock import now
from services.words import replies
from services.words.topics import is_provider_id

T = TypeVar("T")
commands = typer.Typer(help="What a provider does: read what is meant for it, and answer.", no_args_is_help=True)
KeyOption = Annotated[Path | None, typer.Option("--key", help="File of the provider's private key; opens packs.")]
OfferArgument = Annotated[str, typer.Argument(metavar="OFFER", help="Id of the offer, as in the inbox.")]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="The provider's own file of settings; no folder of the trust."),
]
HandoverArgument = Annotated[str, typer.Argument(metavar="HANDOVER", help="Id of the handover, as in the inbox.")]
OnOption = Annotated[str, typer.Option("--on", metavar="DATE", help="The day, YYYY-MM-DD.")]
IdOption = Annotated[str | None, typer.Option("--id", help="Id of the reply; the same again says the same again.")]


@commands.callback()
def provider(
    ctx: typer.Context,
    provider_id: Annotated[str, typer.Argument(metavar="ID", help="The provider's id, e.g. weald-bridge.")],
    settings: SettingsOption = None,
    data: DataOption = None,
) -> None:
    """What a provider does: read what is meant for it, and answer."""
    if not is_provider_id(provider_id):
        raise Failed("a provider id has 1 to 40 lower-case letters, digits and hyphens", USAGE)
    ctx.meta["provider"] = provider_id
    ctx.meta["data"] = data
    ctx.meta["joining"] = _joining(settings, provider_id) if settings is not None else None


@commands.command()
def keygen(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="File of the private key; without it ID.pem.")] = None,
) -> None:
    """Make the provider's key pair, and print the public key that the commissioner registers."""
    path = out or Path(f"{ctx.meta['provider']}.pem")
    try:
        public = make_key(path)
    except KeyUnusable as fault:
        raise Failed(str(fault), USAGE) from fault
    typer.echo(public)
    typer.echo(f"the private key is in {path}; keep it where only you can read it, and keep a copy", err=True)


@commands.command()
def inbox(ctx: typer.Context, key: KeyOption = None, json: JsonOption = False) -> None:
    """List every message meant for the provider, in order."""
    joining = ctx.meta["joining"]
    path = key or (joining.key_file if joining else None)
    try:
        private = read_key(path) if path is not None else None
    except KeyUnusable as fault:
        raise Failed(str(fault), USAGE) from fault
    provider_id = ctx.meta["provider"]
    messages = _run(ctx, _messages)
    rows = [shown(message, provider_id, private) for message in messages]
    if json:
        print_json(rows)
    elif rows:
        print_table(("time", "type", "offer_id", "handover_id"), rows)
    else:
        typer.echo("nothing has been sent to this provider yet")


@commands.command()
def acknowledge(ctx: typer.Context, offer: OfferArgument, id: IdOption = None) -> None:
    """Say that an offer was seen."""
    _say(ctx, "Acknowledge", id, offer_id=offer)


@commands.command()
def accept(
    ctx: typer.Context,
    offer: OfferArgument,
    start_on: Annotated[str, typer.Option("--start-on", metavar="DATE", help="First day of support, YYYY-MM-DD.")],
    id: IdOption = None,
) -> None:
    """Take the case of an offer; the pack comes back."""
    _say(ctx, "Accept", id, offer_id=offer, start_on=start_on)


@commands.command()
def decline(
    ctx: typer.Context,
    offer: OfferArgument,
    reason: Annotated[str, typer.Option(help="A decline code, e.g. NO_CAPACITY.")],
    text: Annotated[str | None, typer.Option(help="A word to it, sealed for the trust.")] = None,
    id: IdOption = None,
) -> None:
    """Do not take the case of an offer."""
    _say(ctx, "Decline", id, offer_id=offer, reason=reason, **({} if text is None else {"text": text}))


@commands.command()
def book(ctx: typer.Context, handover: HandoverArgument, on: OnOption, id: IdOption = None) -> None:
    """Say on which day the first visit is."""
    _say(ctx, "BookFirstVisit", id, handover_id=handover, on=on)


@commands.command()
def start(ctx: typer.Context, handover: HandoverArgument, on: OnOption, id: IdOption = None) -> None:
    """Confirm that support has begun: responsibility moves with it."""
    _say(ctx, "ConfirmStart", id, handover_id=handover, on=on)


@commands.command()
def fail(
    ctx: typer.Context,
    handover: HandoverArgument,
    reason: Annotated[str, typer.Option(help="A decline code, e.g. FAILED_CONTACT.")],
    id: IdOption = None,
) -> None:
    """Say that support cannot start after all; the trust stays accountable."""
    _say(ctx, "ReportStartFailure", id, handover_id=handover, reason=reason)


@commands.command()
def change(
    ctx: typer.Context,
    handover: HandoverArgument,
    change: Annotated[str, typer.Option(help="ADMISSION, DEATH, SAFEGUARDING, ADDRESS or OTHER.")],
    id: IdOption = None,
) -> None:
    """Say that something happened to the person; it is recorded and shown, and changes nothing."""
    _say(ctx, "ReportChange", id, handover_id=handover, change=change)


@commands.command()
def end(
    ctx: typer.Context,
    handover: HandoverArgument,
    on: OnOption,
    reason: Annotated[str, typer.Option(help="A closure code, 01 to 09.")],
    id: IdOption = None,
) -> None:
    """Say which day was the last of support."""
    _say(ctx, "EndSupport", id, handover_id=handover, on=on, reason=reason)


def _say(ctx: typer.Context, name: str, id: str | None, **fields: str) -> None:
    reply_id = id or str(uuid4())
    reply = word_of(getattr(replies, name), f"sis provider ID {ctx.info_name}", fields)

    async def say(connection: Provider) -> None:
        handover_id = fields.get("handover_id") or _handover_of(await connection.messages(), fields["offer_id"])
        await connection.reply(reply, handover_id, id=reply_id, time=now())
        await connection.flush()

    _run(ctx, say)
    typer.echo(f"said {name}, id {reply_id}; what came of it: sis provider {ctx.meta['provider']} inbox")


def _handover_of(messages: list[Message], offer_id: str) -> str:
    found = next((m.handover_id for m in messages if getattr(m.word, "offer_id", None) == offer_id), None)
    if found is None:
        raise Failed("no offer with this id was sent to this provider", FINDING)
    return found


async def _messages(connection: Provider) -> list[Message]:
    return await connection.messages()


def _joining(path: Path, provider_id: str) -> Joining:
    try:
        joining = read_settings(path)
    except SettingsUnusable as fault:
        raise Failed(str(fault), USAGE) from fault
    if joining.provider != provider_id:
        raise Failed(f"{path} is the file of provider {joining.provider}", USAGE)
    if joining.bootstrap is None:
        raise Failed(f"{path} names a folder of files; these commands need bootstrap, host:port of Kafka", USAGE)
    return joining


def _run(ctx: typer.Context, act: Callable[[Provider], Coroutine[Any, Any, T]]) -> T:
    provider_id, joining = ctx.meta["provider"], ctx.meta["joining"]
    if joining is None:
        joining = _joining_on(provider_id, find(ctx, ctx.meta["data"]).address(provider_id))
    return asyncio.run(_connected(joining, act))


def _joining_on(provider_id: str, address: Address) -> Joining:
    if isinstance(address, str):
        return Joining(provider=provider_id, bootstrap=address)
    return Joining(
        provider=provider_id,
        bootstrap=address.bootstrap,
        password_file=address.password_file,
        ca_file=address.ca,
    )


async def _connected(joining: Joining, act: Callable[[Provider], Coroutine[Any, Any, T]]) -> T:
    """With a connection from the first message on: people look at all that there is."""
    try:
        async with await provider_on(log_of(joining), joining, from_the_beginning=True) as provider:
            return await act(provider)
    except UnknownTopic as fault:
        raise Failed(
            "this provider has no topics yet: is it registered, and is the connections door running?", FINDING
        ) from fault
