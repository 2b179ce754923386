"""A folder that somebody takes away is made new, and whole: nothing there is written over, no half of it is left.

Knows paths. Must never know what will lie in the folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.log.full_disk import is_full


class NotANewFolder(Exception):
    """The folder is there already, or cannot be made; the text says what to do."""


class NotWritten(Exception):
    """What was to be taken away could not be written, and nothing of it was left; the text says what to do."""


@contextmanager
def whole_or_not(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted one, which gets its name when all went well and is removed when not.

    Raises `NotANewFolder`, and `NotWritten` if the disk is full.
    """
    must_be_new(folder)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name[:100]}.", dir=folder.parent))
    try:
        yield building
        must_be_new(folder)
        building.rename(folder)
    except Exception as fault:
        if is_full(fault):
            raise NotWritten(
                f"the disk is full, so {folder} was not made and nothing of it was left: make room on the disk of "
                f"{folder.absolute().parent}, or name a folder on another"
            ) from fault
        raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def must_be_new(folder: Path) -> None:
    """Raises `NotANewFolder` unless the folder can be made beside what there is."""
    try:
        is_there, has_parent = folder.exists() or folder.is_symlink(), folder.parent.is_dir()
    except OSError as fault:
        raise NotANewFolder(f"no folder can have this name: {fault.strerror}") from fault
    if is_there:
        raise NotANewFolder(f"{folder} is there already: name a folder that is not")
    if not has_parent:
        raise NotANewFolder(f"there is no folder {folder.parent}: make it, or name another place")
    if not os.access(folder.parent, os.W_OK):
        raise NotANewFolder(f"{folder.parent} is closed to you: name a place where you may write")
