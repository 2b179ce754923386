"""`sis release`: notes that what identifies a person was given to somebody outside the trust.

Knows the command line. Must never give anything itself.
"""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.failures import USAGE, Failed
from services.cli.guarding import ByOption, KeyOption, PersonArgument, guarding, now, signer
from services.cli.lawful import listed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import find
from services.county.lawful import RECIPIENTS
from services.words.fields import is_uuid
from services.words.guarding import ReleasedOutside


def release(
    ctx: typer.Context,
    person: PersonArgument,
    by: ByOption,
    key: KeyOption,
    request: Annotated[str, typer.Option("--request", metavar="REQUEST", help="The disclosure that was approved.")],
    recipient: Annotated[str, typer.Option("--to", help=f"Who was given it: {', '.join(RECIPIENTS)}.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Note, once it was given, who outside the trust was told who this person is; it stands in the ledger for ever."""
    listed("--to", recipient, RECIPIENTS)
    if not is_uuid(request):
        raise Failed("say of which disclosure, by the id of its request", USAGE)
    system = find(ctx, data)
    who, run = signer(system, by, key), guarding(system, person)
    said = {"request_id": request, "recipient": recipient}
    run.say_or_fail(who.event(ReleasedOutside, person, request, now(), said))
    if json:
        print_json({"person_id": person, **said, "by": by})
    else:
        typer.echo(f"noted: given to {RECIPIENTS[recipient]}; sis audit disclosures {person} tells it")
