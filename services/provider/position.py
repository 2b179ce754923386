"""Where a provider stopped: a small file of its own, with the offset of the first message that it has not handled.

Knows one number in one file. Must never go back.
"""

from __future__ import annotations

from pathlib import Path

from services.provider.whole_files import write_whole


class PositionUnreadable(Exception):
    """The file does not hold a position; the text says what to do."""


class Position:
    """A position in a file; without a file it begins at 0 and is forgotten with the process."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises `PositionUnreadable`."""
        self._path = path
        self.next = _read(path) if path is not None and path.exists() else 0

    def handled(self, offset: int) -> None:
        """All messages up to this one are handled; kept when this returns, whatever happens next."""
        if offset < self.next:
            return
        self.next = offset + 1
        if self._path is not None:
            write_whole(self._path, f"{self.next}\n".encode())


def _read(path: Path) -> int:
    text = path.read_text("utf-8", errors="replace").strip()
    if not text.isascii() or not text.isdigit():
        raise PositionUnreadable(
            f"{path} holds no position; remove it, and every message of the last year comes again under its old id"
        )
    return int(text)
