"""The tables of the read view, and how its database is opened.

Knows shapes and settings of SQL. Must never know what a fact means. A view is never altered: another shape is another
`SCHEMA` number, and so another view.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)

SCHEMA = 3
"""Number of this shape; it stands in the name of every view that has it."""

METADATA = MetaData()

POSITION = Table(
    "position",
    METADATA,
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", Integer, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
    Column("today", String),
)
"""Where each partition is to be read on, the hash that its next record must carry, and the last day begun in it."""

PEOPLE = Table(
    "people",
    METADATA,
    Column("person_id", String, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("shown", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""One person a row; `shown` is `PersonShown` as JSON."""

EPISODES = Table(
    "episodes",
    METADATA,
    Column("episode_id", String, primary_key=True),
    Column("person_id", String, primary_key=True),
    Column("holder_kind", String, nullable=False),
    Column("holder_id", String, nullable=False),
    Column("phase", String, nullable=False),
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
    Column("episode_id", String, primary_key=True),
    Column("person_id", String, primary_key=True),
    Column("contact_id", String, primary_key=True),
    Column("day", String, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("attendance", String, nullable=False),
    Column("in_error", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""One contact a row, as corrected; `day` is the London day on which it began."""

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", Integer, primary_key=True),
    Column("person_id", String),
    Column("episode_id", String),
    Column("type", String, nullable=False),
    Column("source", String, nullable=False),
    Column("happened", String, nullable=False),
    Column("recorded", String, nullable=False),
    Column("known_ms", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Index("timeline_by_person", "person_id"),
)
"""One fact of the episodes ledger a row, in clear fields only."""

HANDOVERS = Table(
    "handovers",
    METADATA,
    Column("handover_id", String, primary_key=True),
    Column("person_id", String, nullable=False),
    Column("episode_id", String, nullable=False),
    Column("requested_on", String, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("contract_id", String),
    Column("takes", String),
    Column("weekly_minutes", Integer, nullable=False),
    Column("shown", Text, nullable=False),
    Index("handovers_by_person", "person_id"),
    Index("handovers_by_contract", "contract_id", "takes"),
    sqlite_with_rowid=False,
)
"""One handover a row; `shown` is `HandoverCase` as JSON, and the columns beside it are what is asked for.

`takes` says how it takes minutes of the contract: reserved, used, or (null) not at all.
"""

CONTRACTS = Table(
    "contracts",
    METADATA,
    Column("contract_id", String, primary_key=True),
    Column("provider_id", String, nullable=False),
    Column("shown", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""One contract a row; `shown` is `ContractShown` as JSON."""

PROVIDERS = Table(
    "providers",
    METADATA,
    Column("provider_id", String, primary_key=True),
    Column("shown", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""One provider a row; `shown` is `ProviderShown` as JSON."""

WAVES = Table(
    "waves",
    METADATA,
    Column("wave_id", String, primary_key=True),
    Column("lot", String, nullable=False),
    Column("freeze_on", String, nullable=False),
    Column("shown", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""One wave a row; `shown` is `WaveShown` as JSON."""

HANDOVER_TIMELINE = Table(
    "handover_timeline",
    METADATA,
    Column("partition", Integer, primary_key=True),
    Column("offset", Integer, primary_key=True),
    Column("handover_id", String),
    Column("offer_id", String),
    Column("type", String, nullable=False),
    Column("source", String, nullable=False),
    Column("happened", String, nullable=False),
    Column("recorded", String, nullable=False),
    Column("known_ms", Integer, nullable=False),
    Column("today", String),
    Column("data", Text, nullable=False),
    Index("handover_timeline_by_handover", "handover_id"),
    Index("handover_timeline_by_offer", "offer_id"),
)
"""One fact of the handover ledger that names a handover or an offer a row, in clear fields only.

`today` is the county's day on which it was recorded.
"""

REFUSED = Table(
    "refused",
    METADATA,
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", Integer, primary_key=True),
    Column("event_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("code", String, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("source", String, nullable=False),
    Column("refused_at", String, nullable=False),
    Column("inbox_offset", Integer, nullable=False),
    Index("refused_by_event", "event_id"),
)
"""One refusal a row; its sentence is made when read."""

_SQLITE_SETTINGS = (
    "journal_mode = wal",  # readers and the one writer do not wait for each other
    "synchronous = full",  # what was committed survives a loss of power
    "busy_timeout = 30000",  # milliseconds
    "cache_size = -131072",  # KiB of pages kept in memory
    "wal_autocheckpoint = 16384",  # pages: 64 MiB are written back at once
    "temp_store = memory",
)


def open_engine(url: str) -> Engine:
    """The database at an SQLAlchemy URL. Statements that fail are never shown with their values."""
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True)
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


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, past SQLAlchemy's work for each row: it costs as much as the fold."""
    if rows:
        statement = table.insert().compile(connection, column_keys=list(rows[0]))
        # By their places, where the driver has places: it would look every value up by its name again.
        values = map(itemgetter(*statement.positiontup), rows) if statement.positiontup else rows
        connection.exec_driver_sql(str(statement), list(values))
