"""The read view: a fold of ledgers and refusals in SQL, moved on by one transaction a batch.

Knows where each partition stands and which hash comes next, and keeps both in the transaction that writes the rows: so
a fact is applied exactly once, whatever crashes. Must never know who hands the records over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from services.episodes.handover_page import HandoverPage
from services.episodes.refused_page import RefusedPage
from services.episodes.view_page import EpisodesPage
from services.episodes.view_tables import METADATA, POSITION, alone_in, open_engine
from services.log.chain import ZEROS, record_hash
from services.log.kept import Kept, read_kept
from services.log.ports import Place
from services.log.record import Record
from services.words.envelope import PREVIOUS_HASH
from services.words.topics import EPISODES_LEDGER, EPISODES_REFUSED, HANDOVER_LEDGER, HANDOVER_REFUSED


class Page(Protocol):
    """What a batch of one partition changes in the tables."""

    @property
    def today(self) -> date | None:
        """The partition's today after the batch."""

    def add(self, kept: Kept) -> None:
        """Take the next record."""

    def fold(self, connection: Connection) -> None:
        """Reckon from what stands what the batch makes of it; only the batch's own partition changes what is read."""

    def write(self, connection: Connection) -> None:
        """Write all rows."""


Pages = Mapping[str, Callable[[int, date | None], Page]]
"""By topic, what makes the page of a batch from the partition's number and its today before."""

_PAGES: Pages = {
    EPISODES_LEDGER: EpisodesPage,
    EPISODES_REFUSED: RefusedPage,
    HANDOVER_LEDGER: HandoverPage,
    HANDOVER_REFUSED: RefusedPage,
}
TOPICS = tuple(_PAGES)
"""What the view is a fold of."""
_RETIRED = -1


class ChainBroken(Exception):
    """A record does not carry the hash of the one before it: the log was altered, or belongs to another system."""


class PositionMoved(Exception):
    """Somebody else has moved this view on; its former owner must end and begin again from where the view stands."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition is to be read on, the hash that its next record carries, and the last day begun in it."""

    next_offset: int = 0
    last_hash: bytes = ZEROS
    today: date | None = None


START = Position()
_MOVE_ON = update(POSITION).where(
    POSITION.c.topic == bindparam("of"),
    POSITION.c.partition == bindparam("number"),
    POSITION.c.next_offset == bindparam("read_from"),
    POSITION.c.last_hash == bindparam("followed"),
)


class View:
    """A view for its one writer. Any exception of `apply` means: end the process, nothing of the batch was written."""

    def __init__(self, url: str, pages: Pages = _PAGES) -> None:
        self._pages = pages
        self.engine: Engine = open_engine(url)
        METADATA.create_all(self.engine)
        self._positions: dict[Place, Position] = {}
        self.reload()

    def reload(self) -> Mapping[Place, int]:
        """Take up the positions as the database has them; the next offset by partition.

        Raises `PositionMoved` if another view has taken this one's place.
        """
        with self.engine.begin() as connection:
            rows = connection.execute(select(POSITION)).all()
        if any(row.next_offset == _RETIRED for row in rows):
            raise PositionMoved("this view was replaced by a newer one")
        self._positions = {(row.topic, row.partition): _position(row) for row in rows}
        return {place: position.next_offset for place, position in self._positions.items()}

    def apply(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Fold a batch of one partition, in offset order; returns how many records were new.

        Records below the position were applied before and are passed over. Raises `ChainBroken`, `PositionMoved`.
        """
        place = (topic, partition)
        before = self._positions.get(place, START)
        fresh = [record for record in records if record.offset >= before.next_offset]
        if not fresh:
            return 0
        last_hash = _follow_chain(fresh, before.last_hash)
        page = self._pages[topic](partition, before.today)
        for record in fresh:
            page.add(read_kept(record))
        after = Position(fresh[-1].offset + 1, last_hash, page.today)
        # Before the transaction that writes: other partitions' writers wait while that is open. Had somebody else moved
        # this partition on since it was read, `_move` would find out.
        with self.engine.connect() as connection:
            page.fold(connection)
        with self.engine.begin() as connection:
            _move(connection, place, before, after)
            page.write(connection)
        self._positions[place] = after
        return len(fresh)

    def stands(self, place: Place) -> Position:
        """Where a partition stands; `START` if nothing of it was folded."""
        return self._positions.get(place, START)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def retire(url: str, places: Iterable[Place]) -> None:
    """Let nobody move the view at this URL on any more; it can still be read."""
    engine = open_engine(url)
    with engine.begin() as connection:
        alone_in(connection, POSITION)
        connection.execute(POSITION.update().values(next_offset=_RETIRED))
        known = {
            (topic, partition)
            for topic, partition in connection.execute(select(POSITION.c.topic, POSITION.c.partition))
        }
        for topic, partition in set(places) - known:
            row = {"topic": topic, "partition": partition, "next_offset": _RETIRED, "last_hash": ZEROS}
            connection.execute(POSITION.insert().values(row))
    engine.dispose()


def _follow_chain(records: Sequence[Record], last_hash: bytes) -> bytes:
    for record in records:
        if not record.headers or record.headers[-1] != (PREVIOUS_HASH, last_hash):
            where = f"{record.topic} partition {record.partition} offset {record.offset}"
            raise ChainBroken(
                f"{where} does not follow the record before it: one of the two was altered, removed or put in. "
                "sis audit verify says what was done"
            )
        last_hash = record_hash(record.key, record.headers, record.value)
    return last_hash


def _move(connection: Connection, place: Place, before: Position, after: Position) -> None:
    """Compare and set: whoever finds another position than the one they read from is not the owner any more."""
    topic, partition = place
    values = {"next_offset": after.next_offset, "last_hash": after.last_hash, "today": _iso(after.today)}
    if before is START:
        try:
            connection.execute(POSITION.insert().values(topic=topic, partition=partition, **values))
        except IntegrityError:
            raise PositionMoved(_moved(place)) from None
        return
    mine = {"of": topic, "number": partition, "read_from": before.next_offset, "followed": before.last_hash}
    if connection.execute(_MOVE_ON, {**mine, **values}).rowcount != 1:
        raise PositionMoved(_moved(place))


def _moved(place: Place) -> str:
    return f"somebody else has moved the view on in {place[0]} partition {place[1]}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _position(row: Row[Any]) -> Position:
    return Position(row.next_offset, row.last_hash, date.fromisoformat(row.today) if row.today else None)
