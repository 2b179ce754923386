"""The audit export: seconds for a ledger of a million facts, read from a real broker, and for one question of it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figures import Figure, Profile
from benchmarks.ground import ground
from benchmarks.ledger import written
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.audit.ask import ask_export, questions
from services.audit.export import Engagement, export
from services.log.collector import spare_the_collector
from services.log.kafka_reader import KafkaReader
from services.log.ports import Place

_PARTITIONS = 4
_EXPORT_SECONDS = 60
_QUESTION = "over-six-weeks-without-review"


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Both, several times over one ledger."""
    facts = size.of(1_000_000, 50_000)
    spare_the_collector()  # as the command does
    with ground(_PARTITIONS) as here, tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        here.send(written(_PARTITIONS, facts))
        folders = [Path(folder) / str(number) for number in range(size.repetitions)]
        seconds = tuple(_exported(here.bootstrap, one) for one in folders)
        exporting = Figure(f"audit export, {facts:,} facts", "s", seconds, _EXPORT_SECONDS, at_most=True)
        yield exporting
        megabytes = sum(path.stat().st_size for path in folders[0].rglob("*.parquet")) / 1e6
        yield Figure(f"its Parquet, {facts:,} facts", "MB", (megabytes,))
        yield Figure("a question asked of it", "s", tuple(_asked(one) for one in folders))
        if size.profile or exporting.missed:
            yield profiled("audit export", lambda: _exported(here.bootstrap, Path(folder) / "profiled"))


def _exported(bootstrap: str, folder: Path) -> float:
    def reader_of(starts: Mapping[Place, int]) -> KafkaReader:
        return KafkaReader(bootstrap, starts)

    engagement = Engagement("benchmark", os.urandom(32), Ed25519PrivateKey.generate())
    began = perf_counter()
    asyncio.run(export(reader_of, _PARTITIONS, engagement, folder, lambda _: None))
    return perf_counter() - began


def _asked(folder: Path) -> float:
    began = perf_counter()
    ask_export(questions()[_QUESTION], folder)
    return perf_counter() - began
