"""Every command of `sis` by its name.

Knows names only; each command's own module knows the rest.
"""

from __future__ import annotations

import typer

from services.cli import (
    access,
    audit,
    audit_export,
    caseload,
    config,
    demo,
    doctor,
    emit,
    emitters,
    erase,
    exchange,
    handover,
    hold,
    keys,
    person,
    provider,
    redrive,
    refused,
    reidentify,
    release,
    retention,
    running,
    sandbox,
    schemas,
    simulate,
    topics,
    view,
    wave,
)
from services.cli.examples import show_examples
from services.cli.system import DataOption

app = typer.Typer(
    name="sis",
    help="Support, Time and Recovery in house, and the handover of long-term support to external providers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("caseload")(caseload.caseload)
app.command("episode")(caseload.episode)
app.add_typer(handover.commands, name="handover")
app.add_typer(wave.commands, name="wave")
app.command("contracts")(handover.contracts)
refused.commands.command("redrive")(redrive.redrive)
app.add_typer(refused.commands, name="refused")
app.add_typer(person.commands, name="person")
app.add_typer(topics.commands, name="topics")
app.add_typer(access.commands, name="access")
app.add_typer(emitters.commands, name="emitters")
app.add_typer(schemas.commands, name="schemas")
app.add_typer(view.commands, name="view")
app.add_typer(config.commands, name="config")
app.command("emit")(emit.emit)
app.command("erase")(erase.erase)
app.command("reidentify")(reidentify.reidentify)
app.command("release")(release.release)
app.add_typer(hold.commands, name="hold")
app.add_typer(retention.commands, name="retention")
app.add_typer(keys.commands, name="keys")
audit.commands.command("export")(audit_export.export)
audit.commands.command("check-export")(audit_export.check_export)
audit.commands.command("ask")(audit_export.ask)
app.add_typer(audit.commands, name="audit")
app.command("simulate")(simulate.simulate)
app.command("up")(running.up)
app.command("down")(running.down)
app.command("status")(running.status)
app.command("doctor")(doctor.doctor)
provider.commands.command("exchange")(exchange.exchange)
provider.commands.command("sandbox")(sandbox.sandbox)
app.add_typer(provider.commands, name="provider")
app.command("demo")(demo.demo)
show_examples(app)


@app.callback()
def system(ctx: typer.Context, data: DataOption = None) -> None:
    """Support, Time and Recovery in house, and the handover of long-term support to external providers."""
    ctx.obj = data
