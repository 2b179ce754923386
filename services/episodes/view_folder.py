"""Which file is the view: a folder with one SQLite file a generation, and a pointer to the one that is read.

Knows names and how they are switched. A new generation is filled beside the old one; the old file stays until the next
switch, for those who read it still. Must never know what a view holds.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from services.episodes.view import View
from services.episodes.view_tables import SCHEMA

_SQLITE = "sqlite:///"


class ViewFolder:
    """The views of this release's shape in one folder, which is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._pointer = folder / f"current-{SCHEMA}"

    def current(self) -> str:
        """URL of the view that is read; the first one is made empty."""
        with suppress(FileNotFoundError):
            return url_of(self._folder / self._pointer.read_text("utf-8"))
        first = self._made()
        with suppress(FileExistsError):  # somebody else has made the first one at the same time
            os.link(self._note(first), self._pointer)
        return url_of(self._folder / self._pointer.read_text("utf-8"))

    def new(self) -> str:
        """A new, empty view beside those there are; nobody reads it before the switch."""
        return url_of(self._made())

    def switch(self, url: str) -> None:
        """From now on this one is read; all but it and the former one are removed."""
        path = Path(url.removeprefix(_SQLITE))
        former = Path(self._pointer.read_text("utf-8")).stem
        self._note(path).replace(self._pointer)
        for old in self._folder.glob(f"view-{SCHEMA}-*.sqlite*"):
            if old.name.partition(".")[0] not in (path.stem, former):
                old.unlink(missing_ok=True)

    def _made(self) -> Path:
        numbers = [int(path.stem.rpartition("-")[2]) for path in self._folder.glob(f"view-{SCHEMA}-*.sqlite")]
        for number in range(max(numbers, default=0) + 1, 10_000):
            path = self._folder / f"view-{SCHEMA}-{number:04}.sqlite"
            with suppress(FileExistsError):
                path.touch(exist_ok=False)
                View(url_of(path)).close()
                return path
        raise FileExistsError(f"the folder of views {self._folder} is full; remove old ones")

    def _note(self, path: Path) -> Path:
        note = self._folder / f"{path.stem}.pointer"
        note.write_text(path.name, "utf-8")
        return note


def url_of(path: Path) -> str:
    """The SQLAlchemy URL of a view's file."""
    return f"{_SQLITE}{path.absolute()}"
