"""`sis wave`: the staged transfer of long-term support, watched and told by the commissioner.

Knows arguments and columns. Must never decide whether a wave may be planned or a case added: the allocator does.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer

from services.cli.emit import Emission, print_report
from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import System, find
from services.cli.typed import word_of
from services.county.places import Area
from services.words import commissioning
from services.words.commissioning import CommissionerWord
from services.words.topics import HANDOVER_LEDGER, HANDOVER_REFUSED

commands = typer.Typer(help="Waves of staged transfer, and what is still in house.", no_args_is_help=True)

_WAVES = ("wave_id", "lot", "state", "freeze_on", "start_on", "number", "moved")
_CASES = ("handover_id", "state", "provider_id", "started_on", "deferred")
_STILL = ("since", "area", "district", "team", "episode_id", "handover_id", "state", "why", "wave_id")
_SOURCE = "/kcc/commissioning"
_SAYINGS = UUID("0f6c6d0a-5a55-5a0e-8f5a-6f6a1d1c7b52")
"""Namespace of the ids of what these commands say."""
_MOVED = ("STARTED", "COMPLETED")

WaveArgument = Annotated[str, typer.Argument(metavar="WAVE", help="The wave's id.")]
CaseArgument = Annotated[list[str] | None, typer.Argument(metavar="[HANDOVER]...", help="Ids of handovers.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be said, and send nothing.")]


@commands.command("list")
def list_waves(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """List the waves with the number of their cases, and of those whose support has begun."""
    with find(ctx, data).reading() as reading:
        waves = reading.waves()
    if json:
        print_json(waves)
        return
    moved = (sum(wave["fates"].get(state, 0) for state in _MOVED) for wave in waves)
    rows = [{**wave, "number": len(wave["cases"]), "moved": n} for wave, n in zip(waves, moved, strict=True)]
    print_table(_WAVES, rows)
    if not waves:
        typer.echo("no wave is planned yet: sis wave plan --help", err=True)


@commands.command("show")
def show(ctx: typer.Context, wave_id: WaveArgument, json: JsonOption = False, data: DataOption = None) -> None:
    """Show one wave: its days, its cases and where each stands, and once it is closed its balance."""
    with find(ctx, data).reading() as reading:
        wave = _wave(reading.waves(), wave_id)
        stand = {row["handover_id"]: row for row in reading.handovers(ended_too=True)}
    cases = [{**stand[case], "deferred": case in wave["deferred"]} for case in wave["cases"]]
    if json:
        print_json({**wave, "cases": cases})
        return
    typer.echo(f"{wave['wave_id']}, {wave['lot']}, {wave['state']}: frozen {wave['freeze_on']}, {wave['start_on']} on")
    print_table(_CASES, cases)
    if wave["counts"] is not None:
        fates = " + ".join(f"{count} {fate.replace('_', ' ')}" for fate, count in wave["counts"].items())
        typer.echo(f"{len(wave['cases'])} cases = {fates}")


@commands.command("burn-down")
def burn_down(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Print in-house CSS by area at the end of each month since the contracts began."""
    with find(ctx, data).reading() as reading:
        rows = reading.burn_down()
    if json:
        print_json(rows)
    else:
        print_table(("month", "EAST_KENT", "WEST_KENT", "MEDWAY", "total"), rows)


