"""An audit export: what auditors may take away to ask their own questions, in a folder of its own.

Knows the steps. The folder appears when it is whole, or not at all. Must never read a clock, or send anything.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.export_reading import Position, Progress, load
from services.audit.export_summaries import summarise
from services.audit.export_tables import TABLES
from services.audit.export_writing import write_table, write_texts
from services.audit.manifest import write_manifest
from services.audit.new_folder import whole_or_not
from services.audit.partition_reading import ReaderOf
from services.audit.pseudonyms import pseudonyms

_THREADS = 2


@dataclass(frozen=True, slots=True)
class Engagement:
    """One audit: its name, its key of 32 bytes for pseudonyms, and the trust's key by which exports are signed."""

    name: str
    key: bytes
    signing_key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows of each file without its ending, and how far each partition was read."""

    rows: dict[str, int]
    positions: list[Position]


async def export(
    reader_of: ReaderOf, partitions: int, engagement: Engagement, folder: Path, progress: Progress
) -> Exported:
    """Export a county's ledgers into a folder that must not be there. Raises `NotANewFolder`, `NotWritten`."""
    with whole_or_not(folder) as building, duckdb.connect() as connection:
        connection.execute(f"SET threads = {_THREADS}")
        connection.execute("SET temp_directory = ?", [str(building / "spill")])
        name = pseudonyms(engagement.key)
        positions = await load(reader_of, partitions, connection, name, progress)
        rows = _write(connection, building, progress)
        write_texts(building, engagement.name)
        shutil.rmtree(building / "spill", ignore_errors=True)
        progress("hashing and signing")
        write_manifest(building, engagement.name, rows, positions, engagement.signing_key)
    return Exported(rows, positions)


def _write(connection: duckdb.DuckDBPyConnection, building: Path, progress: Progress) -> dict[str, int]:
    rows = {}
    for below, tables in (("summaries", summarise(connection)), ("tables", iter(TABLES))):
        (building / below).mkdir()
        for table in tables:
            progress(f"writing {below}/{table}")
            rows[f"{below}/{table}"] = write_table(connection, table, building / below)
    return rows
