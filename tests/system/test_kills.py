"""One kill of everything in the middle of a year's feed, on a real system: the answers are the same."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.words.topics import EPISODES_INBOX
from tests.faults.harm import Campaign, told_of
from tests.faults.system import System, lives, running_system
from tests.faults.telling import Telling


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that these tests may kill."""
    with running_system(tmp_path_factory.mktemp("county") / "data") as running:
        yield running


@contextmanager
def hung_emitter(system: System) -> Iterator[subprocess.Popen[str]]:
    """A team's system that hangs in the middle of sending, while the context lasts."""
    command = [sys.executable, "-m", "tests.faults.hung_emitter", system.running.bootstrap, EPISODES_INBOX]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emitter:
        assert emitter.stdout is not None
        assert emitter.stdout.readline() == "hanging\n"
        try:
            yield emitter
        finally:
            emitter.kill()


@pytest.mark.kafka
async def test_a_kill_of_each_service_in_the_middle_of_the_feed_changes_nothing(system: System) -> None:
    """Broker and services killed once each, while one emitter hangs: each input is decided exactly once."""
    first = ("broker", "recorder")
    plan = [first, tuple(name for name in system.services if name not in first)]
    telling = Telling(system, slice_of=12, pause=0.05)
    with hung_emitter(system) as emitter:
        campaign = Campaign(system, telling, random.Random(2012), plan)
        await campaign.run()
        await system.settle()
        assert emitter.poll() is None, "it hung all the while"

    assert set(system.kills) == set(system.services), told_of(campaign.kills)
    accounts = await system.must_be_exact()
    assert sum(one.repeated for one in accounts) > 0, "some slices were sent twice"


@pytest.mark.kafka
async def test_what_a_killed_supervisor_left_is_cleared_away(system: System) -> None:
    """`sis up` after the supervisor was killed ends what still runs, frozen or not, and answers as before."""
    before = system.running
    os.kill(before.services["recorder"], signal.SIGSTOP)
    os.kill(before.pid, signal.SIGKILL)
    await asyncio.to_thread(_until_gone, before.pid)
    shown = system.caseload()

    await asyncio.to_thread(system.up)

    assert [name for name, pid in before.services.items() if lives(pid)] == []
    said = (system.data / "supervisor.log").read_text("utf-8")
    for name, pid in before.services.items():
        assert f"{name} (process {pid}) still ran for a supervisor that is gone; it was ended" in said
    assert system.caseload() == shown


def _until_gone(pid: int) -> None:
    while lives(pid):
        time.sleep(0.01)
