"""The transfer as a demo shows it: waves with their balance, the burn-down, what is still in house, what is due.

Knows shapes of the readings. Must never know how a demo is played.
"""

from __future__ import annotations

from collections import Counter

import typer

from services.cli.output import heading, lines
from services.episodes.reading import Reading

_AREAS = ("EAST_KENT", "WEST_KENT", "MEDWAY")
_FATES = ("started", "waiting", "deferred", "withdrawn", "not_possible")


def show_transfer(reading: Reading) -> None:
    """Print waves, burn-down, exceptions and follow-up."""
    _waves(reading)
    _months(reading)
    _due(reading)


def _waves(reading: Reading) -> None:
    heading("Waves of transfer: cases = started + waiting + deferred + withdrawn + not possible")
    closed = [(wave, wave["counts"]) for wave in reading.waves() if wave["counts"] is not None]
    rows = [
        (wave["lot"], wave["start_on"], len(wave["cases"]), *(counts[f] for f in _FATES)) for wave, counts in closed
    ]
    lines(("lot", "offered from", "cases", *(fate.replace("_", " ") for fate in _FATES)), rows)


def _months(reading: Reading) -> None:
    heading("In-house CSS at the end of each month")
    months = [(row["month"], *(row[area] for area in _AREAS), row["total"]) for row in reading.burn_down()]
    lines(("month", *_AREAS, "total"), months)
    still = Counter((row["area"], row["state"] or "-", row["why"] or "") for row in reading.still_in_house())
    if not still:
        typer.echo("nobody's long-term support is in house any more")
    for (area, state, why), count in sorted(still.items()):
        typer.echo(f"still in house: {count} in {area}, {state}{f' ({why})' if why else ''}")


def _due(reading: Reading) -> None:
    kinds = Counter(row["kind"] for row in reading.due())
    heading(f"To be followed up: {sum(kinds.values())} (sis handover due)")
    lines(("kind", "rows"), sorted(kinds.items()))
