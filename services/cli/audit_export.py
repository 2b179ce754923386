"""`sis audit export|check-export|ask`: what auditors take away, and the questions they ask first.

Knows the command line. Must never judge a record itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.ask import Answer, CannotAsk, Question, ask_export, ask_ledgers, questions
from services.audit.export import Engagement
from services.audit.export import export as export_to
from services.audit.manifest import MANIFEST, PUBLIC_KEY, check
from services.audit.new_folder import NotANewFolder
from services.audit.public_key import public_text, read_public
from services.cli.auditors_reading import reading_for_auditors
from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import System, find, running_on
from services.log.collector import spare_the_collector
from services.vault.key_files import KeyFileExposed, WrongKeyFile, key_file

_NAME = re.compile(r"[a-z0-9-]{1,40}")


def export(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    engagement: Annotated[str, typer.Option("--engagement", metavar="NAME", help="The audit that it is made for.")],
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Export the ledgers for an audit: pseudonyms, no identifiers, no free text, a signed manifest.

    The same engagement gets the same pseudonyms each time, another engagement others. Parquet and CSV, a row for each
    person, are still personal data; only the summaries can be passed on.
    """
    if not _NAME.fullmatch(engagement):
        raise Failed("an engagement's name has 1 to 40 lower-case letters, digits and hyphens", USAGE)
    system = find(ctx, data)
    running = running_on(system)
    made_for = _engagement(system, engagement)
    spare_the_collector()
    try:
        exported = asyncio.run(export_to(reading_for_auditors(running), running.partitions, made_for, folder, _say))
    except NotANewFolder as fault:
        raise Failed(str(fault), USAGE) from fault
    public = public_text(made_for.signing_key.public_key())
    if json:
        ledgers = [asdict(position) for position in exported.positions]
        print_json({"folder": str(folder), "public_key": public, "rows": exported.rows, "ledgers": ledgers})
        return
    for name, count in exported.rows.items():
        typer.echo(f"{count:>10,}  {name}")
    typer.echo(f"exported to {folder}; signed by {public}: give the auditor this key by another way")


def check_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an export.")],
    key: Annotated[str | None, typer.Option(help="The public key that the trust gave you (base64).")] = None,
    json: JsonOption = False,
) -> None:
    """Check that an export is what was signed: manifest, signature, every file; 1 and which file if not."""
    if not folder.is_dir():
        raise Failed(f"there is no folder {folder}", USAGE)
    findings = list(check(folder, _trusted(key)))
    if json:
        print_json({"findings": findings, "key_compared": key is not None})
    else:
        for finding in findings:
            typer.echo(f"FINDING {finding}.")
        if not findings:
            typer.echo(f"every file is as it was signed in {MANIFEST}")
        if key is None and (folder / PUBLIC_KEY).is_file():
            typer.echo(f"{PUBLIC_KEY} was taken from the folder itself: compare it with the key that you were given")
    raise typer.Exit(FINDING if findings else 0)


def ask(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The question; without it all are listed.")] = None,
    folder: Annotated[Path | None, typer.Option("--export", metavar="DIR", help="Ask this export.")] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Ask a question that auditors ask first, of an export or of the ledgers as they are now.

    Ends with 1 if an answer that must be empty is not. Of the ledgers, ids are the opaque ones of the caseload.
    """
    known = questions()
    if name is None:
        _list(known, json)
        return
    question = known.get(name.replace("_", "-"))
    if question is None:
        raise Failed(f"there is no question {name}; `sis audit ask` lists them", USAGE)
    answer = _answer(ctx, question, folder, data)
    if json:
        print_json(answer.as_json())
    elif answer.rows:
        print_table(answer.columns, answer.as_json())
    else:
        typer.echo("nobody and nothing" + (", as it must be" if question.must_be_empty else ""))
    raise typer.Exit(FINDING if question.must_be_empty and answer.rows else 0)


def _list(known: Mapping[str, Question], json: bool) -> None:
    rows = [{"name": one.name, "asks": one.asks, "must_be_empty": one.must_be_empty} for one in known.values()]
    if json:
        print_json(rows)
    else:
        print_table(("name", "asks"), rows)


def _answer(ctx: typer.Context, question: Question, folder: Path | None, data: Path | None) -> Answer:
    if folder is None:
        running = running_on(find(ctx, data))
        spare_the_collector()
        return asyncio.run(ask_ledgers(question, reading_for_auditors(running), running.partitions, _say))
    if not folder.is_dir():
        raise Failed(f"there is no folder {folder}", USAGE)
    for finding in check(folder, None):
        raise Failed(f"{finding}; no answer is taken from it: sis audit check-export {folder} says all", FINDING)
    try:
        return ask_export(question, folder)
    except CannotAsk as fault:
        raise Failed(str(fault), FINDING) from fault


def _engagement(system: System, name: str) -> Engagement:
    keys = system.settings.data / "keys"
    try:
        signing = Ed25519PrivateKey.from_private_bytes(key_file(keys / "audit-export.key"))
        return Engagement(name, key_file(keys / f"engagement-{name}.key"), signing)
    except (KeyFileExposed, WrongKeyFile) as fault:
        raise Failed(str(fault), FINDING) from fault


def _trusted(text: str | None) -> Ed25519PublicKey | None:
    if text is None:
        return None
    key = read_public(text)
    if key is None:
        raise Failed("--key is no Ed25519 public key: 32 bytes in base64, as `sis audit export` prints it", USAGE)
    return key


def _say(words: str) -> None:
    typer.echo(words, err=True)
