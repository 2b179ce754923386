"""A measurement in a process that nothing has warmed, as a command's own is.

Knows that an audit's processes are copies of one that is kept as long as the process that began it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def anew(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work gives in a new process; what it takes to begin that one is not in what it measures itself."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *args, **kwargs).result()
