"""`python -m services.cli.reference > docs/commands.md`: every command, its arguments and options, on one page.

Knows how a page is laid out. Must never say of a command what its own help does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from services.cli.app import app

_HEAD = """# Commands

This page is made of every command's `--help`: `python -m services.cli.reference > docs/commands.md`.

Every command ends with 0 when all went well, 1 when there is a finding, 2 when it was used wrongly, and 75 when it is
to be tried again and nothing is lost. With `--json` it prints JSON for programs; in a pipe, tables are tab-separated
lines without colour. Progress and errors go to standard error."""


def commands() -> Iterator[tuple[str, Any, typer.Context]]:
    """Every command that does something, by its words after `sis`, with its context, in the order of the help."""
    root = get_command(app)
    yield from _under(root, typer.Context(root, info_name="sis"), "")


def page() -> str:
    """The whole page."""
    return "\n\n".join([_HEAD, *(_section(name, command, context) for name, command, context in commands())]) + "\n"


def _under(command: Any, context: typer.Context, name: str) -> Iterator[tuple[str, Any, typer.Context]]:
    if not hasattr(command, "commands"):
        yield name, command, context
        return
    for word in command.commands:
        _, below, _ = command.resolve_command(context, [word])
        yield from _under(below, typer.Context(below, info_name=word, parent=context), f"{name} {word}".strip())


def _section(name: str, command: Any, context: typer.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    rows = [
        f"| `{names.strip()}` | {words} |"
        for names, words in (
            parameter.get_help_record(context) or ("", "") for parameter in command.get_params(context)
        )
        if names and "--help" not in names
    ]
    table = ["| | |\n|---|---|\n" + "\n".join(rows)] if rows else []
    return "\n\n".join(
        [f"## sis {name}", command.help, f"`{context.command_path} {usage}`", *table, command.epilog or ""]
    )


if __name__ == "__main__":
    print(page(), end="")
