"""`sis emit` killed again and again, and emitted again from the start each time."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from pathlib import Path

import pytest

from services.log.kafka_reader import KafkaReader
from services.words.topics import EPISODES_INBOX
from tests.faults.system import DATA, FEED, System, running_system

TIMES = 10


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_a_feed_cut_at_ten_places_and_emitted_again(tmp_path: Path) -> None:
    """Ruling 3: wherever `sis emit` was killed, emitting the whole feed again gives the same answers."""
    seed = int(os.environ.get("SIS_FAULT_SEED") or 2012)
    chance = random.Random(seed)
    with running_system(tmp_path / "data") as system:
        cut = [await killed_after(system, chance.randint(1, 1_200)) for _ in range(TIMES)]
        assert sum(cut) >= TIMES // 2, f"seed {seed}: the feed was emitted whole too often"

        last = await asyncio.to_thread(system.sis, "emit", str(DATA / FEED), "--wait")

        assert last.returncode in (0, 1), last.stderr
        accounts = await system.must_be_exact()
        assert sum(one.repeated for one in accounts) > 0


async def killed_after(system: System, more: int) -> bool:
    """Emit the feed and kill the emitter when so many records more lie in the inbox; whether it was still at it."""
    places = [(EPISODES_INBOX, number) for number in range(system.partitions)]
    async with KafkaReader(system.running.bootstrap, dict.fromkeys(places, 0)) as reader:
        enough = sum((await reader.end_offsets(places)).values()) + more
        command = system.command("emit", str(DATA / FEED))
        emitter = await asyncio.create_subprocess_exec(*command, env=system.environment, stdout=subprocess.DEVNULL)
        while emitter.returncode is None and sum((await reader.end_offsets(places)).values()) < enough:
            await asyncio.sleep(0.002)
        cut = emitter.returncode is None
        if cut:
            emitter.kill()
        await emitter.wait()
        return cut
