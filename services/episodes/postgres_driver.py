"""PostgreSQL's driver: how a database is opened, how it takes many rows, and which errors mean that it is away.

Imported only when a view lies in PostgreSQL. Must never show a password, nor a value that a statement was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import ExceptionContext

from services.episodes.postgres import ViewAway, place_of, storable

_CONNECT_SECONDS = 10
_REMOVED = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.InsufficientPrivilege, *_REMOVED)


def open_engine(url: str, *, one_instant: bool) -> Engine:
    """The database at a URL; raises `ViewAway` from whatever is asked of it while it is away."""
    level = {"isolation_level": "REPEATABLE READ"} if one_instant else {}
    engine = create_engine(url, hide_parameters=True, connect_args={"connect_timeout": _CONNECT_SECONDS}, **level)
    event.listen(engine, "handle_error", _say_if_away)
    return engine


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
