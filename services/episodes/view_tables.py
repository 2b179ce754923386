"""The tables of the read view, and how its database is opened.

Knows shapes and settings of SQL; what PostgreSQL needs otherwise than SQLite say `postgres` and `postgres_driver`.
Must never know what a fact means. A view is never altered: another shape is another `SCHEMA` number, and so another
view.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Dialect,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    create_engine,
    event,
)

from services.episodes.postgres import NUMBER, WORDS, lock

SCHEMA = 4
"""Number of this shape; it stands in the name of every view that has it."""

METADATA = MetaData()

POSITION = Table(
    "position",
    METADATA,
    Column("topic", WORDS, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", NUMBER, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
    Column("today", WORDS),
)
"""Where each partition is to be read on, the hash that its next record must carry, and the last day begun in it."""

PEOPLE = Table(
    "people",
    METADATA,
    Column("person_id", WORDS, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("shown", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""One person a row; `shown` is `PersonShown` as JSON."""

EPISODES = Table(
    "episodes",
    METADATA,
    Column("episode_id", WORDS, primary_key=True),
    Column("person_id", WORDS, primary_key=True),
    Column("holder_kind", WORDS, nullable=False),
    Column("holder_id", WORDS, nullable=False),
    Column("phase", WORDS, nullable=False),
    Column("shown", Text, nullable=False),
    Index("episodes_by_person", "person_id"),
    Index("episodes_by_holder", "holder_id", "phase"),
    sqlite_with_rowid=False,
)
"""One episode a row; `shown` is `EpisodeShown` as JSON, and the columns beside it are what a caseload is asked for.

Ids of episodes and of contacts are judged within the person (ruling 10): two people may have the same.
"""

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("episode_id", WORDS, primary_key=True),
    Column("person_id", WORDS, primary_key=True),
    Column("contact_id", WORDS, primary_key=True),
    Column("day", WORDS, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("attendance", WORDS, nullable=False),
    Column("in_error", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""One contact a row, as corrected; `day` is the London day on which it began."""

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("topic", WORDS, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", NUMBER, primary_key=True),
    Column("person_id", WORDS),
    Column("episode_id", WORDS),
    Column("type", WORDS, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("happened", WORDS, nullable=False),
    Column("recorded", WORDS, nullable=False),
    Column("known_ms", NUMBER, nullable=False),
    Column("data", Text, nullable=False),
    Index("timeline_by_person", "person_id"),
)
"""One fact of the episodes ledger a row, in clear fields only."""

HANDOVERS = Table(
    "handovers",
    METADATA,
    Column("handover_id", WORDS, primary_key=True),
    Column("person_id", WORDS, nullable=False),
    Column("episode_id", WORDS, nullable=False),
    Column("requested_on", WORDS, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("contract_id", WORDS),
    Column("takes", WORDS),
    Column("weekly_minutes", Integer, nullable=False),
    Column("shown", Text, nullable=False),
    Index("handovers_by_person", "person_id"),
    Index("handovers_by_contract", "contract_id", "takes").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
)
"""One handover a row; `shown` is `HandoverCase` as JSON, and the columns beside it are what is asked for.

`takes` says how it takes minutes of the contract: reserved, used, or (null) not at all.
"""

CONTRACTS = Table(
    "contracts",
    METADATA,
    Column("contract_id", WORDS, nullable=False),
    Column("provider_id", WORDS, nullable=False),
    Column("shown", Text, nullable=False),
    PrimaryKeyConstraint("contract_id").ddl_if(dialect="sqlite"),
    Index("contracts_by_id", "contract_id", postgresql_using="hash").ddl_if(dialect="postgresql"),
    sqlite_with_rowid=False,
)
"""One contract a row; `shown` is `ContractShown` as JSON."""

PROVIDERS = Table(
    "providers",
    METADATA,
    Column("provider_id", WORDS, primary_key=True),
    Column("shown", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""One provider a row; `shown` is `ProviderShown` as JSON."""

WAVES = Table(
    "waves",
    METADATA,
    Column("wave_id", WORDS, nullable=False),
    Column("lot", WORDS, nullable=False),
    Column("freeze_on", WORDS, nullable=False),
    Column("shown", Text, nullable=False),
    PrimaryKeyConstraint("wave_id").ddl_if(dialect="sqlite"),
    Index("waves_by_id", "wave_id", postgresql_using="hash").ddl_if(dialect="postgresql"),
    sqlite_with_rowid=False,
)
"""One wave a row; `shown` is `WaveShown` as JSON."""

HANDOVER_TIMELINE = Table(
    "handover_timeline",
    METADATA,
    Column("partition", Integer, primary_key=True),
    Column("offset", NUMBER, primary_key=True),
    Column("handover_id", WORDS),
    Column("offer_id", WORDS),
    Column("type", WORDS, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("happened", WORDS, nullable=False),
    Column("recorded", WORDS, nullable=False),
    Column("known_ms", NUMBER, nullable=False),
    Column("today", WORDS),
    Column("data", Text, nullable=False),
    Index("handover_timeline_by_handover", "handover_id"),
    Index("handover_timeline_by_offer", "offer_id"),
)
"""One fact of the handover ledger that names a handover or an offer a row, in clear fields only; and every reply that
was set aside, of which one that could not be read names neither.

`today` is the county's day on which it was recorded.
"""

REFUSED = Table(
    "refused",
    METADATA,
    Column("topic", WORDS, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", NUMBER, primary_key=True),
    Column("event_id", WORDS, nullable=False),
    Column("type", WORDS, nullable=False),
    Column("subject", WORDS, nullable=False),
    Column("code", WORDS, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("refused_at", WORDS, nullable=False),
    Column("inbox_offset", NUMBER, nullable=False),
    Index("refused_by_event", "event_id", postgresql_using="hash"),
)
"""One refusal a row; its sentence is made when read."""

_SQLITE_SETTINGS = (
    "journal_mode = wal",  # readers and the one writer do not wait for each other
    "synchronous = normal",  # after a loss of power the view stands at an earlier position, and is folded on from there
    "busy_timeout = 30000",  # milliseconds
    "cache_size = -131072",  # KiB of pages kept in memory
    "wal_autocheckpoint = 16384",  # pages: 64 MiB are written back at once
    "temp_store = memory",
)


def open_engine(url: str, *, one_instant: bool = False) -> Engine:
    """The database at an SQLAlchemy URL. Statements that fail are never shown with their values.

    With `one_instant` all that a transaction reads is of the instant of its first statement; in SQLite it always is.
    """
    if not url.startswith("sqlite"):
        from services.episodes import postgres_driver  # here, as below: no view in SQLite pays for it

        return postgres_driver.open_engine(url, one_instant=one_instant)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001  # SQLAlchemy hands both over
    connection.isolation_level = None  # the driver's own transactions would leave reads outside
    for setting in _SQLITE_SETTINGS:
        connection.execute(f"pragma {setting}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("begin")


def alone_in(connection: Connection, table: Table) -> None:
    """Let nobody else write a table until the transaction ends; in SQLite the first write does so for all of them."""
    if connection.dialect.name == "postgresql":
        lock(connection, table)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, past SQLAlchemy's work for each row: it costs as much as the fold."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        from services.episodes import postgres_driver

        postgres_driver.copy_rows(connection, table, rows)
        return
    statement, values_of = _insertion(connection.dialect, table, tuple(rows[0]))
    connection.exec_driver_sql(statement, list(map(values_of, rows)))


@cache
def _insertion(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, itemgetter[Any]]:
    """The statement, and what takes a row's values by their places: the driver would look each up by its name."""
    compiled = table.insert().compile(dialect=dialect, column_keys=columns)
    assert compiled.positiontup is not None, "SQLite's driver takes values by their places"
    return str(compiled), itemgetter(*compiled.positiontup)
