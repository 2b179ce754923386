"""A wish to stop comes at any moment, also inside a task that nobody asks for its outcome any more."""

from __future__ import annotations

import asyncio
import gc

import pytest

from services.stack.stopping import StopAsked, in_a_loop


async def hit() -> None:
    """A task that a signal has hit."""
    raise StopAsked


async def waits_for(task: asyncio.Task[None]) -> None:
    """Somebody who hears of it only when cancelled, as `asyncio.wait_for` does before Python 3.12."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        task.result()


async def work() -> None:
    """Two tasks, of which the second is nobody's."""
    await waits_for(asyncio.create_task(hit()))


def test_a_wish_to_stop_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Whichever task is hit, the wish comes out, and nothing is said of tasks whose outcome nobody took."""
    with pytest.raises(StopAsked):
        in_a_loop(work())
    gc.collect()
    assert caplog.records == []


def test_any_other_fault_of_a_task_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A task that fails by itself is not passed over in silence."""

    async def fails() -> None:
        raise ValueError("something else")

    async def forgets() -> None:
        asyncio.create_task(fails())  # noqa: RUF006  # that nobody keeps it is the point
        await asyncio.sleep(0)

    in_a_loop(forgets())
    gc.collect()
    assert "never retrieved" in caplog.text
