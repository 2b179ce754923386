"""Recomputation: inputs a second decided again into nothing and compared, partitions shared out among processes.

The inbox is in the mix of the recorder's benchmark, decided by the recorder itself on a real broker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from time import perf_counter

from benchmarks.anew import anew
from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground, ground
from benchmarks.mix import Mix
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.cli.audit_recompute import Share, recompute_alone
from services.cli.side_by_side import ready_for
from services.episodes.recorder import DOORS, recorder_rules
from services.log.desk import Desk
from services.log.engine import Engine
from services.log.kafka_reader import KafkaReader
from services.log.kafka_turns import KafkaTurns
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words.topics import EPISODES

_PARTITIONS = 2
_TARGET = 10_000


def measure(size: Size) -> Iterator[Figure | Profile]:
    """The rate, several times over one inbox."""
    number, mix = size.of(400_000, 20_000), Mix(size.of(10_000, 1_000))
    with ground(_PARTITIONS) as here:
        here.emit(mix.opening())
        here.emit(mix.events(number))
        asyncio.run(_decide(here))
        shares = [
            Share(partial(KafkaReader, here.bootstrap), EPISODES, partition, _PARTITIONS, here.data, True, 0)
            for partition in range(_PARTITIONS)
        ]
        rates = tuple(anew(_recomputed, shares) for _ in range(size.repetitions))
        rate = Figure(f"recompute, {number:,} inputs", "inputs/s", rates, _TARGET)
        yield rate
        if size.profile or rate.missed:
            yield profiled("recomputation of a partition", lambda: recompute_alone(shares[0]))


async def _decide(here: Ground) -> None:
    """Let the recorder decide all that there is."""
    vault = Vault(here.data)
    doors = {door: door_keys(here.data, door) for door in DOORS}
    desk = Desk(recorder_rules(synthetic=True), _PARTITIONS, doors, lambda _: None)
    for partition in range(_PARTITIONS):
        turns = KafkaTurns(here.bootstrap, EPISODES, partition)
        engine = Engine(desk, EPISODES, partition, turns, vault, lambda _: None)
        await engine.start()
        while await engine.step(wait=1.0):
            pass
        await turns.close()
    vault.close()


def _recomputed(shares: list[Share]) -> float:
    began = perf_counter()
    with ProcessPoolExecutor(mp_context=ready_for(recompute_alone)) as pool:
        found = list(pool.map(recompute_alone, shares))
    if any(one.difference or one.halted for one in found):
        raise AssertionError("an untouched ledger was found otherwise")
    return sum(one.inputs for one in found) / (perf_counter() - began)
