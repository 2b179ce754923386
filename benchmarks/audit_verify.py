"""Verification: records a second of chain and root, and of the whole with the cross-check of every input.

The same code that `sis audit verify` runs, over a ledger and its inbox on a real broker, partitions shared out among
as many processes as there are cores; their start counts.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from benchmarks.anew import anew
from benchmarks.chain import follow_alone
from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground
from benchmarks.ledger import decided
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.audit.checkpoint import Checkpoint, origin_of, signed
from services.audit.merkle import Frontier
from services.audit.partition_reading import ReaderOf
from services.audit.verify import Verification
from services.audit.verify_share import Share, verify_alone
from services.cli.side_by_side import ready_for
from services.log.chain import record_hash
from services.log.kafka_admin import apply
from services.log.kafka_reader import KafkaReader
from services.log.record import Draft
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.words.topics import EPISODES, EPISODES_INBOX, EPISODES_LEDGER, catalogue

_PARTITIONS = 4
_CHAIN_TARGET = 100_000
_WHOLE_TARGET = 25_000


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Both rates; the checkpoints are those of the end."""
    facts, key = size.of(1_000_000, 50_000), Ed25519PrivateKey.generate()
    with _empty() as here:
        drafts = list(decided(_PARTITIONS, facts))
        here.send(drafts)
        notes = [(origin, signed(Checkpoint(origin, tree.size, tree.root()), key)) for origin, tree in _trees(drafts)]
        ledger = sum(draft.topic == EPISODES_LEDGER for draft in drafts)
        del drafts
        reader_of = partial(KafkaReader, here.bootstrap)
        chain, whole = [], []
        for _ in range(size.repetitions):
            chain.append(ledger / anew(_seconds_of_chains, reader_of))
            whole.append(ledger / anew(_seconds_of_all, reader_of, notes, key.public_key().public_bytes_raw()))
        alone = Figure(f"chain and root, {ledger:,} records", "records/s", tuple(chain), _CHAIN_TARGET)
        yield alone
        yield Figure("the whole, an input and its fact", "inputs/s", tuple(whole), _WHOLE_TARGET)
        if size.profile or alone.missed:
            share = Share(reader_of, EPISODES, 0, {"": []})
            yield profiled("verification of a partition", lambda: verify_alone(share))


@contextmanager
def _empty() -> Iterator[Ground]:
    """A broker with the topics and nothing in them: what a system notes when it is prepared would come first."""
    folder = tempfile.TemporaryDirectory(prefix="sis-bench-")
    with folder as name, Broker(Path(name) / "broker", libs=broker_jars()) as broker:
        apply(broker.bootstrap, catalogue(_PARTITIONS))
        yield Ground(Path(name), broker.bootstrap)


def _trees(drafts: Sequence[Draft]) -> list[tuple[str, Frontier]]:
    """The Merkle tree of each partition that was written."""
    trees = {
        (topic, number): Frontier() for topic in (EPISODES_INBOX, EPISODES_LEDGER) for number in range(_PARTITIONS)
    }
    for draft in drafts:
        trees[draft.topic, draft.partition].add([record_hash(draft.key, draft.headers, draft.value)])
    return [(origin_of(place), tree) for place, tree in trees.items()]


def _seconds_of_chains(reader_of: ReaderOf) -> float:
    began = perf_counter()
    with ProcessPoolExecutor(mp_context=ready_for(follow_alone)) as pool:
        list(pool.map(follow_alone, [Share(reader_of, EPISODES, number, {"": []}) for number in range(_PARTITIONS)]))
    return perf_counter() - began


def _seconds_of_all(reader_of: ReaderOf, notes: Sequence[tuple[str, str]], key: bytes) -> float:
    public = Ed25519PublicKey.from_public_bytes(key)
    began = perf_counter()
    with ProcessPoolExecutor(mp_context=ready_for(verify_alone)) as pool:
        report = asyncio.run(Verification(reader_of, _PARTITIONS, notes, public, pool=pool).run())
    if report.findings:
        raise AssertionError(f"an untouched ledger was found wrong: {report.findings[0].sentence()}")
    return perf_counter() - began
