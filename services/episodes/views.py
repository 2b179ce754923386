"""The generations of the read view, wherever they are kept: files in a folder, or schemas in a database.

Knows which of the two a setting means. Must never know what a view holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from services.episodes.view_database import ViewDatabase
from services.episodes.view_folder import ViewFolder


class Views(Protocol):
    """The views of this release's shape; each has an SQLAlchemy URL of its own."""

    def current(self) -> str:
        """URL of the view that is read; the first one is made empty."""

    def new(self) -> str:
        """A new, empty view beside those there are; nobody reads it before the switch."""

    def switch(self, url: str) -> None:
        """From now on this one is read; all but it and the former one are removed."""


def views_of(url: str, data: Path) -> Views:
    """The views in the PostgreSQL database at a URL; without a URL those in SQLite in the data folder."""
    return ViewDatabase(url) if url else ViewFolder(data / "view")
