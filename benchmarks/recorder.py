"""The recorder beside the bare loop: decided events a second, one process, one partition, exactly once.

Both run on the same broker, in turn, over the same number of records; the recorder with all of its rules, headers,
chain, seals, emitters' signatures and the vault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground, Size, ground
from benchmarks.mix import Mix
from benchmarks.peers.loop import INBOX, LEDGER, Loop, inputs
from benchmarks.profiled import profiled
from services.episodes.recorder import recorder_rules
from services.log.collector import spare_the_collector
from services.log.desk import Desk
from services.log.engine import MOST_IN_A_TURN, Engine
from services.log.kafka_admin import apply
from services.log.kafka_turns import KafkaTurns
from services.vault.emitter_keys import EmitterKeys
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words.topics import EPISODES

_DOORS = ("ticker", "stack", "redrive", "outcomes", "guardian")
_TARGET = 15_000
_TARGET_RATIO = 0.4


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Events a second of both, and the ratio of each repetition."""
    number, mix = size.of(100_000, 10_000), Mix(size.of(10_000, 1_000))
    with ground(1) as here, asyncio.Runner() as runner:
        apply(here.bootstrap, (INBOX, LEDGER))
        owner = _Owner(here)
        runner.run(owner.start())
        here.emit(mix.opening())
        runner.run(owner.decide_all())
        loop = Loop(here.bootstrap, MOST_IN_A_TURN)
        runner.run(loop.start())
        ours, theirs = [], []
        for _ in range(size.repetitions):
            here.emit(mix.events(number))
            here.send(inputs(number))
            ours.append(_timed(runner, owner.decide, number))
            theirs.append(_timed(runner, loop.decide, number))
        yield Figure("recorder", "events/s", tuple(took.rate for took in ours), _TARGET)
        yield Figure("bare loop", "events/s", tuple(took.rate for took in theirs))
        pairs = list(zip(ours, theirs, strict=True))
        ratio = Figure("recorder / bare loop", "ratio", tuple(a.rate / b.rate for a, b in pairs), _TARGET_RATIO)
        yield ratio
        yield Figure("recorder, processor time", "us/event", tuple(took.microseconds for took in ours))
        yield Figure("bare loop, processor time", "us/event", tuple(took.microseconds for took in theirs))
        if size.profile or ratio.missed:
            here.emit(mix.events(number))
            yield profiled("recorder", lambda: runner.run(owner.decide(number)))
        owner.must_have_recorded()
        runner.run(loop.close())
        runner.run(owner.close())


@dataclass(frozen=True, slots=True)
class _Took:
    """What a repetition took: events a second by the clock, and this process's own processor time for each."""

    rate: float
    microseconds: float


def _timed(runner: asyncio.Runner, decide: Callable[[int], Coroutine[Any, Any, None]], number: int) -> _Took:
    began, worked = perf_counter(), process_time()
    runner.run(decide(number))
    return _Took(number / (perf_counter() - began), 1e6 * (process_time() - worked) / number)


class _Owner:
    """The recorder's engine on the one partition."""

    def __init__(self, here: Ground) -> None:
        doors = {door: door_keys(here.data, door) for door in _DOORS}
        desk = Desk(recorder_rules(synthetic=True), 1, doors, _alarm, EmitterKeys(here.data, strict=True))
        self._turns = KafkaTurns(here.bootstrap, EPISODES, 0)
        self._vault = Vault(here.data)
        self._engine = Engine(desk, EPISODES, 0, self._turns, self._vault, lambda _: None)

    async def start(self) -> None:
        """Take the partition over."""
        await self._engine.start()
        spare_the_collector()

    async def decide(self, number: int) -> None:
        """Decide the next so many events."""
        done = 0
        while done < number:
            done += await self._engine.step(wait=1.0)

    async def decide_all(self) -> None:
        """Decide until nothing more comes."""
        while await self._engine.step(wait=1.0):
            pass

    def must_have_recorded(self) -> None:
        """A refusal is cheaper than a fact: a run with some would flatter us."""
        if self._engine.counts.refused:
            raise AssertionError(f"not all of the mix was recorded: {self._engine.counts}")

    async def close(self) -> None:
        """Let go of the partition."""
        await self._turns.close()
        self._vault.close()


def _alarm(words: str) -> None:
    raise AssertionError(words)
