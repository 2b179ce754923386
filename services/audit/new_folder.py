"""A folder that somebody takes away is made new: nothing that lies there already is written over or mixed with it.

Knows paths. Must never know what will lie in the folder.
"""

from __future__ import annotations

import os
from pathlib import Path


class NotANewFolder(Exception):
    """The folder is there already, or cannot be made; the text says what to do."""


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
