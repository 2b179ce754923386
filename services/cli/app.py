"""Every command of `sis` by its name.

Knows names only; each command's own module knows the rest.
"""

from __future__ import annotations

import typer

from services.cli import caseload, config, emit, refused, running, simulate, view
from services.cli.system import DataOption

app = typer.Typer(
    name="sis",
    help="Support, Time and Recovery in house, and the handover of long-term support to external providers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("caseload")(caseload.caseload)
app.command("episode")(caseload.episode)
app.add_typer(refused.commands, name="refused")
app.add_typer(view.commands, name="view")
app.add_typer(config.commands, name="config")
app.command("emit")(emit.emit)
app.command("simulate")(simulate.simulate)
app.command("up")(running.up)
app.command("down")(running.down)
app.command("status")(running.status)


@app.callback()
def system(ctx: typer.Context, data: DataOption = None) -> None:
    """Support, Time and Recovery in house, and the handover of long-term support to external providers."""
    ctx.obj = data
