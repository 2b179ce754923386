"""Files that are there whole or not at all: written beside their place, forced to disk, then moved there.

Knows files. Must never know what is in them.
"""

from __future__ import annotations

import os
from pathlib import Path

UNFINISHED = ".part"
"""Ends the name of a file that is still being written, behind a leading dot; nobody reads such a file."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; when this returns it is on disk, and before that nobody sees it."""
    beside = path.with_name(f".{path.name}{UNFINISHED}")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _to_disk(path.parent)


def _to_disk(folder: Path) -> None:
    """A rename is on disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
