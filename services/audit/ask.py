"""The questions that auditors ask first: asked of an export, or of the ledgers as they are.

Knows `audit.sql`. Runs only the questions that are shipped with this program, never the text that lies in an export.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from services.audit.export_reading import Progress, load
from services.audit.export_writing import questions_text
from services.audit.partition_reading import ReaderOf
from services.audit.pseudonyms import opaque

_QUESTION = re.compile(r"^-- Question: (?P<asks>[^\n]+)\n(?P<view>CREATE VIEW (?P<name>\w+) AS\n[^;]+;)$", re.MULTILINE)
_FINDING = " Must be empty."


class CannotAsk(Exception):
    """The export cannot be read; the text says why."""


class Question(NamedTuple):
    """A question by its name; `must_be_empty`: every row of its answer is a finding."""

    name: str
    asks: str
    must_be_empty: bool
    view: str


class Answer(NamedTuple):
    """Columns and rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def as_json(self) -> list[dict[str, Any]]:
        """The rows for programs."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def questions() -> dict[str, Question]:
    """Every question by its name, as it is typed: with hyphens."""
    found = {}
    for match in _QUESTION.finditer(questions_text()):
        name, asks = match["name"].replace("_", "-"), match["asks"]
        found[name] = Question(name, asks, asks.endswith(_FINDING), match["view"])
    return found


def ask_export(question: Question, folder: Path) -> Answer:
    """The answer of an export. Raises `CannotAsk`."""
    try:
        with _reading(folder) as connection:
            return _answer(connection, question)
    except duckdb.Error as fault:
        raise CannotAsk(f"{folder} cannot be read as an export: sis audit check-export {folder} says why") from fault


async def ask_ledgers(question: Question, reader_of: ReaderOf, partitions: int, progress: Progress) -> Answer:
    """The answer of the ledgers as they are now, with the opaque ids that every command inside the trust shows."""
    with duckdb.connect() as connection:
        await load(reader_of, partitions, connection, opaque, progress)
        return _answer(connection, question)


def _answer(connection: duckdb.DuckDBPyConnection, question: Question) -> Answer:
    connection.execute(question.view)
    asked = connection.execute(f"FROM {question.name.replace('-', '_')}")
    return Answer(tuple(column[0] for column in asked.description or ()), asked.fetchall())


@contextmanager
def _reading(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET file_search_path = ?", [str(folder)])
        connection.execute(questions_text().partition("\n-- Question: ")[0])
        yield connection
