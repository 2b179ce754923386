"""The start: seconds from nothing to a system that answers, on a data folder in which 200,000 facts lie.

Everything counts: the broker, the preparation, the recorder that folds its ledgers, the projector that goes on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground
from benchmarks.mix import Mix
from benchmarks.size import Size
from benchmarks.system import running

_PEOPLE = 1_000
_TARGET_SECONDS = 15


def measure(size: Size) -> Iterator[Figure | Profile]:
    """The time of each start after one that has decided all there is to be decided."""
    facts = size.of(200_000, 20_000)
    with tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        data = Path(folder)
        with running(data) as system:
            here, mix = Ground(data, system.bootstrap), Mix(_PEOPLE)
            here.emit(mix.opening())
            here.emit(mix.events(facts - 4 * _PEOPLE))
        with running(data):
            pass  # the first start after emitting still has to decide, and is not one of those that are timed
        seconds = tuple(_start(data) for _ in range(size.repetitions))
    yield Figure(f"start, {facts:,} facts", "s", seconds, _TARGET_SECONDS, at_most=True)


def _start(data: Path) -> float:
    began = perf_counter()
    with running(data):
        return perf_counter() - began