@commands.command("end-state")
def end_state(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """Check that no long-term support is in house any more; 1 if some is, each with where it stands."""
    with find(ctx, data).reading() as reading:
        rows = reading.still_in_house()
    if json:
        print_json(rows)
    elif rows:
        print_table(_STILL, rows)
    else:
        typer.echo("no long-term support is in house")
    raise typer.Exit(FINDING if rows else 0)


@commands.command("plan")
def plan(
    ctx: typer.Context,
    wave_id: WaveArgument,
    lot: Annotated[str, typer.Option(help="EAST_KENT or WEST_KENT.")],
    freeze_on: Annotated[str, typer.Option(help="The day from which nothing is added, YYYY-MM-DD.")],
    start_on: Annotated[str, typer.Option(help="The first day on which its cases are offered, YYYY-MM-DD.")],
    dry_run: DryRun = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Plan a wave."""
    if lot not in set(Area):
        raise Failed("there is no lot of this name; a wave is of EAST_KENT or WEST_KENT", USAGE)
    days = {"freeze_on": _day(freeze_on), "start_on": _day(start_on)}
    word = word_of(commissioning.WavePlanned, "sis wave plan", {"wave_id": wave_id, "lot": lot, **days})
    _tell(find(ctx, data), [(lot, word)], dry_run=dry_run, json=json)


@commands.command("add")
def add(
    ctx: typer.Context,
    wave_id: WaveArgument,
    handovers: CaseArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Every legacy case of the lot that is in no wave.")] = False,
    dry_run: DryRun = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Add legacy cases to a wave, before its freeze."""
    if every == bool(handovers):
        raise Failed("name handovers, or --all for every legacy case of the lot that is in no wave", USAGE)
    system = find(ctx, data)
    with system.reading() as reading:
        lot = _wave(reading.waves(), wave_id)["lot"]
        free = [row["handover_id"] for row in reading.due() if row["kind"] == "IN_NO_WAVE"]
        of_lot = {row["handover_id"] for row in reading.handovers() if row["lot"] == lot}
    cases = [case for case in free if case in of_lot] if every else handovers or []
    named = ({"wave_id": wave_id, "handover_id": case} for case in cases)
    words = [word_of(commissioning.CaseAddedToWave, "sis wave add", fields) for fields in named]
    _tell(system, [(lot, word) for word in words], dry_run=dry_run, json=json)


@commands.command("defer")
def defer(
    ctx: typer.Context,
    wave_id: WaveArgument,
    handover_id: Annotated[str, typer.Argument(metavar="HANDOVER", help="The handover's id.")],
    reason: Annotated[str, typer.Option(help="Why it does not move with the wave, in your own words.")],
    dry_run: DryRun = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Take a case out of a wave, with the reason; it may be added to another."""
    system = find(ctx, data)
    with system.reading() as reading:
        lot = _wave(reading.waves(), wave_id)["lot"]
    fields = {"wave_id": wave_id, "handover_id": handover_id, "reason": reason}
    word = word_of(commissioning.CaseDeferred, "sis wave defer", fields)
    _tell(system, [(lot, word)], dry_run=dry_run, json=json)


@commands.command("close")
def close(
    ctx: typer.Context,
    wave_id: WaveArgument,
    dry_run: DryRun = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Close a wave that has started; what became of its cases is counted, and the counts balance."""
    system = find(ctx, data)
    with system.reading() as reading:
        lot = _wave(reading.waves(), wave_id)["lot"]
    _tell(system, [(lot, commissioning.WaveClosed(wave_id=wave_id))], dry_run=dry_run, json=json)


@commands.command("recontract")
def recontract(
    ctx: typer.Context,
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV with the columns episode_id, person_id, provider_id, contract_id, since, weekly_minutes, on."
        ),
    ],
    dry_run: DryRun = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Contract external CSS that runs already as SIS, many at once, without offer or pack."""
    system = find(ctx, data)
    with system.reading() as reading:
        lots = {row["contract_id"]: row["lot"] for row in reading.contracts()}
    _tell(system, _recontracted(table, lots), dry_run=dry_run, json=json)


def _recontracted(table: Path, lots: dict[str, str]) -> list[tuple[str, CommissionerWord]]:
    words: list[tuple[str, CommissionerWord]] = []
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                words.append(_recontracting(number, row, lots))
    except OSError as fault:
        raise Failed(f"{table} cannot be read: {fault.strerror}", USAGE) from fault
    except (UnicodeDecodeError, csv.Error) as fault:
        raise Failed(f"{table} is no table of text in UTF-8; nothing was sent", USAGE) from fault
    return words


def _recontracting(number: int, row: dict[str, str], lots: dict[str, str]) -> tuple[str, CommissionerWord]:
    try:
        minutes = {**row, "weekly_minutes": int(row["weekly_minutes"])}
        return lots[row["contract_id"]], commissioning.ExternalCssRecontracted.model_validate(minutes)
    except KeyError as fault:
        raise Failed(f"line {number}: no column or contract {fault.args[0]}; nothing was sent", USAGE) from None
    except (ValueError, TypeError):  # what a line lacks is None, which is no number
        raise Failed(
            f"line {number} is not such a case: see sis wave recontract --help; nothing was sent", USAGE
        ) from None


def _wave(waves: Sequence[dict[str, Any]], wave_id: str) -> dict[str, Any]:
    for wave in waves:
        if wave["wave_id"] == wave_id:
            return wave
    raise Failed("UNKNOWN_WAVE: there is no wave with this id; `sis wave list` shows those there are", FINDING)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failed("a day is written YYYY-MM-DD", USAGE) from None


def _tell(system: System, words: Sequence[tuple[str, CommissionerWord]], *, dry_run: bool, json: bool) -> None:
    """Say these of these lots: once, however often it is typed until something is decided, and after that anew."""
    with system.reading() as reading:
        today = reading.today() or date.min.isoformat()
        decided = reading.folded(HANDOVER_LEDGER, HANDOVER_REFUSED)
    events = [_event(lot, word, today, decided) for lot, word in words]
    if dry_run:
        print_json(events)
        return
    report = asyncio.run(Emission(system, events, len(events)).go(wait=True, paced=False))
    assert report is not None
    print_report(report, json)
    raise typer.Exit(FINDING if report.refused else 0)


def _event(lot: str, word: CommissionerWord, today: str, decided: Sequence[int]) -> dict[str, Any]:
    data = word.model_dump(mode="json", exclude_none=True)
    return {
        "specversion": "1.0",
        "id": str(uuid5(_SAYINGS, f"{decided}/{lot}/{word.TYPE}/{sorted(data.items())}")),
        "source": _SOURCE,
        "type": word.TYPE,
        "subject": lot,
        "time": f"{today}T09:00:00Z",
        "data": data,
    }
