"""Python's collector of cycles, in a process whose state is large and a tree.

Knows when looking for cycles is worth its time. Must never know what the state is.
"""

from __future__ import annotations

import atexit
import gc

_YOUNG = 1_000_000
"""So many objects more than before, and the young ones are looked through. A turn of 2,000 inputs has 150,000 in hand,
which go when it ends: a look in the middle of each turn would cost a twelfth of its time."""
_OLDER, _OLD = 4, 100
"""After so many looks at the young the older ones are looked through too, and after so many of those all."""


def spare_the_collector() -> None:
    """Look through what is there now no more, and through what comes seldom: it costs much and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLD)
    atexit.register(gc.unfreeze)  # what an extension holds is let go at the end, else DuckDB's says that it leaks
