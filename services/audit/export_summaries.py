"""Summaries: counts by two things at a time, with totals, small ones left out, so that they can be passed on.

Knows what is counted. The tables beside them are not meant to be passed on: they hold a row for each person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from services.audit.suppression import suppressed, with_totals


class Summary(NamedTuple):
    """Two columns of a table, and which of its rows are counted."""

    table: str
    row: str
    column: str
    where: str = "true"


SUMMARIES: Mapping[str, Summary] = {
    "people_by_district_and_years": Summary("people", "district", "birth_years"),
    "open_episodes_by_holder_and_phase": Summary("episodes", "holder", "phase", "ended_on IS NULL"),
    "handovers_by_provider_and_state": Summary("handovers", "provider", "state"),
    "refusals_by_type_and_code": Summary("refusals", "type", "code"),
}
_COLUMNS = '"row" TEXT, "column" TEXT, "count" INTEGER, left_out BOOLEAN'
_NONE = "NONE"


def summarise(connection: DuckDBPyConnection) -> Iterator[str]:
    """Make a table of each summary, and name it; what has no such row or column stands under NONE."""
    for name, summary in SUMMARIES.items():
        connection.execute(f"CREATE TABLE {name} ({_COLUMNS})")
        with connection.appender(name) as appender:
            appender.append_rows(list(_rows(connection, summary)))
        yield name


def _rows(connection: DuckDBPyConnection, summary: Summary) -> Iterator[tuple[str, str, int | None, bool]]:
    counted = connection.execute(
        f"SELECT coalesce({summary.row}, '{_NONE}'), coalesce({summary.column}, '{_NONE}'), count(*)"  # noqa: S608  # ours
        f" FROM {summary.table} WHERE {summary.where} GROUP BY ALL"
    ).fetchall()
    cells = with_totals({(row, column): count for row, column, count in counted})
    hidden = suppressed(cells)
    for (row, column), count in sorted(cells.items()):
        left_out = (row, column) in hidden
        yield row, column, None if left_out else count, left_out
