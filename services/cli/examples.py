"""One example for each command, shown at the end of its help.

Knows command lines as people type them. Must never know how a command works.
"""

from __future__ import annotations

from collections.abc import Mapping

import typer

EXAMPLES: Mapping[str, str] = {
    "access apply": "sis access apply",
    "access plan": "sis access plan --json",
    "access remove": "sis access remove weald-bridge",
    "access rotate": "sis access rotate weald-bridge",
    "audit ask": "sis audit ask over-six-months --export /media/auditor/kmpt-2012",
    "release": "sis release 8f4d119f-380a-5ff3-aadf-97f86a0d5818 --by ann --key ann.pem"
    " --request 95fb8fcd-81f0-5319-8d8b-0fec41892322 --to 'Maidstone County Court'",
    "emitters list": "sis emitters list --json",
    "emitters rotate": "sis emitters rotate maidstone-cmht",
    "audit as-of": "sis audit as-of 2012-10-05 --known-at 2012-10-09T12:00:00Z --json",
    "audit diff": "sis audit diff 2012-10-05 now",
    "audit check-export": "sis audit check-export /media/auditor/kmpt-2012",
    "audit checkpoint": "sis audit checkpoint --json",
    "audit disclosures": "sis audit disclosures 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --json",
    "audit dump": "sis audit dump /media/auditor/kmpt-2012",
    "audit export": "sis audit export /media/auditor/kmpt-2012 --engagement cqc-2012",
    "audit history": "sis audit history 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --json",
    "audit prove": "sis audit prove kmpt.episodes.ledger.v1/0@17",
    "audit recompute": "sis audit recompute --from 0 --json",
    "audit verify": "sis audit verify --json",
    "caseload": "sis caseload --team maidstone-cmht --phase AWAITING_REVIEW",
    "config schema": "sis config schema --json",
    "config show": "SIS_DATA=/srv/kmpt sis config show",
    "contracts": "sis contracts --json",
    "demo": "sis demo --keep",
    "doctor": "sis --data /srv/kmpt doctor",
    "down": "sis --data /srv/kmpt down",
    "emit": "sis emit --wait july.ndjson",
    "episode": "sis episode 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11",
    "erase": "sis erase 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --approve --by ben --key ben.pem",
    "handover due": "sis handover due --json",
    "handover list": "sis handover list --all --json",
    "handover show": "sis handover show 95fb8fcd-81f0-5319-8d8b-0fec41892322",
    "hold lift": "sis hold lift 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --by ann --key ann.pem",
    "hold place": ("sis hold place 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --by ann --key ann.pem --basis GDPR_9_2_F"),
    "keys destroy-due": "sis keys destroy-due",
    "keys list": "sis keys list --json",
    "keys person": "sis keys person ann --out ann.pem",
    "keys rotate": "sis keys rotate",
    "person find": "sis person find --why 'referral by telephone'",
    "provider accept": "sis provider weald-bridge accept 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --start-on 2012-11-05",
    "provider acknowledge": "sis provider weald-bridge acknowledge 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11",
    "provider book": "sis provider weald-bridge book 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --on 2012-11-02",
    "provider change": "sis provider weald-bridge change 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --change ADMISSION",
    "provider decline": "sis provider weald-bridge decline 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --reason NO_CAPACITY",
    "provider end": "sis provider weald-bridge end 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --on 2013-03-28 --reason 01",
    "provider exchange": "sis provider weald-bridge exchange /srv/exchange",
    "provider fail": "sis provider weald-bridge fail 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --reason FAILED_CONTACT",
    "provider inbox": "sis provider weald-bridge inbox --key weald-bridge.pem",
    "provider keygen": "sis provider weald-bridge keygen",
    "provider sandbox": (
        "sis provider weald-bridge sandbox --run 'python -m services.provider.reference --settings {settings}'"
    ),
    "provider start": "sis provider weald-bridge start 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --on 2012-11-05",
    "refused list": "sis refused list --json",
    "refused redrive": "sis refused redrive --all --code UNKNOWN_PERSON --dry-run",
    "refused show": "sis refused show 95fb8fcd-81f0-5319-8d8b-0fec41892322",
    "reidentify": "sis reidentify 0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11 --by ann --key ann.pem --request",
    "retention due": "sis retention due --on 2033-01-01 --json",
    "schemas check": "sis schemas check",
    "simulate": "sis simulate --people 200 --out county.ndjson",
    "status": "sis status --json",
    "topics apply": "sis topics apply --replication 3 --in-sync 2",
    "topics plan": "sis topics plan",
    "up": "sis --data /srv/kmpt up --detach",
    "view rebuild": "sis view rebuild",
    "wave add": "sis wave add west-1 95fb8fcd-81f0-5319-8d8b-0fec41892322",
    "wave burn-down": "sis wave burn-down",
    "wave close": "sis wave close west-1",
    "wave defer": "sis wave defer west-1 95fb8fcd-81f0-5319-8d8b-0fec41892322 --reason 'in hospital'",
    "wave end-state": "sis wave end-state --json",
    "wave list": "sis wave list",
    "wave plan": "sis wave plan west-1 --lot WEST_KENT --freeze-on 2012-10-15 --start-on 2012-11-01 --dry-run",
    "wave recontract": "sis wave recontract external.csv --dry-run",
    "wave show": "sis wave show west-1",
}
"""Command to an example of it."""


def show_examples(app: typer.Typer) -> None:
    """Put each command's example under its help; a command without one is left without."""
    for group in app.registered_groups:
        assert group.typer_instance is not None
        _show(group.typer_instance, f"{group.name} ")
    _show(app, "")


def _show(app: typer.Typer, group: str) -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        example = EXAMPLES.get(f"{group}{command.name or command.callback.__name__}")
        if example is not None:
            command.epilog = f"Example: {example}"
