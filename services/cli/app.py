"""Every command of `sis` by its name; a command's own module is imported when it is asked for.

Knows names only. All modules together import every client and every room, which takes longer than most commands do.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from services.cli.examples import EXAMPLES
from services.cli.listed import LISTED
from services.cli.options import DataOption


class Group(TyperGroup):
    """A group that lists commands by their sentences alone, and imports the one that is asked for."""

    def __init__(self, *, name: str, **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self._listed = LISTED.get(name, {})
        for word, listed in self._listed.items():
            self.commands[word] = TyperCommand(word, help=listed.sentence)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is asked for, whole, with its example under its help."""
        word, command, rest = super().resolve_command(ctx, args)
        if word is None or command is None:  # so it is while a shell completes a word that is not there yet
            return word, command, rest
        if word in self._listed:
            command = _imported(word, self._listed[word].place)
        example = EXAMPLES.get(f"{self.name} {word}".removeprefix("sis "))
        if example is not None:
            command.epilog = f"Example: {example}"
        return word, command, rest


def _imported(word: str, place: str) -> Any:
    """The command or group `module.name` of this package, as if it had been added to `sis` at once."""
    module, name = place.split(".")
    found = getattr(import_module(f"services.cli.{module}"), name)
    holder = typer.Typer()
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=word, cls=Group)
    else:
        holder.command(word)(found)
    return get_group(holder).commands[word]


audit = typer.Typer(help="Proof that nothing was altered, removed or invented.", no_args_is_help=True)
"""Its commands lie in several modules, each with rooms of its own."""

app = typer.Typer(
    name="sis",
    cls=Group,
    help="Support, Time and Recovery in house, and the handover of long-term support to external providers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def system(ctx: typer.Context, data: DataOption = None) -> None:
    """Support, Time and Recovery in house, and the handover of long-term support to external providers."""
    ctx.obj = data
