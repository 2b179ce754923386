"""`sis audit as-of` and `sis audit diff`: how things stood on a day, as far as it was known, and what changed since.

Knows the command line. Must never decide which facts count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, TypeVar

import typer

from services.audit.as_of import fold_alone
from services.audit.as_of_asked import Points, Standing, standing_of
from services.audit.as_of_stored import StoredFolds
from services.audit.diff import Difference, changes, diff
from services.audit.partition_reading import ReaderOf
from services.audit.point import NoSuchPoint, Point
from services.cli.auditors_reading import reading_for_auditors
from services.cli.caseload import COLUMNS as CASELOAD
from services.cli.failures import FINDING, TRY_AGAIN, USAGE, Failed
from services.cli.handover import COLUMNS as HANDOVERS
from services.cli.handover import CONTRACTS
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.side_by_side import side_by_side
from services.cli.system import System, find, running_on
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.log.collector import spare_the_collector
from services.log.ports import Place

T = TypeVar("T")
NOW = Point(None, None)
_TIMES = 20
"""So often the live view is asked again while it moves on between two questions."""

DayArgument = Annotated[str, typer.Argument(metavar="DATE", help="A day, such as 2012-10-05, or now.")]
KnownOption = Annotated[
    str | None,
    typer.Option("--known-at", metavar="INSTANT", help="Only what was known then, such as 2012-10-09T12:00:00Z."),
]


FreshOption = Annotated[bool, typer.Option("--from-scratch", help="Trust no stored fold: fold every ledger anew.")]


def as_of(
    ctx: typer.Context,
    day: DayArgument,
    known_at: KnownOption = None,
    from_scratch: FreshOption = False,
    ended_too: Annotated[bool, typer.Option("--all", help="Ended episodes and handovers too.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With now: compare with the live view, field by field; 1 if they differ.")
    ] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show caseload, handovers and contracts as they stood on a day, by what was known at an instant."""
    system, point = find(ctx, data), _point(day, known_at)
    if check and point != NOW:
        raise Failed("only now can be compared with the live view: sis audit as-of now --check", USAGE)
    if check:
        typer.echo(check_now(system))
        return
    standing = as_of_point(system, point, ended_too=ended_too, from_scratch=from_scratch)
    if json:
        print_json(standing)
    else:
        print_standing(standing)


def diff_points(
    ctx: typer.Context,
    one: Annotated[str, typer.Argument(metavar="A", help="DATE or DATE@INSTANT, the former point.")],
    other: Annotated[str, typer.Argument(metavar="B", help="DATE or DATE@INSTANT, or now.")],
    from_scratch: FreshOption = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Say what changed between two points, and which facts did it. Days that merely went by are no change."""
    former, latter = _point(one), _point(other)
    with _points(find(ctx, data), from_scratch) as (points, system):
        standings = tuple(_answered(points.standing(point, ended_too=True)) for point in (former, latter))
        found = _answered(diff(*system, (former, latter), (standings[0], standings[1])))
    if json:
        print_json([difference.as_json() for difference in found])
        return
    for difference in found:
        print_difference(difference)
    if not found:
        typer.echo("nothing changed between the two", err=True)


def print_standing(standing: Standing) -> None:
    """Three tables, each under its name."""
    known = f", by what was known at {standing['known_at']}" if standing["known_at"] else ""
    typer.echo(f"As of {standing['as_of']}{known}: {len(standing['caseload'])} episodes")
    print_table(CASELOAD, standing["caseload"])
    for name, columns in (("handovers", HANDOVERS), ("contracts", CONTRACTS)):
        typer.echo(f"\n{len(standing[name])} {name}")
        print_table(columns, standing[name])


def print_difference(difference: Difference) -> None:
    """What it is of, each field before and after, and the facts that did it."""
    whose = f" of person {difference.person_id}" if difference.person_id else ""
    typer.echo(f"{difference.list} {difference.id}{whose}")
    for name, (before, after) in difference.fields.items():
        typer.echo(f"    {name}: {before} → {after}")
    for fact in difference.facts:
        typer.echo(f"    {fact.happened}  by {fact.by}, recorded {fact.recorded}, counts at {fact.at}: {fact.sentence}")


def as_of_point(system: System, point: Point, *, ended_too: bool = False, from_scratch: bool = False) -> Standing:
    """How things stood. Raises `Failed` where nothing is on record."""
    with _points(system, from_scratch) as (points, _):
        return _answered(points.standing(point, ended_too=ended_too))


def check_now(system: System) -> str:
    """The live view against a fold from the first record, at the same offsets: a sentence. Raises `Failed`."""
    live, offsets = _live(system)
    with _points(system) as (points, _):
        path = _answered(points.path_of(NOW, offsets))
    reading = Reading(url_of(path))
    try:
        folded = standing_of(reading, NOW, ended_too=True)
    finally:
        reading.close()
        path.unlink()
    found = list(changes(folded, live))
    for difference in found:
        typer.echo(f"folded → live: {difference.list} {difference.id}: {dict(difference.fields)}")
    rows = sum(len(live[name]) for name in ("caseload", "handovers", "contracts"))
    if found or folded != live:
        what = f"{len(found) or 'some'} of {rows} rows differ from the live view"
        raise Failed(f"{what}; rebuild it: sis view rebuild", FINDING)
    return f"{rows:,} rows, folded anew from the first record, are the live view's, field by field"


def _live(system: System) -> tuple[Standing, Mapping[Place, int]]:
    """The live rows, and the offsets up to which they were folded; asked again while the view moves on meanwhile."""
    for _ in range(_TIMES):
        before = _offsets(system)
        with system.reading() as reading:
            standing = standing_of(reading, NOW, ended_too=True)
        if _offsets(system) == before:
            return standing, before
    raise Failed("the live view moves on faster than it can be read; try again when less is under way", TRY_AGAIN)


def _offsets(system: System) -> Mapping[Place, int]:
    view = View(system.view_url())
    try:
        return view.reload()
    finally:
        view.close()


@contextmanager
def _points(system: System, from_scratch: bool = False) -> Iterator[tuple[Points, tuple[ReaderOf, int]]]:
    running = running_on(system)
    spare_the_collector()
    reader_of = reading_for_auditors(running)
    folds = StoredFolds(system.settings.data / "audit")
    with side_by_side(fold_alone) as pool:
        say = partial(typer.echo, err=True)
        points = Points(reader_of, running.partitions, folds, say, pool, from_scratch=from_scratch)
        yield points, (reader_of, running.partitions)


def _point(day: str, known_at: str | None = None) -> Point:
    try:
        return Point.read(day, known_at)
    except NoSuchPoint as fault:
        raise Failed(str(fault), USAGE) from fault


def _answered(question: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(question)
    except NoSuchPoint as fault:
        raise Failed(str(fault), FINDING) from fault
