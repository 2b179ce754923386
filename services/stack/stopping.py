"""The wish to stop, which a signal brings at any moment, and work in an event loop that it may hit.

Knows how asyncio treats such a wish. Must never know what is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class StopAsked(KeyboardInterrupt):
    """SIGTERM, SIGINT or SIGHUP came. An event loop would keep any other exception to the task that it hits."""


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Do it in a loop of its own, which says nothing of a task that the wish to stop has hit: any of them may be."""

    async def done() -> T:
        asyncio.get_running_loop().set_exception_handler(_tell_all_but_the_wish_to_stop)
        return await work

    return asyncio.run(done())


def _tell_all_but_the_wish_to_stop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), StopAsked):
        loop.default_exception_handler(context)
