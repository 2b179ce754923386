"""How answers are printed: JSON for programs, tables for people, tab-separated lines for a pipe.

Knows streams. Must never know what an answer means.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(value: object) -> None:
    """Print a JSON value, indented, with a newline."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print these fields of each row: as a table on a terminal, else as tab-separated lines under their names."""
    lines = [[_text(row[column]) for column in columns] for row in rows]
    if not sys.stdout.isatty():
        for line in [list(columns), *lines]:
            typer.echo("\t".join(line))
        return
    table = Table(*(column.replace("_", " ") for column in columns))
    for line in lines:
        table.add_row(*line)
    Console().print(table)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return " ".join(map(str, value))
        case {"id": holder}:
            return str(holder)
        case {"state": state}:
            return str(state)
        case _:
            return str(value)


def heading(words: str) -> None:
    """Print an underlined heading."""
    typer.echo(f"\n{words}\n{'-' * len(words)}")


def lines(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows in aligned columns, on a terminal and in a pipe alike: for accounts that people read."""
    if not rows:
        typer.echo("none")
        return
    table = [columns, *[tuple(str(value) for value in row) for row in rows]]
    widths = [max(len(row[column]) for row in table) for column in range(len(columns))]
    for row in table:
        typer.echo("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())
