"""As of a day: seconds from nothing and with a stored fold, over a ledger on a real broker."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks.anew import anew
from benchmarks.figures import Figure, Profile
from benchmarks.ground import ground
from benchmarks.ledger import written
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.audit.as_of import Share, fold_alone
from services.audit.as_of_asked import Points
from services.audit.as_of_stored import StoredFolds
from services.audit.partition_reading import ReaderOf
from services.audit.point import Point
from services.cli.side_by_side import ready_for
from services.log.collector import spare_the_collector
from services.log.kafka_reader import KafkaReader
from services.words.topics import EPISODES_LEDGER

_PARTITIONS = 4
_FROM_NOTHING_SECONDS = 25
_STORED_SECONDS = 2
_POINT = Point.read("2012-10-01")


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Both, several times over one ledger; processes, their start included, as the command uses them."""
    facts = size.of(1_000_000, 50_000)
    with ground(_PARTITIONS) as here, tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        here.send(written(_PARTITIONS, facts))
        reader_of = partial(KafkaReader, here.bootstrap)
        folders = [StoredFolds(Path(folder) / str(number)) for number in range(size.repetitions)]
        first = Figure(
            f"as of a day from nothing, {facts:,} facts",
            "s",
            tuple(anew(_asked, reader_of, folds) for folds in folders),
            _FROM_NOTHING_SECONDS,
            at_most=True,
        )
        yield first
        again = tuple(anew(_asked, reader_of, folds) for folds in folders)
        yield Figure("as of the same day, stored", "s", again, _STORED_SECONDS, at_most=True)
        if size.profile or first.missed:
            alone = Share(reader_of, {(EPISODES_LEDGER, 0): None}, Path(folder) / "alone.sqlite", _POINT)
            yield profiled("as of: one partition", lambda: fold_alone(alone))


def _asked(reader_of: ReaderOf, folds: StoredFolds) -> float:
    """Seconds until every open episode stands there as a row."""
    spare_the_collector()
    began = perf_counter()
    with ProcessPoolExecutor(mp_context=ready_for(fold_alone)) as pool:
        points = Points(reader_of, _PARTITIONS, folds, lambda _: None, pool)
        if not asyncio.run(points.standing(_POINT))["caseload"]:
            raise AssertionError("nobody has support on that day")
    return perf_counter() - began
