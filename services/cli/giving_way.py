"""Long work of auditors gives way to the system that people wait for.

Knows the priority of processes. Must never know what the work is.
"""

from __future__ import annotations

import os

_NICENESS = 15


def give_way() -> None:
    """Take the processor only when nobody else wants it: for each process of a pool, at its start."""
    os.nice(_NICENESS)
