"""`sis erase`: makes unreadable for ever what identifies a person, once two people have signed for it.

Knows the order: approved, key destroyed, said, proved. Each step may be done again after a crash.
"""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from services.audit.as_of_stored import StoredFolds
from services.cli.failures import FINDING, USAGE, Failed
from services.cli.guarding import ByOption, Guarding, KeyOption, PersonArgument, guarding, now, signer
from services.cli.lawful import listed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import System, find
from services.cli.vault_opening import open_vault
from services.county.lawful import ERASURE_PURPOSES, LEGAL_BASES
from services.doors.certificate import Certificate, certify
from services.doors.guardian import Signer, Standing, erased_event
from services.vault.vault import Vault
from services.words.guarding import ErasureApproved, ErasureRequested

_WOULD_ASK = "an erasure would be asked for; nothing was sent"
_ERASED = "this person is erased already, so a request would be refused; nothing was sent"
_GOES_ON = "the erasure is approved, which is not called back, but was not carried out whole: type the same to go on"
_NO_KEY = (
    "this vault never had a key of this person: it is an older copy, or was made anew. The proof speaks of this vault; "
    "when the one that had the key is put back, the system erases this person there as it starts"
)
_NOT_ASKED = "UNKNOWN_REQUEST: nobody has asked for an erasure of this person; one does: sis erase PERSON --request"


def erase(
    ctx: typer.Context,
    person: PersonArgument,
    by: ByOption,
    key: KeyOption,
    request: Annotated[bool, typer.Option("--request", help="Ask for it; another person has to approve.")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Approve it, and carry it out.")] = False,
    purpose: Annotated[str | None, typer.Option(help=f"With --request: {', '.join(ERASURE_PURPOSES)}.")] = None,
    basis: Annotated[str | None, typer.Option(help=f"With --request: {', '.join(LEGAL_BASES)}.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Erase a person's records: asked for by one, approved by another; it cannot be undone, and prints a proof."""
    if request == approve:
        raise Failed("say --request or --approve", USAGE)
    system = find(ctx, data)
    who = signer(system, by, key)
    run = guarding(system, person)
    if request:
        why = listed("--purpose", purpose, ERASURE_PURPOSES), listed("--basis", basis, LEGAL_BASES)
        _request(run, who, why, dry_run, json)
    else:
        with open_vault(system.settings.data) as vault:  # first: nothing is approved that could not be carried out
            _approve(run, system, who, vault, dry_run, json)


def _request(run: Guarding, who: Signer, why: tuple[str, str], dry_run: bool, json: bool) -> None:
    purpose, basis = why
    if dry_run:
        run.must_be_known()
        _say_plan(run, _ERASED if run.standing().guard.erased else _WOULD_ASK, json)
        return
    request_id = str(uuid4())
    data = {"request_id": request_id, "purpose": purpose, "legal_basis": basis}
    run.say_or_fail(who.event(ErasureRequested, run.person_id, request_id, now(), data))
    if json:
        print_json({"person_id": run.person_id, **data})
    else:
        typer.echo(f"asked for as {request_id}; now another person types: sis erase {run.person_id} --approve")


def _approve(run: Guarding, system: System, who: Signer, vault: Vault, dry_run: bool, json: bool) -> None:
    standing = run.standing()
    asked = [name for name, one in standing.guard.asked.items() if one.kind == "ERASURE"]
    if not asked:
        run.must_be_known()
        raise Failed(_NOT_ASKED, FINDING)
    if dry_run:
        _say_plan(run, _plan(standing), json)
        return
    if not standing.guard.to_be_erased:
        request_id = _newest(standing)
        run.say_or_fail(who.event(ErasureApproved, run.person_id, request_id, now(), {"request_id": request_id}))
    try:
        proof = _carry_out(run, system, who.name, vault)
    except BaseException:
        typer.echo(_GOES_ON, err=True)
        raise
    if json:
        print_json({"person_id": run.person_id, **proof.as_json()})
    else:
        typer.echo("\n".join(proof.lines()))
    raise typer.Exit(FINDING if proof.open_for_ever else 0)


def _carry_out(run: Guarding, system: System, who: str, vault: Vault) -> Certificate:
    """Destroy, say, prove; after a crash the same again."""
    approval = run.standing().approval()
    assert approval is not None
    if not vault.had_key(run.person_id):
        typer.echo(_NO_KEY, err=True)
    vault.erase(run.person_id)
    StoredFolds(system.settings.data / "audit").clear()
    run.say_or_fail(erased_event(run.person_id, approval))
    run.settle()
    return certify(run.records(), run.person_id, vault, who)


def _say_plan(run: Guarding, would: str, json: bool) -> None:
    """What would be done."""
    if json:
        print_json({"person_id": run.person_id, "dry_run": would})
    else:
        typer.echo(would)


def _newest(standing: Standing) -> str:
    return str([fact for fact in standing.facts if fact.type == ErasureRequested.TYPE][-1].data["request_id"])


def _plan(standing: Standing) -> str:
    if standing.guard.erased:
        return "this person is erased; approving again would only prove it again"
    if standing.guard.holds:
        return "a legal hold lies on these records, so an approval would be refused"
    return "the person's key would be destroyed for ever, their number freed, and providers with a pack told"
