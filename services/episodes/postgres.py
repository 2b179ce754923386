"""What PostgreSQL needs otherwise than SQLite: its types, its way to take many rows, and what is said when it is away.

Knows the driver and its errors. Must never show a password, nor a value that a statement was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, BigInteger, Connection, Dialect, Engine, Integer, String, Table, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.types import TypeDecorator

_MARK = "\x1a"
"""Unicode's SUBSTITUTE, a control character: it stands before what was altered, and before itself."""
_CONNECT_SECONDS = 10
_REMOVED = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.InsufficientPrivilege, *_REMOVED)


class ViewAway(Exception):
    """The view's database does not answer, or the view in it was removed; the text says which. Nothing is lost."""


class _Words(TypeDecorator[str]):
    """Text in the order of its bytes, as in SQLite; a NUL, which PostgreSQL has no place for, is kept in two others."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is stored."""
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it was said."""
        return None if value is None else as_said(value)


WORDS = String().with_variant(_Words(collation="C"), "postgresql")
"""A text that somebody else may have chosen: in both databases it is compared and given back as it was said."""
NUMBER = Integer().with_variant(BigInteger(), "postgresql")
"""A whole number that may be beyond 2^31, such as an offset or an instant."""


def storable(words: str) -> str:
    """A text without NUL that no other text is stored as."""
    return words.replace(_MARK, f"{_MARK}1").replace("\0", f"{_MARK}0")


def as_said(stored: str) -> str:
    """The text that was made storable."""
    return stored.replace(f"{_MARK}0", "\0").replace(f"{_MARK}1", _MARK) if _MARK in stored else stored


def open_engine(url: str, *, one_instant: bool) -> Engine:
    """The database at a URL; raises `ViewAway` from whatever is asked of it while it is away."""
    level = {"isolation_level": "REPEATABLE READ"} if one_instant else {}
    engine = create_engine(url, hide_parameters=True, connect_args={"connect_timeout": _CONNECT_SECONDS}, **level)
    event.listen(engine, "handle_error", _say_if_away)
    return engine


def place_of(url: URL) -> str:
    """Host, port and name of a database, without user and password."""
    return f"{url.host or 'this machine'}:{url.port or 5432}/{url.database}"


def lock(connection: Connection, table: Table) -> None:
    """Let nobody else write a table until the transaction ends; it can be read."""
    name = connection.dialect.identifier_preparer.format_table(table)
    connection.exec_driver_sql(f"lock table {name} in exclusive mode")


def copy_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that all have the same columns in one COPY; inserts are as many statements as there are rows."""
    names = list(rows[0])
    into = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row([storable(value) if type(value) is str else value for value in row.values()])
    except _AWAY as fault:
        raise _away(connection.engine, fault) from None


def _say_if_away(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, _AWAY):
        assert context.engine is not None
        raise _away(context.engine, context.original_exception) from None


def _away(engine: Engine, fault: BaseException) -> ViewAway:
    place, why = place_of(engine.url), type(fault).__name__
    if isinstance(fault, _REMOVED):
        return ViewAway(f"this view in {place} was removed, for a newer one took its place")
    return ViewAway(f"the view's database {place} does not answer or does not let us in ({why}): see SIS_VIEW")
