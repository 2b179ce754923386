"""`sis simulate`: writes the feed of a synthetic county.

Knows the command line. Must never know how a county is invented.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer

from services.county.civil_dates import parse_date
from services.simulator.feed import write_feed
from services.simulator.people import MOST_PEOPLE
from services.words.calendar import DayBegan


def _day(given: str | date) -> date:
    """A day from the command line, or a default that is one already."""
    if isinstance(given, date):
        return given
    try:
        return parse_date(given)
    except ValueError as fault:
        raise typer.BadParameter(f"{fault}.") from fault


def simulate(
    people: Annotated[int, typer.Option(help=f"How many people, 1 to {MOST_PEOPLE}.")] = 2000,
    from_: Annotated[date, typer.Option("--from", parser=_day, metavar="DATE", help="The first day.")] = date(
        2012, 8, 1
    ),
    to: Annotated[date, typer.Option(parser=_day, metavar="DATE", help="The last day.")] = date(2013, 7, 31),
    seed: Annotated[int, typer.Option(help="The same seed gives the same county, byte for byte.")] = 2012,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file to write; without it, standard output.")
    ] = None,
) -> None:
    """Write the feed of a synthetic county, one CloudEvents JSON object a line, for `sis emit --paced`."""
    if not 1 <= people <= MOST_PEOPLE:
        raise typer.BadParameter(f"a county has 1 to {MOST_PEOPLE} people.", param_hint="--people")
    if to < from_:
        raise typer.BadParameter("the last day lies before the first.", param_hint="--to")
    with _opened(out) as lines:
        written = _write(lines, people, from_, to, seed)
    typer.echo(f"{written} events written.", err=True)


def _write(lines: BinaryIO, people: int, first: date, last: date, seed: int) -> int:
    """Write every event and say on standard error when a month begins; the number of events."""
    written = 0
    for event in write_feed(people, first, last, seed):
        if event["type"] == DayBegan.TYPE and event["data"]["date"].endswith("-01"):
            typer.echo(f"{event['data']['date'][:7]} …", err=True)
        lines.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
        written += 1
    return written


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        return
    try:
        lines = out.open("wb")
    except OSError as fault:
        raise typer.BadParameter(f"{out} cannot be written: {fault.strerror}.", param_hint="--out") from fault
    with lines:
        yield lines
