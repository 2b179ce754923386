"""What a benchmark gives: figures with their target, and profiles that say where the time went.

Knows medians, tables and what a target means. Must never know what was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, measured several times; `target` is the least it should be, or with `at_most` the most."""

    name: str
    unit: str
    values: tuple[float, ...]
    target: float | None = None
    at_most: bool = False

    @property
    def median(self) -> float:
        """The figure itself."""
        return median(self.values)

    @property
    def missed(self) -> bool:
        """Whether there is a target and it was not reached."""
        if self.target is None:
            return False
        return self.median > self.target if self.at_most else self.median < self.target

    def said(self) -> dict[str, Any]:
        """The figure as JSON."""
        spread = {"median": self.median, "min": min(self.values), "max": max(self.values), "values": self.values}
        return {"name": self.name, "unit": self.unit, **spread, "target": self._target(), "missed": self.missed}

    def row(self) -> tuple[str, ...]:
        """The figure as cells of the table."""
        numbers = (self.median, min(self.values), max(self.values))
        verdict = "" if self.target is None else "missed" if self.missed else "met"
        return (self.name, *map(_short, numbers), str(len(self.values)), self.unit, self._target(), verdict)

    def _target(self) -> str:
        if self.target is None:
            return ""
        return f"{'<=' if self.at_most else '>='} {_short(self.target)}"


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time of one run went: share of it by kind of work, the largest first."""

    name: str
    shares: Mapping[str, float]

    def lines(self) -> Iterable[str]:
        """One line a kind of work."""
        yield f"Where the time went: {self.name}"
        yield from (f"  {share:6.1%}  {kind}" for kind, share in self.shares.items())


_NUMBERS = range(1, 5)
_HEAD = ("figure", "median", "min", "max", "runs", "unit", "target", "")


def table(figures: Iterable[Figure]) -> list[str]:
    """The figures as lines of a table."""
    rows = [_HEAD, *(figure.row() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [
        cell.rjust(width) if at in _NUMBERS else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
