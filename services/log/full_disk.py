"""What a full disk looks like to those who write: the system, SQLite and DuckDB each say it in their own way.

Knows error numbers and words. Must never know what was being written.
"""

from __future__ import annotations

import errno

_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT})
_WORDS = ("No space left on device", "Disk quota exceeded", "database or disk is full")
_DEEPEST = 8


def is_full(fault: BaseException) -> bool:
    """Whether an error, or what it was raised for, came of a disk without room."""
    deep: BaseException | None = fault
    for _ in range(_DEEPEST):
        if deep is None:
            return False
        if getattr(deep, "errno", None) in _NUMBERS or any(words in str(deep) for words in _WORDS):
            return True
        deep = deep.__cause__ or deep.__context__
    return False
