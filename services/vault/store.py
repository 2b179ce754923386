"""The vault's database: all its tables and every statement put to them.

Knows SQL. Must never know a key in the clear, an NHS number, or a clock.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from services.vault.key_files import alone_in, private_folder, refuse_exposed

_BUSY_SECONDS = 10
_IDS_A_STATEMENT = 1000
_VERSION = 1

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE key_mark (name TEXT PRIMARY KEY, mark BLOB NOT NULL);
CREATE TABLE person_key (
    person_id TEXT PRIMARY KEY, wrapped BLOB, made_at TEXT NOT NULL, destroyed_at TEXT,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE INDEX person_key_destroyed ON person_key (person_id) WHERE wrapped IS NULL;
CREATE TABLE month_key (
    key_id TEXT PRIMARY KEY, public BLOB NOT NULL, wrapped BLOB, made_at TEXT NOT NULL, destroyed_at TEXT,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE TABLE register (number_index BLOB PRIMARY KEY, person_id TEXT NOT NULL, event_id TEXT NOT NULL);
CREATE INDEX register_person ON register (person_id);
CREATE TABLE answer (
    topic TEXT, inbox_partition INTEGER, inbox_offset INTEGER,
    answer TEXT NOT NULL CHECK (answer IN ('free', 'taken', 'claimed')),
    PRIMARY KEY (topic, inbox_partition, inbox_offset)
);
CREATE TABLE refused_key (
    topic TEXT, inbox_partition INTEGER, inbox_offset INTEGER,
    person_id TEXT NOT NULL REFERENCES person_key (person_id), wrapped BLOB NOT NULL,
    PRIMARY KEY (topic, inbox_partition, inbox_offset)
);
CREATE TABLE opening (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, what TEXT NOT NULL,
    prev_hash BLOB NOT NULL, hash BLOB NOT NULL
);
PRAGMA user_version = {_VERSION};
COMMIT;
"""


class VaultBusy(Exception):
    """Another process has kept the vault to itself for more than 10 seconds; the text says what came of it."""


class VaultDamaged(Exception):
    """The database is none, or its pages are not as they were written."""


class Place(NamedTuple):
    """Where an input lies in the log."""

    topic: str
    partition: int
    offset: int


class OpeningRow(NamedTuple):
    """One row of the log of openings; what it means is in `openings`."""

    seq: int
    at: str
    who: str
    why: str
    what: str
    prev_hash: bytes
    hash: bytes


