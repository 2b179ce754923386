"""The write-once folder of checkpoints: one file for each, never written twice, readable by all, writable by nobody.

Knows files. Must never judge a checkpoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from services.audit.checkpoint import Checkpoint, place_of


def folder_of(data: Path) -> Path:
    """Where a system keeps its checkpoints."""
    return data / "checkpoints"


def keep(folder: Path, checkpoint: Checkpoint, note: str) -> str:
    """Keep a note, and return the one kept: that which was there already if there was one."""
    topic, partition = place_of(checkpoint.origin)
    path = folder / f"{topic}-{partition}" / f"{checkpoint.size:012}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        return path.read_text("utf-8")
    finally:
        beside.unlink()
    return note


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """Every note with the name of its file, by partition and size."""
    for path in sorted(path for path in folder.glob("*/*.txt") if path.is_file()):
        yield str(path.relative_to(folder)), path.read_text("utf-8", "replace")
