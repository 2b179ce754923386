"""Work in a thread beside the main one, which ends when the main one leaves, however it leaves.

Knows that a thread cannot be interrupted, but asked. Must never time anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def beside(work: Callable[[Event], T]) -> Iterator[Future[T]]:
    """What `work` will have found; the event that it is given says that nobody waits for it any more.

    Leaving waits for the thread, so work that did not look at its event would hold up whoever stops the benchmark.
    """
    over = Event()
    with ThreadPoolExecutor(max_workers=1) as threads:
        try:
            yield threads.submit(work, over)
        finally:
            over.set()