class Store:
    """One process's connection to the database, made (0600, in a folder of 0700) where there is none.

    Raises `VaultDamaged`; every method that writes may raise `VaultBusy`.
    """

    def __init__(self, path: Path) -> None:
        private_folder(path.parent)
        with alone_in(path.parent):
            self._db = _connect(path)

    def close(self) -> None:
        """Let go of the database; what was not committed is gone."""
        self._db.close()

    # Transactions

    def begin(self) -> None:
        """Start a transaction as the only writer, unless this connection is in one already."""
        if self._db.in_transaction:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise VaultBusy(
                f"another process has been writing the vault for {_BUSY_SECONDS} s; nothing was changed, try again"
            ) from fault

    def commit(self) -> None:
        """Make everything since `begin` durable."""
        self._db.commit()

    def rollback(self) -> None:
        """Take back everything since `begin`."""
        self._db.rollback()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Make what is written inside durable on leaving, and with it whatever this connection had begun before."""
        self.begin()
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.commit()

    def scrub(self) -> None:
        """Empty the write-ahead log, so that no page of it still holds what has been destroyed.

        Raises `VaultBusy` if somebody reads the vault as it was before.
        """
        ((busy, _, _),) = self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise VaultBusy(
                "the key is destroyed, but somebody has been reading the vault as it was before for "
                f"{_BUSY_SECONDS} s, so a file beside it may hold the key still: do the same once more"
            )

    # Marks of the key files

    def key_mark(self, name: str) -> bytes | None:
        """The mark of the key file this database was made with; None before its first use."""
        return self._bytes("SELECT mark FROM key_mark WHERE name = ?", (name,))

    def add_key_mark(self, name: str, mark: bytes) -> None:
        """Keep a key file's mark, unless there is one."""
        self._db.execute("INSERT INTO key_mark VALUES (?, ?) ON CONFLICT DO NOTHING", (name, mark))

    # Keys of persons and months

    def person_keys(self, person_ids: Iterable[str]) -> dict[str, bytes | None]:
        """The wrapped keys of those who have one; None for those whose key was destroyed."""
        left, found = iter(person_ids), dict[str, bytes | None]()
        while some := tuple(islice(left, _IDS_A_STATEMENT)):
            marks = ", ".join("?" * len(some))
            statement = f"SELECT person_id, wrapped FROM person_key WHERE person_id IN ({marks})"  # noqa: S608 - only "?"
            found.update(self._rows(statement, some))
        return found

    def erased_people(self) -> frozenset[str]:
        """All whose key was destroyed."""
        return frozenset(row[0] for row in self._rows("SELECT person_id FROM person_key WHERE wrapped IS NULL", ()))

    def destroy_person_key(self, person_id: str, at: str) -> None:
        """Overwrite a person's key, or leave the mark of its destruction where this database never had one."""
        self._db.execute(
            "INSERT INTO person_key (person_id, wrapped, made_at, destroyed_at) VALUES (?, NULL, ?, ?) "
            "ON CONFLICT (person_id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at "
            "WHERE wrapped IS NOT NULL",
            (person_id, at, at),
        )

    def forget_person(self, person_id: str) -> None:
        """Drop a person's numbers from the register, and the content keys of what was refused of them."""
        self._db.execute("DELETE FROM register WHERE person_id = ?", (person_id,))
        self._db.execute("DELETE FROM refused_key WHERE person_id = ?", (person_id,))

    def add_person_keys(self, rows: Iterable[tuple[str, bytes, str]]) -> None:
        """Keep new keys (person id, wrapped, made at); who has a key or a tombstone keeps that."""
        self._db.executemany(
            "INSERT INTO person_key (person_id, wrapped, made_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows
        )

    def month_public(self, key_id: str) -> bytes | None:
        """A month's public key; None if there was none."""
        return self._bytes("SELECT public FROM month_key WHERE key_id = ?", (key_id,))

    def month_wrapped(self, key_id: str) -> bytes | None:
        """A month's wrapped private key; None if there was none or it is destroyed."""
        return self._bytes("SELECT wrapped FROM month_key WHERE key_id = ?", (key_id,))

    def add_month_key(self, key_id: str, public: bytes, wrapped: bytes, made_at: str) -> None:
        """Keep a month's key pair, unless the month has or had one."""
        self._db.execute(
            "INSERT INTO month_key (key_id, public, wrapped, made_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (key_id, public, wrapped, made_at),
        )

    def months_alive(self) -> list[str]:
        """The months whose private key still exists, oldest first."""
        return [key for (key,) in self._rows("SELECT key_id FROM month_key WHERE wrapped IS NOT NULL ORDER BY key_id")]

    def months(self) -> list[tuple[str, str, str | None]]:
        """Every month's key: id, when it was made and when destroyed, oldest first."""
        return self._rows("SELECT key_id, made_at, destroyed_at FROM month_key ORDER BY key_id")

    def destroy_month_key(self, key_id: str, at: str) -> None:
        """Overwrite a month's private key."""
        self._db.execute("UPDATE month_key SET wrapped = NULL, destroyed_at = ? WHERE key_id = ?", (at, key_id))

    # The register of NHS numbers

    def holder(self, number_index: bytes) -> str | None:
        """The person who holds a number."""
        return self._text("SELECT person_id FROM register WHERE number_index = ?", (number_index,))

    def add_holder(self, number_index: bytes, person_id: str, event_id: str) -> bool:
        """Give a number to a person, unless somebody holds it; tell whether it was given."""
        row = (number_index, person_id, event_id)
        return self._db.execute("INSERT INTO register VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount == 1

    def free_all_but(self, number_index: bytes, person_id: str) -> None:
        """Free every other number of a person."""
        self._db.execute("DELETE FROM register WHERE person_id = ? AND number_index <> ?", (person_id, number_index))

    # What was answered, and content keys of what was refused, by the place of the input

    def answers(self, topic: str, partition: int, offsets: range) -> dict[int, str]:
        """The answers once given for the inputs at these offsets."""
        statement = (
            "SELECT inbox_offset, answer FROM answer WHERE topic = ? AND inbox_partition = ? "
            "AND inbox_offset >= ? AND inbox_offset < ?"
        )
        return dict(self._rows(statement, (topic, partition, offsets.start, offsets.stop)))

    def add_answers(self, answers: Iterable[tuple[Place, str]]) -> None:
        """Keep answers; the first given for an input stands."""
        self._db.executemany(
            "INSERT INTO answer VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", ((*place, text) for place, text in answers)
        )

    def overrule_answer(self, place: Place, text: str) -> None:
        """Keep an answer in place of whatever was answered before."""
        self._db.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?) ON CONFLICT (topic, inbox_partition, inbox_offset) "
            "DO UPDATE SET answer = excluded.answer",
            (*place, text),
        )

    def refused_key(self, place: Place, person_id: str) -> bytes | None:
        """The wrapped content key of a refused input of this person."""
        return self._bytes(
            "SELECT wrapped FROM refused_key "
            "WHERE topic = ? AND inbox_partition = ? AND inbox_offset = ? AND person_id = ?",
            (*place, person_id),
        )

    def add_refused_keys(self, keys: Iterable[tuple[Place, str, bytes]]) -> None:
        """Keep content keys of refused inputs; the first kept for an input stands."""
        self._db.executemany(
            "INSERT INTO refused_key VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            ((*place, person_id, wrapped) for place, person_id, wrapped in keys),
        )

    # The log of openings

    def last_opening(self) -> OpeningRow | None:
        """The newest row of the log of openings."""
        rows = self._rows("SELECT * FROM opening ORDER BY seq DESC LIMIT 1")
        return OpeningRow(*rows[0]) if rows else None

    def opening_hashes(self, after: int) -> list[bytes]:
        """The hashes of the rows of the log of openings with a higher number, in order."""
        rows: list[tuple[bytes]] = self._rows("SELECT hash FROM opening WHERE seq > ? ORDER BY seq", (after,))
        return [hashed for (hashed,) in rows]

    def openings(self) -> Iterator[OpeningRow]:
        """Every row of the log of openings, in order."""
        return map(OpeningRow._make, self._db.execute("SELECT * FROM opening ORDER BY seq"))

    def add_opening(self, row: OpeningRow) -> None:
        """Append to the log of openings."""
        self._db.execute("INSERT INTO opening VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        # All rows at once: a statement left half read would hold an old view of the database open.
        return self._db.execute(statement, values).fetchall()

    def _bytes(self, statement: str, values: Sequence[object]) -> bytes | None:
        rows: list[tuple[bytes | None]] = self._rows(statement, values)
        return rows[0][0] if rows else None

    def _text(self, statement: str, values: Sequence[object]) -> str | None:
        rows: list[tuple[str | None]] = self._rows(statement, values)
        return rows[0][0] if rows else None


def _connect(path: Path) -> sqlite3.Connection:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    refuse_exposed(path)
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        _prepare(db)
    except sqlite3.OperationalError:  # busy, or not to be written: nothing is wrong with what lies there
        db.close()
        raise
    except sqlite3.DatabaseError as fault:
        db.close()
        raise VaultDamaged(f"{path} is damaged, or no vault's database. Bring it back from its backup.") from fault
    return db


def _prepare(db: sqlite3.Connection) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    if db.execute("PRAGMA user_version").fetchall() == [(0,)]:
        db.executescript(_SCHEMA)
