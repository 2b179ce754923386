"""`sis audit disclosures`: who was told what of a person.

Knows the command line. Must never open anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from services.audit.disclosures import COLUMNS, disclosures
from services.cli.failures import FINDING, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import System, find
from services.cli.vault_opening import has_vault, open_vault
from services.vault.openings import OpeningsBroken


def list_disclosures(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's opaque id.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List what was disclosed of a person: to which provider or colleague, what, when, why; 1 if the vault's log broke.

    What is opened inside the trust stands in the vault's log, which names nobody: its chain is verified and counted.
    """
    system = find(ctx, data)
    with system.reading() as reading:
        facts = reading.person_facts(person)
        held = [row["handover_id"] for row in reading.handovers(ended_too=True) if row["person_id"] == person]
        told = [found for handover_id in held if (found := reading.handover(handover_id)) is not None]
    if not facts:
        raise Failed("UNKNOWN_PERSON: nobody is registered under this id; nothing was recorded of one", FINDING)
    rows, openings = disclosures(facts, told), _openings(system)
    if json:
        print_json({"disclosures": rows, "openings_verified": openings})
    else:
        print_table(COLUMNS, rows)
        _print_notes(rows, openings)
    raise typer.Exit(FINDING if openings is None else 0)


def _print_notes(rows: Sequence[object], openings: int | None) -> None:
    if not rows:
        typer.echo("nothing of this person was disclosed to anybody", err=True)
    if openings is None:
        typer.echo("the vault is missing here, so its log of who opened what was not verified", err=True)
    else:
        typer.echo(f"the vault's log of openings is as it was written: {openings} entries", err=True)


def _openings(system: System) -> int | None:
    """How many entries the vault's log has, if there is a vault."""
    if not has_vault(system.settings.data):
        return None
    with open_vault(system.settings.data) as vault:
        try:
            return vault.verify_openings()
        except OpeningsBroken as broken:
            raise Failed(f"{broken} Somebody changed it: nothing that it says can be relied on", FINDING) from broken
