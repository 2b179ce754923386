"""The owner of the one partition of an inbox: a recorder or an allocator as it runs, turned by hand.

Knows the engine. Must never know what it decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any, Generic

from benchmarks.ground import Ground
from services.log.collector import spare_the_collector
from services.log.desk import Desk
from services.log.engine import Engine
from services.log.kafka_turns import KafkaTurns
from services.log.rules import S
from services.vault.vault import Vault
from services.words.topics import Flow


@dataclass(frozen=True, slots=True)
class Took:
    """What a repetition took: inputs a second by the clock, and this process's own processor time for each."""

    rate: float
    microseconds: float


def timed(runner: asyncio.Runner, decide: Callable[[int], Coroutine[Any, Any, None]], number: int) -> Took:
    """Time the decision of so many inputs."""
    began, worked = perf_counter(), process_time()
    runner.run(decide(number))
    return Took(number / (perf_counter() - began), 1e6 * (process_time() - worked) / number)


class Owner(Generic[S]):
    """The engine on the one partition."""

    def __init__(self, here: Ground, flow: Flow, desk: Desk[S], vault: Vault) -> None:
        self.doors = desk.rules.doors
        """Who says which type of word."""
        self._turns = KafkaTurns(here.bootstrap, flow, 0)
        self._vault = vault
        self._engine = Engine(desk, flow, 0, self._turns, vault, lambda _: None)

    @property
    def state(self) -> S:
        """What it knows by now."""
        return self._engine.memory.state

    async def start(self) -> None:
        """Take the partition over."""
        await self._engine.start()
        spare_the_collector()

    async def decide(self, number: int) -> None:
        """Decide the next so many inputs."""
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
            raise AssertionError(f"not all was recorded: {self._engine.counts}")

    async def close(self) -> None:
        """Let go of the partition."""
        await self._turns.close()
        self._vault.close()


def alarm(words: str) -> None:
    """Nothing of what is measured may ring the bell."""
    raise AssertionError(words)
