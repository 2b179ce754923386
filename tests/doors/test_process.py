from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.doors import connections, outcomes, referrals
from services.log.doors import is_signed
from services.log.serving import TRY_AGAIN
from services.vault.key_files import door_keys
from services.words import envelope as named
from services.words.topics import DOOR_READS, EPISODES, HANDOVER, HANDOVER_INBOX
from tests.doors.things_said import OUTCOMES, REFERRED, in_episodes, in_handovers, registered
from tests.doors.worlds import KafkaWorld, Owner, at_ends, lying_in


@contextmanager
def doors(bootstrap: str, data: Path, *names: str) -> Iterator[subprocess.Popen[bytes]]:
    """The doors as the supervisor starts them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.doors", *names],
        env={**os.environ, "SIS_BOOTSTRAP": bootstrap, "SIS_DATA": str(data)},
        stderr=subprocess.PIPE,
    )
    with process:
        yield process
        process.kill()


async def until_all_carried(world: KafkaWorld) -> None:
    """Wait until every door stands at the ends of what it reads."""
    async with asyncio.timeout(30):
        while not all([await at_ends(world.log, door) for door in DOOR_READS]):
            await asyncio.sleep(0.05)


@pytest.mark.kafka
async def test_all_doors_carry_in_one_process_and_after_a_kill(doors_kafka: str, tmp_path: Path) -> None:
    """The process is killed and started again: what comes later crosses, and what has crossed does not cross again."""
    world = KafkaWorld(doors_kafka)
    await world.empty()
    owner, allocator = Owner(world, EPISODES), Owner(world, HANDOVER)
    await owner.start()
    await allocator.start()
    first, second = in_episodes(*REFERRED[:2])
    with doors(doors_kafka, tmp_path, *DOOR_READS) as process:
        await owner.write(first)
        await allocator.write(*in_handovers(registered("oak"), *OUTCOMES))
        await until_said(world, 2)
        await until_all_carried(world)
        process.send_signal(signal.SIGKILL)
    await owner.write(second)
    with doors(doors_kafka, tmp_path, *DOOR_READS):
        await until_said(world, 3)
        await until_all_carried(world)

    found = await lying_in(world.log, [(HANDOVER_INBOX, 0)])
    names = [dict(record.headers)[named.TYPE].decode().rpartition(".")[2] for record in found]
    assert sorted(names) == ["DossierChanged", "HandoverRequested", "ProviderConnected"]
    doors_of = {"ProviderConnected": connections.NAME}
    for record, name in zip(found, names, strict=True):
        door = doors_of.get(name, referrals.NAME)
        assert is_signed(record, door, {door: door_keys(tmp_path, door)})
    await owner.close()
    await allocator.close()


async def until_said(world: KafkaWorld, number: int) -> None:
    """Wait until so many records lie in the handover inbox."""
    async with asyncio.timeout(30):
        while len(await lying_in(world.log, [(HANDOVER_INBOX, 0)])) < number:
            await asyncio.sleep(0.05)


def test_without_a_broker_the_process_ends_and_says_so(tmp_path: Path) -> None:
    """Exit code 75 and one line that names the door: the supervisor starts it again."""
    with doors("127.0.0.1:1", tmp_path, outcomes.NAME) as process:
        _, said = process.communicate(timeout=60)

    assert process.returncode == TRY_AGAIN
    assert b"outcomes door: " in said


@pytest.mark.parametrize(("name", "reason"), [("ticker", b"days come from feeds"), ("cellar", b"usage")])
def test_only_doors_of_this_house_are_opened(tmp_path: Path, name: str, reason: bytes) -> None:
    """Other names are a usage error, and the ticker is one where the days come from feeds."""
    with doors("127.0.0.1:1", tmp_path, name) as process:
        _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert reason in said
