"""The proof that a running system's records are the ones that were written, and how it is printed.

Knows where a system keeps checkpoints and the notary's key. Must never judge a record itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.checkpoint import OPENINGS, Note, origin_of
from services.audit.checkpoint_folder import folder_of, kept
from services.audit.findings import MOST, Finding, Report
from services.audit.verify import Verification
from services.audit.verify_share import verify_alone
from services.cli.auditors_reading import reading_for_auditors
from services.cli.failures import FINDING, Failed
from services.cli.side_by_side import side_by_side
from services.cli.vault_opening import has_vault, open_vault
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.ports import Place
from services.log.system import Running
from services.notary.signing_key import public_file, public_key
from services.vault.openings import OpeningsBroken, hash_of


def verified(data: Path, running: Running, noted: Ed25519PublicKey | None = None) -> Report:
    """Verify every partition, as many side by side as there are cores, by the key that the auditor noted, if any.

    Raises `Failed` if there is no notary's key.
    """
    notes = notes_of(data)
    reader_of, key = reading_for_auditors(running), noted or notary_key(data)

    async def begins(places: Sequence[Place]) -> Mapping[Place, int]:
        offsets = KafkaGroupOffsets(running.address("auditor"))
        try:
            await offsets.start()
            return await offsets.begins(places) if places else {}
        finally:
            await offsets.close()

    broken: list[str] = []

    def openings() -> Sequence[bytes]:
        return _openings(data, broken)

    with side_by_side(verify_alone) as pool:
        report = asyncio.run(Verification(reader_of, running.partitions, notes, key, begins, pool, openings).run())
    for what in broken:
        means = "An entry was altered, removed or put in: the hashes from there on are not to be trusted"
        report.find(origin_of(OPENINGS), None, what, means)
    return report


def notes_of(data: Path) -> Iterator[Note]:
    """Every checkpoint of the system's folder, and which file it is."""
    return ((f"checkpoints/{file}", note) for file, note in kept(folder_of(data)))


def print_passed_over(findings: Sequence[Finding]) -> None:
    """Which checkpoints no proof was made by, beside the proof: that goes to a file."""
    for finding in findings[:MOST]:
        typer.echo(f"FINDING {finding.sentence()}", err=True)
    if (more := len(findings) - MOST) > 0:
        typer.echo(f"and {more} checkpoints more; sis audit verify reads them all", err=True)


def _openings(data: Path, broken: list[str]) -> Sequence[bytes]:
    """The hashes of the log of openings, each reckoned anew; `broken` hears if their chain does not hold."""
    if not has_vault(data):
        broken.append(f"there is no vault in {data}, so the log of who opened what is not there")
        return []
    with open_vault(data) as vault:
        try:
            vault.verify_openings()
        except OpeningsBroken as fault:
            broken.append(str(fault))
        return [hash_of(entry) for entry in vault.openings()]


def print_report(report: Report) -> None:
    """Counts, where proof ends, and what was found."""
    for name, number in sorted(report.counts.items()):
        typer.echo(f"{number:>10}  {name}")
    for limit in report.limits:
        typer.echo(f"limit: {limit}.")
    for finding in report.findings:
        typer.echo(f"FINDING {finding.sentence()}")
    if report.more:
        typer.echo(f"and {report.more} findings more of the same partitions")


def notary_key(data: Path) -> Ed25519PublicKey:
    """The public key of this system's notary."""
    public = public_key(data)
    if public is None:
        raise Failed(
            f"{public_file(data)} is missing or damaged: without the notary's public key no checkpoint is worth "
            "anything. The notary writes it when the system starts; an auditor names the key noted before: "
            "sis audit verify --key",
            FINDING,
        )
    return public
