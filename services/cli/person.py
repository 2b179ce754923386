"""`sis person`: the opaque id of a person, for those in house who have to emit something of them.

Knows the command line, the vault's log of openings, and that a vault may be an old copy put back. Must never print, log
or keep an NHS number.
"""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from services.cli.failures import FINDING, TRY_AGAIN, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import System, find
from services.cli.vault_opening import must_have_vault, open_vault
from services.county.nhs_number import canonical, is_valid
from services.episodes.reading import Reading
from services.words.guarding import ErasureApproved, PersonErased

_ERASED = frozenset({ErasureApproved.TYPE, PersonErased.TYPE})
"""An approval cannot be called back, so whoever was approved is erased, even if that fact is still missing."""

_NOT_SHOWN_YET = (
    "the read view has nothing of this person yet, so it cannot say whether they were erased; ask again when "
    "`sis status` says that it is level with the ledgers"
)

commands = typer.Typer(help="Who is who, in house only.", no_args_is_help=True)


@commands.callback()
def person() -> None:
    """Who is who, in house only."""


@commands.command("find")
def find_person(
    ctx: typer.Context,
    why: Annotated[str, typer.Option(help="The reason, which stands in the log of openings with your name.")],
    nhs_number: Annotated[
        str | None,
        typer.Argument(
            metavar="[NHS_NUMBER]",
            help="Better left out: it is asked for, or read from standard input.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Give the opaque id of the person who holds an NHS number; logged before it is looked up; 1 if nobody does."""
    system = find(ctx, data)
    if not why.strip():
        raise Failed("say why you look: --why 'referral by telephone'", USAGE)
    number = canonical((nhs_number or _asked()).strip())
    if number is None or not is_valid(number, synthetic=not system.settings.production):
        raise Failed(f"this is not an NHS number that {_kind(system)} takes: ten digits, or 3-3-4 with spaces", USAGE)
    holder = _holder(system, number, why.strip())
    if json:
        print_json({"person_id": holder})
    else:
        typer.echo(holder or "nobody")
    raise typer.Exit(0 if holder else FINDING)


def _asked() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("NHS number", hide_input=True, err=True))
    return sys.stdin.readline(64)


def _kind(system: System) -> str:
    return "production" if system.settings.production else "a trial system (999 only)"


def _holder(system: System, number: str, why: str) -> str | None:
    folder = system.settings.data
    must_have_vault(folder)
    with system.reading() as reading:  # first: where the view is away nothing is looked up that could not be answered
        with open_vault(folder) as vault:
            holder = vault.find(number, getpass.getuser(), why)
        return None if holder is None or _is_erased(reading, holder) else holder


def _is_erased(reading: Reading, person_id: str) -> bool:
    """Whether an erasure is approved, by the facts: an old copy of the vault still knows whose the number was."""
    facts = reading.person_facts(person_id)
    if not facts:
        raise Failed(_NOT_SHOWN_YET, TRY_AGAIN)
    return any(fact.type in _ERASED for fact in facts)
