"""What PostgreSQL needs otherwise than SQLite: its types, its lock, and what is said when it is away.

Must never know the driver, which those who keep their view in SQLite do not load. Must never show a password.
"""

from __future__ import annotations

from sqlalchemy import URL, BigInteger, Connection, Dialect, Integer, String, Table
from sqlalchemy.types import TypeDecorator

_MARK = "\x1a"
"""Unicode's SUBSTITUTE, a control character: it stands before what was altered, and before itself."""


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


def place_of(url: URL) -> str:
    """Host, port and name of a database, without user and password."""
    return f"{url.host or 'this machine'}:{url.port or 5432}/{url.database}"


def lock(connection: Connection, table: Table) -> None:
    """Let nobody else write a table until the transaction ends; it can be read."""
    name = connection.dialect.identifier_preparer.format_table(table)
    connection.exec_driver_sql(f"lock table {name} in exclusive mode")
