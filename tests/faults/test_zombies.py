"""Two owners of one partition, owners that sleep and wake, and a broker that freezes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.faults.system import System, lives, running_system
from tests.faults.telling import Telling

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

TRY_AGAIN = 75
"""How a service ends that has been fenced."""
TO_THE_END = 1.0


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A system of this test's own."""
    with running_system(tmp_path / "data") as running:
        yield running


@asynccontextmanager
async def told(system: System) -> AsyncIterator[Telling]:
    """The feed is told meanwhile, a third of it at first; in the end all of it, and the answers must be exact."""
    telling = Telling(system)
    telling.share_allowed = 0.3
    async with asyncio.TaskGroup() as group:
        told = group.create_task(telling.tell())
        yield telling
        telling.share_allowed = TO_THE_END
    assert told.exception() is None, "all of it was told"  # raises if it was cancelled, which a group keeps to itself
    await system.settle()
    await system.must_be_exact()


@contextmanager
def a_second_recorder(system: System) -> Iterator[subprocess.Popen[bytes]]:
    """A recorder that nobody supervises, on the partitions of the one that is."""
    second = system.beside("services.episodes", "recorder")
    try:
        yield second
    finally:
        second.kill()
        second.wait()


async def until_new(system: System, telling: Telling) -> None:
    """Let more of the feed be told until something new was recorded."""
    before = await system.progress("recorder")
    async with asyncio.timeout(120):
        while await system.progress("recorder") <= before:
            telling.share_allowed = min(TO_THE_END, telling.share_allowed + 0.002)
            await asyncio.sleep(0.05)


async def until_ended(pid: int, telling: Telling, within: float) -> None:
    """Wait until a process has ended, with new things to record meanwhile."""
    async with asyncio.timeout(within):
        while lives(pid):
            telling.share_allowed = min(TO_THE_END, telling.share_allowed + 0.002)
            await asyncio.sleep(0.05)


async def test_of_two_recorders_one_survives(system: System) -> None:
    """Two recorders on the same partitions fence each other until one is left; the ledger is that of one."""
    async with told(system) as telling:
        await until_new(system, telling)
        for _ in range(3):
            with a_second_recorder(system) as second:
                await until_ended(second.pid, telling, 120)
                assert second.wait() == TRY_AGAIN
            await until_new(system, telling)
    assert lives(system.pid("recorder"))


@pytest.mark.parametrize("asleep", [12, 40])
async def test_a_recorder_that_slept_writes_nothing(system: System, asleep: float) -> None:
    """A recorder that was stopped while another took over writes nothing when it wakes, and ends."""
    async with told(system) as telling:
        await until_new(system, telling)
        sleeper = system.pid("recorder")
        os.kill(sleeper, signal.SIGSTOP)
        with a_second_recorder(system):
            await until_new(system, telling)
            await asyncio.sleep(asleep * random.Random(asleep).uniform(0.9, 1.0))
            await until_new(system, telling)
            os.kill(sleeper, signal.SIGCONT)
            await until_ended(sleeper, telling, 30)
            await until_new(system, telling)
    assert system.pid("recorder") != sleeper


@pytest.mark.parametrize("frozen", [5, 35])
async def test_a_broker_that_freezes(system: System, frozen: float) -> None:
    """A broker that answers nobody for a while, and then goes on as if nothing had been, does no harm."""
    async with told(system) as telling:
        await until_new(system, telling)
        broker = system.pid("broker")
        os.kill(broker, signal.SIGSTOP)
        telling.share_allowed = 0.6
        await asyncio.sleep(frozen)
        os.kill(broker, signal.SIGCONT)
        await until_new(system, telling)
        assert system.pid("broker") == broker, "it was not given up"
