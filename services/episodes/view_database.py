"""Which schema is the view: a PostgreSQL database with one schema a generation, and a table that names the one read.

Knows names and how they are switched, each time under one lock. A new generation is filled beside the old one; the old
schema stays until the next switch, for those who read it still. Must never know what a view holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Integer, MetaData, String, inspect, make_url, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import Column, CreateSchema, DropSchema, Table

from services.episodes.view_tables import METADATA, SCHEMA, open_engine

_POINTERS = Table(
    "current_view",
    MetaData(schema="views"),
    Column("shape", Integer, primary_key=True),
    Column("name", String, nullable=False),
)
"""By the number of a shape the schema of the view that is read."""
_LOCK = text("select pg_advisory_xact_lock(5071201207)")
"""Held by whoever makes, switches or removes views, until their transaction ends; the number is the county's own."""
_PREFIX = f"view_{SCHEMA}_"
_SEARCH_PATH = "-csearch_path="


class ViewDatabase:
    """The views of this release's shape in one PostgreSQL database. Everything raises `ViewAway`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def current(self) -> str:
        """URL of the view that is read; the first one is made empty."""
        with self._connected() as connection:
            name = _named(connection)
            if name is None:
                connection.execute(_LOCK)
                name = _named(connection) or _first(connection)
        return self._url_of(name)

    def new(self) -> str:
        """A new, empty view beside those there are; nobody reads it before the switch."""
        with self._connected() as connection:
            connection.execute(_LOCK)
            return self._url_of(_made(connection))

    def switch(self, url: str) -> None:
        """From now on this one is read; all but it and the former one are removed."""
        name = _name_in(url)
        with self._connected() as connection:
            connection.execute(_LOCK)
            former = _named(connection)
            _point(connection, name)
        with self._connected() as connection:
            connection.execute(_LOCK)
            for old in _generations(connection):
                if old not in (name, former):
                    connection.execute(DropSchema(old, cascade=True))

    def _url_of(self, name: str) -> str:
        """The database's URL, in which the view's own schema is the only one where tables are looked for."""
        url = make_url(self.url)
        options = " ".join([*url.normalized_query.get("options", ()), f"{_SEARCH_PATH}{name}"])
        return url.update_query_dict({"options": options}).render_as_string(hide_password=False)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = open_engine(self.url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def _name_in(url: str) -> str:
    (options,) = make_url(url).normalized_query["options"]
    return options.rpartition(_SEARCH_PATH)[2]


def _named(connection: Connection) -> str | None:
    """The schema of the view that is read; None before the first."""
    if not inspect(connection).has_table(_POINTERS.name, _POINTERS.schema):
        return None
    return connection.execute(select(_POINTERS.c.name).where(_POINTERS.c.shape == SCHEMA)).scalar()


def _first(connection: Connection) -> str:
    connection.execute(CreateSchema("views", if_not_exists=True))
    _POINTERS.create(connection, checkfirst=True)
    name = _made(connection)
    _point(connection, name)
    return name


def _point(connection: Connection, name: str) -> None:
    pointer = insert(_POINTERS).values(shape=SCHEMA, name=name)
    connection.execute(pointer.on_conflict_do_update(index_elements=[_POINTERS.c.shape], set_={"name": name}))


def _made(connection: Connection) -> str:
    """The next schema with its tables, all there at once for everybody else."""
    numbers = [int(name.removeprefix(_PREFIX)) for name in _generations(connection)]
    name = f"{_PREFIX}{max(numbers, default=0) + 1:04}"
    connection.execute(CreateSchema(name))
    connection.execute(text("select set_config('search_path', :name, true)"), {"name": name})
    METADATA.create_all(connection, checkfirst=False)
    return name


def _generations(connection: Connection) -> list[str]:
    """The schemas of this shape."""
    wanted = text("select nspname from pg_namespace where nspname ~ :named")
    found = connection.execute(wanted, {"named": rf"^{_PREFIX}\d+$"})
    return [name for (name,) in found]
