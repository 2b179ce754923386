"""The refusals of a batch, as rows of the view.

Knows one table. A refusal holds no content, and its sentence is made when read (design §4).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection

from services.episodes.view_tables import REFUSED, insert_rows
from services.log.kept import Kept


class RefusedPage:
    """The rows of one batch of one refused partition; no day begins there."""

    def __init__(self, partition: int, today: date | None) -> None:
        self.today = today
        self._rows: list[dict[str, Any]] = []

    def add(self, kept: Kept) -> None:
        """Take the next refusal."""
        self._rows.append(_row(kept))

    def fold(self, connection: Connection) -> None:
        """A refusal changes no row of another."""

    def write(self, connection: Connection) -> None:
        """Write all rows."""
        insert_rows(connection, REFUSED, self._rows)


def _row(kept: Kept) -> dict[str, Any]:
    return {
        "topic": kept.topic,
        "partition": kept.partition,
        "offset": kept.offset,
        "event_id": kept.causation_id,
        "type": kept.data["type"],
        "subject": kept.subject,
        "code": kept.data["code"],
        "parameters": orjson.dumps(kept.data["parameters"]).decode(),
        "source": kept.data["source"],
        "refused_at": kept.recorded_time,
        "inbox_offset": kept.inbox_offset,
    }
