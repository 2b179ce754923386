"""The view: facts a second of the projector and of a plain Faust agent with the same fold, and the time of a rebuild.

Both are processes of their own with an empty SQLite file, over the same ledger. A rate is taken between two moments at
which the view's own positions were looked up, so that the start of Faust and the joining of its group do not count.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.figures import Figure, Profile
from benchmarks.ground import ground
from benchmarks.ledger import written
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.episodes.rebuild import rebuild
from services.episodes.view import TOPICS, View
from services.episodes.view_folder import ViewFolder, url_of
from services.log.kafka_reader import KafkaReader
from services.words.topics import catalogue

_PARTITIONS = 4
_TARGET = 20_000
_TARGET_RATIO = 10
_REBUILD_SECONDS = 60
_WITHIN = 120.0
"""Seconds for one run; a process that needs longer has come to a standstill."""
_LOOK_EVERY = 0.02
_PROGRAM = """
import sys
from pathlib import Path
from services.episodes.projector import run
run(*sys.argv[1:3], Path(sys.argv[3]))
"""
_OURS = ("-c", _PROGRAM)
_AGENT = ("-m", "benchmarks.peers.faust_agent")


def measure(size: Size) -> Iterator[Figure | Profile]:
    """The rates of both in turn, their ratios, and rebuilds."""
    facts = size.of(1_000_000, 50_000)
    with ground(_PARTITIONS) as here:
        here.send(written(_PARTITIONS, facts))
        ours, theirs = [], []
        for _ in range(size.repetitions):
            ours.append(_rate(size.of(200_000, 30_000), *_OURS, here.bootstrap))
            theirs.append(_rate(size.of(3_000, 300), *_AGENT, here.bootstrap))
        projector = Figure("projector", "facts/s", tuple(ours), _TARGET)
        yield projector
        yield Figure("plain Faust agent", "facts/s", tuple(theirs))
        ratios = tuple(mine / other for mine, other in zip(ours, theirs, strict=True))
        yield Figure("projector / plain Faust agent", "ratio", ratios, _TARGET_RATIO)
        seconds = tuple(_rebuilt(here.bootstrap) for _ in range(size.repetitions))
        rebuilding = Figure(f"view rebuild, {facts:,} facts", "s", seconds, _REBUILD_SECONDS, at_most=True)
        yield rebuilding
        if size.profile or projector.missed or rebuilding.missed:
            # The same fold and the same SQL as the projector's, in a process that can be profiled.
            yield profiled("view rebuild", lambda: _rebuilt(here.bootstrap))


def _rate(facts: int, *command: str) -> float:
    """Facts a second of a process that is called with `command`, the view's URL and a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        url = url_of(Path(folder) / "view.sqlite")
        view = View(url)
        with subprocess.Popen([sys.executable, *command, url, folder]) as process:
            try:
                began, first = _folded(view, process, 1)
                ended, last = _folded(view, process, facts)
            finally:
                process.kill()
                view.close()
    return (last - first) / (ended - began)


def _folded(view: View, process: subprocess.Popen[bytes], at_least: int) -> tuple[float, int]:
    """The moment at which the view had folded so many facts, and how many it had."""
    deadline = perf_counter() + _WITHIN
    while process.poll() is None and perf_counter() < deadline:
        folded = sum(view.reload().values())
        if folded >= at_least:
            return perf_counter(), folded
        sleep(_LOOK_EVERY)
    raise AssertionError(f"the process folded no {at_least} facts: exit code {process.poll()}")


def _rebuilt(bootstrap: str) -> float:
    """Seconds of one rebuild, as `sis view rebuild` does it."""
    with tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        began = perf_counter()
        asyncio.run(_rebuild(bootstrap, ViewFolder(Path(folder))))
        return perf_counter() - began


async def _rebuild(bootstrap: str, folder: ViewFolder) -> int:
    topics = [topic for topic in catalogue(_PARTITIONS) if topic.name in TOPICS]
    places = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
    async with KafkaReader(bootstrap, dict.fromkeys(places, 0)) as reader:
        return await rebuild(reader, folder, places, lambda _: None)
