"""Folds of points that were asked for before, kept so that the same question takes a moment.

Knows files and their names. A file that is being made has another name, so half a fold is never taken for one. Must
never know what a fold holds.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from services.audit.point import Point
from services.episodes.view_tables import SCHEMA

_KEPT = 4
"""So many points, the ones asked for last."""


class StoredFolds:
    """The stored folds of one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder

    def of(self, point: Point) -> Path:
        """Where the fold of this point is, or is to be."""
        return self.folder / f"as-of-{SCHEMA}-{str(point).replace(':', '')}.sqlite"

    def begun(self, point: Point) -> Path:
        """A new empty file beside it, for a fold that is being made."""
        path = self.folder / f".{os.getpid()}.{self.of(point).name}"
        _remove(path)
        return path

    def keep(self, made: Path, point: Point) -> Path:
        """Let a made fold be the stored one; older ones beyond the number kept are removed."""
        stored = self.of(point)
        _remove(stored)
        made.replace(stored)
        _remove(made)
        return stored

    def drop(self, made: Path) -> None:
        """Remove a fold that could not be made whole."""
        _remove(made)

    def prune(self) -> None:
        """Remove all but those that were asked for last."""
        newest_first = sorted(self.folder.glob("as-of-*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in newest_first[_KEPT:]:
            _remove(path)

    def clear(self) -> None:
        """Remove every one: they hold what was known of somebody who is to be forgotten."""
        for path in [*self.folder.glob("as-of-*.sqlite"), *self.folder.glob(".*.sqlite")]:
            _remove(path)


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(FileNotFoundError):
            path.with_name(name).unlink()
