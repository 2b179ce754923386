"""`sis reidentify`: shows who a person is, once two people have signed for it; every look is logged before it is had.

Knows the command line. Must never keep, or print without approval, what identifies somebody.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.guarding import ByOption, Guarding, KeyOption, PersonArgument, guarding, now, signer
from services.cli.lawful import listed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import System, find
from services.cli.vault_opening import open_vault
from services.county.lawful import DISCLOSURE_PURPOSES, LEGAL_BASES
from services.doors.guardian import Signer
from services.episodes.person import Papers
from services.log.kept import read_kept
from services.log.sealing import associated_data, open_blob
from services.words.errors import Erased
from services.words.guarding import DisclosureApproved, DisclosureRequested
from services.words.people import PersonDetailsCorrected, PersonRegistered
from services.words.topics import EPISODES_LEDGER

_IDENTIFYING = frozenset({PersonRegistered.TYPE, PersonDetailsCorrected.TYPE})


def reidentify(
    ctx: typer.Context,
    person: PersonArgument,
    by: ByOption,
    key: KeyOption,
    request: Annotated[bool, typer.Option("--request", help="Ask for it; another person has to approve.")] = False,
    approve: Annotated[str | None, typer.Option("--approve", metavar="REQUEST", help="Approve it, and see.")] = None,
    purpose: Annotated[str | None, typer.Option(help=f"With --request: {', '.join(DISCLOSURE_PURPOSES)}.")] = None,
    basis: Annotated[str | None, typer.Option(help=f"With --request: {', '.join(LEGAL_BASES)}.")] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show who a person is: asked for by one, approved by another; both stand in the ledger for ever."""
    if request == (approve is not None):
        raise Failed("say --request, or --approve with the id of the request", USAGE)
    system = find(ctx, data)
    who, run = signer(system, by, key), guarding(system, person)
    if approve is not None:
        _approve(run, who, approve)
        print_json(_identity(run, system, who.name, approve))
        return
    why = listed("--purpose", purpose, DISCLOSURE_PURPOSES), listed("--basis", basis, LEGAL_BASES)
    request_id = str(uuid4())
    said = {"request_id": request_id, "purpose": why[0], "legal_basis": why[1]}
    run.say_or_fail(who.event(DisclosureRequested, person, request_id, now(), said))
    if json:
        print_json({"person_id": person, **said})
    else:
        typer.echo(f"asked for; now another person types: sis reidentify {person} --approve {request_id}")


def _approve(run: Guarding, who: Signer, request_id: str) -> None:
    standing = run.standing()
    asked = standing.guard.asked.get(request_id)
    if asked is None or asked.kind != "DISCLOSURE":
        run.must_be_known()
        raise Failed("UNKNOWN_REQUEST: nothing was asked for under this id for this person", FINDING)
    if not asked.approved:
        run.say_or_fail(who.event(DisclosureApproved, run.person_id, request_id, now(), {"request_id": request_id}))
    elif who.name not in {fact.data["by"] for fact in standing.facts if fact.data.get("request_id") == request_id}:
        raise Failed("NOT_YOURS: this was asked for and approved by others; ask for yourself: --request", FINDING)


def _identity(run: Guarding, system: System, who: str, request_id: str) -> Any:
    """What identifies the person; the ledger is asked who was erased, for a vault may be an old copy put back."""
    if run.standing().guard.to_be_erased:
        return "[erased]"
    papers = _papers(run)
    with open_vault(system.settings.data) as vault:
        turn = vault.turn(who, f"disclosure {request_id}")
        try:
            content_key = turn.unwrap(run.person_id, papers.key)
        except Erased:
            return "[erased]"
    aad = associated_data(papers.source, papers.id, papers.type, run.person_id)
    details = open_blob(papers.blob, content_key, aad)
    assert isinstance(details, dict)
    return details["details"]


def _papers(run: Guarding) -> Papers:
    """The newest details of the person, as the ledger holds them."""
    records = [record for record in run.records() if record.topic == EPISODES_LEDGER]
    facts = [read_kept(record) for record in records if record.key == run.person_id.encode()]
    told = [fact for fact in facts if fact.type in _IDENTIFYING and fact.data.get("sealed")]
    if not told:
        raise Failed("UNKNOWN_PERSON: nobody is registered under this id", FINDING)
    newest = told[-1]
    sealed = newest.data["sealed"]
    return Papers(sealed["key_id"], sealed["key"], sealed["blob"], newest.source, newest.causation_id, newest.type)
