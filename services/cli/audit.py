"""`sis audit …`: proof that nothing was altered, removed or invented.

Knows the command line. Must never judge a record itself.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.checkpoint import NotACheckpoint, read_unverified
from services.audit.checkpoint_choice import Checkpoints
from services.audit.checkpoint_folder import folder_of, kept
from services.audit.dump import dump as write_dump
from services.audit.new_folder import NotANewFolder
from services.audit.partition_reading import watched
from services.audit.proving import NothingToProve, consistency_proof, inclusion_proof
from services.audit.public_key import public_text, read_public
from services.cli.auditors_reading import reading_for_auditors
from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.proof import notary_key, notes_of, print_passed_over, print_report, verified
from services.cli.system import find, running_on

NotedKeyOption = Annotated[
    str | None,
    typer.Option("--key", help="The notary's public key as you noted it (base64), not as it lies here now."),
]


def checkpoint(
    ctx: typer.Context,
    key: Annotated[bool, typer.Option("--key", help="Print the notary's public key instead (base64).")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List the signed checkpoints that this system holds; needs no broker.

    They are listed as they say; `sis audit verify` verifies them. Ends with 1 if one of them is damaged.
    """
    system = find(ctx, data)
    system.must_be_there()
    if key:
        _print_key(public_text(notary_key(system.settings.data)), json)
        return
    rows, damaged = _listed(system.settings.data)
    if json:
        print_json(rows)
    else:
        print_table(("origin", "size", "root", "file"), rows)
        if not rows and not damaged:
            typer.echo("no checkpoint is held: the notary has signed none yet, or they were removed", err=True)
    for what in damaged:
        typer.echo(f"FINDING {what}", err=True)
    raise typer.Exit(FINDING if damaged else 0)


def _print_key(text: str, json: bool) -> None:
    if json:
        print_json({"public_key": text})
    else:
        typer.echo(text)


def _listed(data: Path) -> tuple[list[dict[str, object]], list[str]]:
    """Every checkpoint of the folder, and what is said of each that is none."""
    rows, damaged = list[dict[str, object]](), list[str]()
    for file, note in kept(folder_of(data)):
        try:
            read = read_unverified(note)
        except NotACheckpoint as fault:
            damaged.append(f"{file} in the folder of checkpoints is damaged: {fault}")
            continue
        rows.append({"origin": read.origin, "size": read.size, "root": b64encode(read.root).decode(), "file": file})
    return rows, damaged


def verify(
    ctx: typer.Context,
    from_scratch: Annotated[  # noqa: ARG001  # auditors type it, and every run does so
        bool, typer.Option("--from-scratch", help="Trust nothing kept from an earlier run. It is always done so.")
    ] = False,
    key: NotedKeyOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Verify chains, numbers, checkpoints and causes of every partition; 1 if anything does not fit."""
    noted = _noted(key)
    system = find(ctx, data)
    typer.echo("reading every partition from its first record", err=True)
    report = verified(system.settings.data, running_on(system), noted)
    if json:
        print_json(report.as_json())
    else:
        print_report(report)
    raise typer.Exit(FINDING if report.findings else 0)


def prove(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="FACT", help="A fact's id, or where it lies: TOPIC/PARTITION@OFFSET.")],
    older: Annotated[
        int | None, typer.Option("--from", help="Size of the older checkpoint, of TOPIC/PARTITION.")
    ] = None,
    newer: Annotated[int | None, typer.Option("--to", help="Size of the newer checkpoint.")] = None,
    key: NotedKeyOption = None,
    json: Annotated[bool, typer.Option("--json", help="It is always JSON.")] = False,  # noqa: ARG001  # programs say it
    data: DataOption = None,
) -> None:
    """Print a proof as JSON: that a fact is in the newest checkpoint, or that one checkpoint continues another.

    It rests on checkpoints that the notary signed and that are true of the ledger; any other of the partition is named,
    and ends it with 1. `sis audit history --json` says where each fact lies, `sis audit checkpoint` which there are.
    """
    is_origin = "/" in what and "@" not in what
    if (older is None) != (newer is None) or is_origin != (older is not None):
        raise Failed("sis audit prove FACT, or sis audit prove --from SIZE --to SIZE TOPIC/PARTITION", USAGE)
    noted, system = _noted(key), find(ctx, data)
    running, folder = running_on(system), system.settings.data
    reader_of, partitions = reading_for_auditors(running), running.partitions
    checkpoints = Checkpoints(notes_of(folder), noted or notary_key(folder))
    try:
        if older is None or newer is None:
            proof = asyncio.run(inclusion_proof(reader_of, partitions, checkpoints, what))
        else:
            proof = asyncio.run(consistency_proof(reader_of, partitions, checkpoints, what, older, newer))
    except NothingToProve as fault:
        print_passed_over(checkpoints.passed_over)
        raise Failed(str(fault), FINDING) from fault
    print_json(proof)
    print_passed_over(checkpoints.passed_over)
    raise typer.Exit(FINDING if checkpoints.passed_over else 0)


def _noted(key: str | None) -> Ed25519PublicKey | None:
    """The key that an auditor gives, if any. Raises `Failed` if it is none."""
    noted = None if key is None else read_public(key)
    if key is not None and noted is None:
        raise Failed(
            "--key is no Ed25519 public key: 32 bytes in base64, as `sis audit checkpoint --key` prints", USAGE
        )
    return noted


def dump(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Dump records, checkpoints and public key as they lie, for an auditor to verify elsewhere.

    The auditor verifies the folder with tools/verify_ledger.py, which needs nothing of this system. Content stays
    sealed; ids of persons are the opaque ones.
    """
    system = find(ctx, data)
    running, settings = running_on(system), system.settings
    reader_of = reading_for_auditors(running)
    notes, key = kept(folder_of(settings.data)), notary_key(settings.data).public_bytes_raw()
    typer.echo("reading every partition from its first record", err=True)
    try:
        count = asyncio.run(write_dump(reader_of, watched(running.partitions), notes, key, folder))
    except NotANewFolder as fault:
        raise Failed(str(fault), USAGE) from fault
    if json:
        print_json({"folder": str(folder), "records": count})
    else:
        typer.echo(f"{count} records in {folder}")
