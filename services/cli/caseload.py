"""`sis caseload` and `sis episode`: who is supported, where each episode stands, and why.

Knows arguments and columns. Must never decide what a row says.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import find
from services.episodes.asked import Asked, SharedId

COLUMNS = (
    *("episode_id", "model", "phase", "on_hold", "holder", "started_on", "free_until", "chargeable_from", "cap_on"),
    *("day", "days_to_cap", "contacts", "minutes", "handover", "flags"),
)


def caseload(
    ctx: typer.Context,
    team: Annotated[str | None, typer.Option(help="Only what this in-house team holds.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only what this external provider holds.")] = None,
    holder: Annotated[str | None, typer.Option(help="Only what this team or provider holds.")] = None,
    phase: Annotated[str | None, typer.Option(help="Only episodes in this phase, such as AWAITING_REVIEW.")] = None,
    ended_too: Annotated[bool, typer.Option("--all", help="Ended episodes too.")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List the episodes that are open, by episode id."""
    with find(ctx, data).reading() as reading:
        rows = reading.caseload(Asked(team, provider, holder, phase, ended_too))
    if json:
        print_json(rows)
    else:
        print_table(COLUMNS, rows)


def episode(
    ctx: typer.Context,
    episode_id: Annotated[str, typer.Argument(metavar="ID", help="The episode's id.")],
    person: Annotated[
        str | None, typer.Option(help="Whose, by person id, if several people have an episode with this id.")
    ] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show one episode: its row, what happened, and why each date falls where it does."""
    with find(ctx, data).reading() as reading:
        try:
            found = reading.episode(episode_id, person)
        except SharedId as shared:
            raise Failed(f"{shared}; say whose: --person {' or --person '.join(shared.people)}", USAGE) from shared
    if found is None:
        raise Failed("UNKNOWN_EPISODE: there is no episode with this id", FINDING)
    if json:
        print_json(found)
    else:
        _print_episode(found)


def _print_episode(found: dict[str, Any]) -> None:
    shown = [{"field": name, "value": value} for name, value in found.items() if name not in ("timeline", "why")]
    print_table(("field", "value"), shown)
    typer.echo("\nWhat happened")
    for fact in found["timeline"]:
        typer.echo(f"  {fact['sentence']}")
    if found["why"]:
        typer.echo("\nWhy each date falls where it does")
    for name, sentence in found["why"].items():
        typer.echo(f"  {name}: {sentence}")
