"""The ledgers and refusals of a whole county into tables, and how far they were read.

Knows the order of reading: checkpoints first, so that each lies within what is read after it. Must never know what
becomes of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from duckdb import DuckDBPyConnection

from services.audit.checkpoint import NotACheckpoint, origin_of, read_unverified
from services.audit.export_episodes import EpisodesExport
from services.audit.export_handovers import HandoversExport
from services.audit.export_loading import Loading
from services.audit.export_record import Told, told_in
from services.audit.export_refusals import RefusalsExport
from services.audit.partition_reading import ReaderOf, flows, read_whole
from services.audit.pseudonyms import Naming
from services.log.chain import record_hash
from services.log.kept import UNLIKE_A_HOST, altered
from services.log.ports import Place
from services.log.record import Record
from services.words.topics import CHECKPOINTS, EPISODES, Flow

_SAID_EVERY = 100_000
Progress = Callable[[str], None]
"""Is told in words how far it is."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition was read; `last_hash` is H(record) of its last record, hexadecimal, by which it is known.

    `next_offset` is 0 and the rest None while it is empty; `checkpoint` is the newest one, None if there is none.
    """

    topic: str
    partition: int
    records: int
    next_offset: int
    last_hash: str | None
    last_known_at: str | None
    checkpoint: str | None


class _Export(Protocol):
    def take(self, told: Told) -> None: ...

    def end(self) -> None: ...


async def load(
    reader_of: ReaderOf, partitions: int, connection: DuckDBPyConnection, name: Naming, progress: Progress
) -> list[Position]:
    """Fill the tables of `export_tables` from every ledger and refused partition; how far each was read.

    Raises `Altered` at a record that no host wrote.
    """
    notes = await _newest_checkpoints(reader_of)
    loading = Loading(connection)
    positions = []
    for (topic, number), export in _exports(partitions, name, loading):
        origin = origin_of((topic, number))
        positions.append(await _read(reader_of, (topic, number), export, notes.get(origin), progress))
    progress("making the contacts of what was said of them")
    loading.end()
    return positions


def _exports(partitions: int, name: Naming, loading: Loading) -> Iterator[tuple[Place, _Export]]:
    for flow, number in flows(partitions):
        yield (flow.ledger, number), _ledger(flow, name, loading)
        yield (flow.refused, number), RefusalsExport(flow, name, loading.add)


def _ledger(flow: Flow, name: Naming, loading: Loading) -> _Export:
    return (EpisodesExport if flow == EPISODES else HandoversExport)(name, loading.add)


async def _read(reader_of: ReaderOf, place: Place, export: _Export, note: str | None, progress: Progress) -> Position:
    last: Record | None = None
    count = 0
    progress(f"reading {origin_of(place)}")
    async for records in read_whole(reader_of, place):
        for record in records:
            _take(export, record)
        last, before, count = records[-1], count, count + len(records)
        if count // _SAID_EVERY > before // _SAID_EVERY:
            progress(f"reading {origin_of(place)}: {count:,} records")
    export.end()
    if last is None:
        return Position(*place, 0, 0, None, None, note)
    known_at = datetime.fromtimestamp(last.timestamp / 1000, UTC).isoformat(timespec="milliseconds")
    last_hash = record_hash(last.key, last.headers, last.value).hex()
    return Position(*place, count, last.offset + 1, last_hash, known_at, note)


def _take(export: _Export, record: Record) -> None:
    try:
        export.take(told_in(record))
    except UNLIKE_A_HOST as fault:
        raise altered(record) from fault


async def _newest_checkpoints(reader_of: ReaderOf) -> dict[str, str]:
    """The text of the newest checkpoint of each origin; whether it is genuine is for `sis audit verify` to say."""
    sizes: dict[str, int] = {}
    notes: dict[str, str] = {}
    async for records in read_whole(reader_of, (CHECKPOINTS, 0)):
        for record in records:
            note = (record.value or b"").decode(errors="replace")
            with suppress(NotACheckpoint):
                read = read_unverified(note)
                if read.size >= sizes.get(read.origin, 0):
                    sizes[read.origin], notes[read.origin] = read.size, note
    return notes
