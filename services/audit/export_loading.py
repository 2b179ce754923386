"""Rows into DuckDB, many at once: its appender, which is the fastest way without numpy or pyarrow (decision 0023).

Knows tables and rows. Must never know where a row came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from duckdb import DuckDBPyConnection

from services.audit.export_tables import SAID, TABLES

Row = Sequence[Any]
_AT_ONCE = 20_000
_CONTACTS = """
    INSERT INTO contacts
    SELECT s.* REPLACE (coalesce(r.minutes, s.minutes) AS minutes, coalesce(r.attendance, s.attendance) AS attendance),
        coalesce(r.corrected, false), coalesce(r.entered_in_error, false)
    FROM contacts_said s LEFT JOIN (
        SELECT person, episode, contact,
            arg_max(minutes, ordinal) AS minutes, arg_max(attendance, ordinal) AS attendance,
            bool_or(NOT entered_in_error) AS corrected, bool_or(entered_in_error) AS entered_in_error
        FROM contacts_put_right GROUP BY ALL
    ) r USING (person, episode, contact)
"""
"""`arg_max` passes over what a correction left as it was."""


class Rows(Protocol):
    """Takes a row of a table, its values in the order of the table's columns."""

    def __call__(self, table: str, *row: Any) -> None:
        """Take it."""


class Loading:
    """Tables that are being filled."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        self._waiting: dict[str, list[Row]] = {}
        for name, columns in {**TABLES, **SAID}.items():
            self._waiting[name] = []
            connection.execute(f"CREATE TABLE {name} ({', '.join(f'{one} {kind}' for one, kind in columns.items())})")

    def add(self, table: str, *row: Any) -> None:
        """Take a row."""
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= _AT_ONCE:
            self._flush(table)

    def end(self) -> None:
        """Fill in what is left, and make the contacts of what was said of them."""
        for table in self._waiting:
            self._flush(table)
        self._connection.execute(_CONTACTS)
        for table in SAID:
            self._connection.execute(f"DROP TABLE {table}")

    def _flush(self, table: str) -> None:
        if self._waiting[table]:
            with self._connection.appender(table) as appender:
                appender.append_rows(self._waiting[table])
            self._waiting[table] = []
