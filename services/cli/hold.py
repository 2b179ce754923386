"""`sis hold`: keeps a person's records from being erased while the law needs them.

Knows the command line. Must never judge a hold.
"""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from services.cli.failures import FINDING, Failed
from services.cli.guarding import ByOption, KeyOption, PersonArgument, guarding, now, signer
from services.cli.lawful import listed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import find
from services.county.lawful import LEGAL_BASES
from services.words.guarding import LegalHoldLifted, LegalHoldPlaced

commands = typer.Typer(help="Legal holds on a person's records.", no_args_is_help=True)


@commands.command("place")
def place(
    ctx: typer.Context,
    person: PersonArgument,
    by: ByOption,
    key: KeyOption,
    basis: Annotated[str, typer.Option(help=f"The law that asks for it: {', '.join(LEGAL_BASES)}.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Hold a person's records: no erasure of them is approved until it is lifted."""
    basis, system = listed("--basis", basis, LEGAL_BASES), find(ctx, data)
    who, run, hold_id = signer(system, by, key), guarding(system, person), str(uuid4())
    run.say_or_fail(who.event(LegalHoldPlaced, person, hold_id, now(), {"hold_id": hold_id, "legal_basis": basis}))
    if json:
        print_json({"person_id": person, "hold_id": hold_id, "legal_basis": basis})
    else:
        typer.echo("held")


@commands.command("lift")
def lift(
    ctx: typer.Context,
    person: PersonArgument,
    by: ByOption,
    key: KeyOption,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Lift every hold on a person's records; 1 if there is none."""
    system = find(ctx, data)
    who, run = signer(system, by, key), guarding(system, person)
    holds = sorted(run.standing().guard.holds)
    if not holds:
        run.must_be_known()
        raise Failed("UNKNOWN_REQUEST: no hold lies on the records of this person", FINDING)
    for hold_id in holds:
        run.say_or_fail(who.event(LegalHoldLifted, person, hold_id, now(), {"hold_id": hold_id}))
    if json:
        print_json({"person_id": person, "lifted": holds})
    else:
        typer.echo(f"lifted: {len(holds)}")
