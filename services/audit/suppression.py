"""Small counts are left out of a summary, and as many others with them as it takes so that nobody can work them out.

Knows a table of counts with its totals. Must never know what was counted.

A count of 1 to 4 tells of people who could be found (ISB 1523, Anonymisation Standard for Publishing Health and Social
Care Data); a total from which the others are taken away tells the same. So what is hidden must have another value in
at least one table that fits all that is shown, even for a reader who knows that each hidden count is at least 1. That
is so if it lies on a cycle of hidden counts along which 1 can be added and taken away in turn (Gusfield, "A Graph
Theoretic Approach to Statistical Data Security", 1988); totals count as cells with the sign turned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TypeAlias

SMALL = 5
"""Counts below it are left out; 0 is shown, for it tells of nobody."""
TOTAL = "TOTAL"

Cell: TypeAlias = tuple[str, str]
Counts: TypeAlias = Mapping[Cell, int]
_Line: TypeAlias = tuple[str, str]
"""A row or a column: its axis and its name."""


def with_totals(counts: Counts) -> dict[Cell, int]:
    """The counts above 0 with the totals of each row, of each column and of all; their own names must not be TOTAL."""
    cells: dict[Cell, int] = {}
    for (row, column), count in counts.items():
        if count:
            for cell in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
                cells[cell] = cells.get(cell, 0) + count
    return cells


def suppressed(cells: Counts) -> set[Cell]:
    """What is left out of a table that `with_totals` made."""
    hidden = {cell for cell, count in cells.items() if 0 < count < SMALL}
    while (bare := _derivable(cells, hidden)) is not None:
        hidden.add(_companion(cells, hidden, bare))
    return hidden


def _companion(cells: Counts, hidden: set[Cell], bare: Cell) -> Cell:
    """The smallest count that can be hidden to protect one: of its own lines, else of all."""
    shown = [cell for cell in cells if cell not in hidden]
    near = [cell for cell in shown if cell[0] == bare[0] or cell[1] == bare[1]]
    return min(near or shown, key=lambda cell: (cells[cell], cell))


def _derivable(cells: Counts, hidden: set[Cell]) -> Cell | None:
    """A hidden count that all that is shown determines; None if there is none."""
    steps = _steps(cells, hidden)
    return next((cell for cell in sorted(hidden) if not _can_change(cell, steps)), None)


def _steps(cells: Counts, hidden: set[Cell]) -> dict[_Line, dict[_Line, Cell]]:
    """From line to line over hidden counts: row to column by one more (signed), back by one less."""
    steps: dict[_Line, dict[_Line, Cell]] = {}
    for cell in hidden:
        row, column = ("row", cell[0]), ("column", cell[1])
        for start, end, sign in ((row, column, 1), (column, row, -1)):
            if cells[cell] + sign * _sign(cell) >= 1:
                steps.setdefault(start, {})[end] = cell
    return steps


def _sign(cell: Cell) -> int:
    """A total stands on the other side of its line's sum; the total of all on that of both."""
    return -1 if (cell[0] == TOTAL) != (cell[1] == TOTAL) else 1


def _can_change(cell: Cell, steps: Mapping[_Line, Mapping[_Line, Cell]]) -> bool:
    row, column = ("row", cell[0]), ("column", cell[1])
    return any(
        steps.get(start, {}).get(end) == cell and _leads(end, start, cell, steps)
        for start, end in ((row, column), (column, row))
    )


def _leads(start: _Line, end: _Line, but: Cell, steps: Mapping[_Line, Mapping[_Line, Cell]]) -> bool:
    """Whether a way over other hidden counts closes the cycle."""
    seen, waiting = {start}, deque([start])
    while waiting:
        for following in _following(waiting.popleft(), but, steps):
            if following == end:
                return True
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def _following(line: _Line, but: Cell, steps: Mapping[_Line, Mapping[_Line, Cell]]) -> Iterator[_Line]:
    return (end for end, cell in steps.get(line, {}).items() if cell != but)
