"""Python's collector of cycles, in a process whose state is large and a tree.

Knows when looking for cycles is worth its time. Must never know what the state is.
"""

from __future__ import annotations

import atexit
import gc


def spare_the_collector() -> None:
    """Look through what is there now no more, and through what comes seldom: it costs much and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    atexit.register(gc.unfreeze)  # what an extension holds is let go at the end, else DuckDB's says that it leaks
