"""Audits take the processor only when nobody else wants it, end with their command, and say nothing in between."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.audit.partition_reading import read_whole
from services.cli.giving_way import REPLAYS, is_replay
from services.cli.listed import LISTED
from services.cli.side_by_side import side_by_side
from services.log import kafka_admin
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.record import Draft
from services.words.topics import Topic
from tests.command_line import environment
from tests.conftest import Kafka

FROM_THE_START = """
import subprocess, sys
from services.cli.giving_way import give_way_from_the_start
loaded = {name.partition(".")[0] for name in sys.modules}
give_way_from_the_start()
print(loaded & {"typer", "aiokafka", "pydantic", "fastavro"} or "nothing", flush=True)
subprocess.run([sys.executable, "-c", "import os; print(os.nice(0))"])
print(open("/proc/self/autogroup").read())
"""
LONG_WORK = """
import os, time
from services.cli.giving_way import give_way_from_the_start
from services.cli.side_by_side import side_by_side
give_way_from_the_start()
with side_by_side(time.sleep) as pool:
    print(os.getpid(), pool.submit(os.getpid).result(), pool.submit(os.getppid).result(), flush=True)
    pool.submit(time.sleep, 100).result()
"""


def by_session() -> bool:
    """Whether this machine shares its processors among sessions first."""
    setting = Path("/proc/sys/kernel/sched_autogroup_enabled")
    return setting.exists() and setting.read_text("ascii").strip() == "1"


def test_what_gives_way_are_commands_of_auditors_that_read_whole_ledgers() -> None:
    """A question about one person does not wait behind the system; a replay does, wherever its options stand."""
    assert LISTED["audit"].keys() > REPLAYS
    assert all(is_replay(["sis", "--data", "county", "audit", name, "--json"]) for name in REPLAYS)
    for quick in (["audit", "history", "verify"], ["audit", "checkpoint"], ["caseload"], ["emit", "audit"], []):
        assert not is_replay(["sis", *quick])


@pytest.mark.skipif(sys.platform != "linux", reason="reads how Linux runs a process")
def test_an_audit_gives_way_before_it_has_loaded_anything_and_in_all_that_it_starts() -> None:
    """Nobody in the county waits for an auditor: nice from the start, and the session too where sessions share."""
    done = subprocess.run(
        [sys.executable, "-c", FROM_THE_START], capture_output=True, text=True, env=environment(), check=True
    )

    loaded, niceness, session = done.stdout.splitlines()[:3]
    assert (loaded, niceness) == ("nothing", "19")
    assert session.endswith("nice 19") or not by_session()


def test_the_processes_of_an_audit_give_way() -> None:
    """Whoever calls, in a command or in the year of the demo: the partitions are worked on when nobody else works."""
    with side_by_side(os.nice) as pool:
        assert pool.submit(os.nice, 0).result() == 19


@pytest.mark.skipif(sys.platform != "linux", reason="reads how Linux runs a process")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_processes_of_an_audit_end_with_it(number: signal.Signals) -> None:
    """Killed, stopped, or by Ctrl-C: nothing of an audit goes on, and none of its processes says anything."""
    command = [sys.executable, "-c", LONG_WORK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        pids = one.stdout.readline().split()

        one.send_signal(number)

        said = one.stderr.read()
    assert len(set(pids)) == 3
    assert not {"ForkServerProcess", "forkserver", "resource_tracker"} & set(re.findall(r"\w+", said))
    assert one.returncode != 0
    deadline = time.monotonic() + 10
    while any(map(runs, pids)):
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.05)


def runs(pid: str) -> bool:
    """Whether a process is there that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_reader_that_was_forgotten_says_nothing_to_the_auditor(
    kafka: Kafka, capfd: pytest.CaptureFixture[str]
) -> None:
    """What clients of Kafka log, such as "Unclosed AIOKafkaConsumer", is for nobody's terminal."""
    with side_by_side(read_a_little) as pool:
        assert pool.submit(read_a_little, kafka.bootstrap).result() == 1

    assert capfd.readouterr() == ("", "")


def read_a_little(bootstrap: str) -> int:
    """Leave a partition before its end, without closing it."""
    kafka_admin.apply(bootstrap, [Topic("forgotten", "key", 1, -1, "test")])
    return asyncio.run(_forgetful(bootstrap))


async def _forgetful(bootstrap: str) -> int:
    sender = BatchSender(bootstrap)
    await sender.start()
    await sender.add(Draft("forgotten", 0, b"key", (), b"value"))
    await sender.flush()
    await sender.close()
    async for records in read_whole(lambda starts: KafkaReader(bootstrap, starts), ("forgotten", 0)):
        return len(records)
    return 0
