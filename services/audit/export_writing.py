"""Tables as files: Parquet (zstd) for programs, CSV for spreadsheets (UTF-8 with byte order mark, ISO dates).

Knows files and formats. Rows lie in the order of their pseudonyms: the order of the ledger would join two engagements.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from duckdb import DuckDBPyConnection

QUESTIONS = "audit.sql"
README = "README.txt"
_BOM = b"\xef\xbb\xbf"
_README = """An audit export of an STR and SIS county: engagement {engagement}.

tables/      a row for each fact, person, episode, contact, handover and so on, as Parquet and as CSV. Ids are
             pseudonyms of this engagement alone. This is still personal data: do not pass it on.
summaries/   counts with totals; small ones, and those that would betray them, are left out. They can be passed on.
audit.sql    the questions that auditors ask first. With DuckDB, in this folder: duckdb -init audit.sql
             then, for example: FROM over_six_months;
manifest.json, manifest.sig, audit-export.pub
             every file with its SHA-256, the ledgers' positions, signed with Ed25519. Compare the public key with the
             one that the trust gave you by another way, then type: sis audit check-export DIR --key KEY
"""


def write_table(connection: DuckDBPyConnection, table: str, folder: Path) -> int:
    """Write both files of a table into a folder; returns the number of rows."""
    # COPY takes no parameters; the names are this program's own, and quotes in the folder's name are doubled.
    parquet, csv = (str(folder / f"{table}.{ending}").replace("'", "''") for ending in ("parquet", "csv"))
    connection.execute(f"COPY (FROM {table} ORDER BY ALL) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(f"COPY (FROM '{parquet}') TO '{csv}.bare' (FORMAT csv, HEADER)")
    _with_mark(folder / f"{table}.csv")
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)  # noqa: S608  # our own name
    return int(count)


def write_texts(folder: Path, engagement: str) -> None:
    """Put the questions and a page for the reader beside the tables."""
    (folder / QUESTIONS).write_bytes(questions_text().encode())
    (folder / README).write_text(_README.format(engagement=engagement), "utf-8")


def questions_text() -> str:
    """The questions as they are shipped."""
    return files("services.audit").joinpath(QUESTIONS).read_text("utf-8")


def files_under(folder: Path) -> Iterable[Path]:
    """Everything in an export that is no folder, in the order of the names: a file, a link or whatever else."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def _with_mark(path: Path) -> None:
    """A spreadsheet reads UTF-8 only behind a byte order mark, which DuckDB does not write."""
    bare = path.with_name(f"{path.name}.bare")
    with bare.open("rb") as source, path.open("wb") as target:
        target.write(_BOM)
        shutil.copyfileobj(source, target, 1 << 20)
    bare.unlink()
