"""Kills by chance: which services, in which mix, when; the same for the same seed.

Knows names and seconds. A kill comes only after something new has gone all the way since the last one, so every kill
hits a system that had come back.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.system import System
from tests.faults.telling import Telling

_POLL = 0.05
_MORE = 0.0002
_BACK_WITHIN = 120.0
QUIET_SECONDS = 6.0
QUIET_EVERY = 4
KILLS_OF_EACH = 5


@dataclass(frozen=True, slots=True)
class Kill:
    """Which were killed at once, and how many seconds it took until each had done something new."""

    services: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class Campaign:
    """A plan of kills and what came of it."""

    system: System
    telling: Telling
    chance: random.Random
    plan: Sequence[tuple[str, ...]]
    kills: list[Kill] = field(default_factory=list)

    async def run(self) -> None:
        """Do all the harm planned while the feed is told; raises `TimeoutError` if the system does not come back."""
        async with asyncio.TaskGroup() as group:
            told = group.create_task(self.telling.tell())
            for number, services in enumerate(self.plan):
                self.telling.share_allowed = (number + 1) / (len(self.plan) + 1)
                if number % QUIET_EVERY == QUIET_EVERY - 1:
                    await asyncio.sleep(QUIET_SECONDS)
                await self._harm(services)
            self.telling.share_allowed = 1.0
            await told

    async def _harm(self, services: tuple[str, ...]) -> None:
        for service in services:
            await self._until_beyond(service, await self.system.progress(service))
        await asyncio.sleep(self.chance.uniform(0.0, 0.8))
        began = time.monotonic()
        killed = await asyncio.to_thread(self.system.kill, *services)
        for service in services:
            await asyncio.to_thread(self.system.started_again, service, killed[service])
            await self._until_beyond(service, await self.system.progress(service))
        self.kills.append(Kill(services, time.monotonic() - began))

    async def _until_beyond(self, service: str, before: int) -> None:
        async with asyncio.timeout(_BACK_WITHIN):
            while await self.system.progress(service) <= before:
                self.telling.share_allowed = min(
                    1.0, self.telling.share_allowed + _MORE
                )  # nothing new comes of nothing
                await asyncio.sleep(_POLL)


def plan_of(services: Sequence[str], chance: random.Random) -> list[tuple[str, ...]]:
    """Five kills of each: three alone, and two together with another, in an order by chance."""
    alone = [(service,) for service in services for _ in range(KILLS_OF_EACH - 2)]
    ring = chance.sample(list(services), len(services))
    together = list(zip(ring, ring[1:] + ring[:1], strict=True))
    plan: list[tuple[str, ...]] = [*alone, *together]
    chance.shuffle(plan)
    return plan


def told_of(kills: Sequence[Kill]) -> str:
    """Kills by service, and how long the system took to come back: median and worst."""
    lines = []
    for services in sorted({kill.services for kill in kills}):
        took = sorted(kill.seconds for kill in kills if kill.services == services)
        lines.append(
            f"  {'+'.join(services):<22} {len(took)} x, back in {took[len(took) // 2]:.1f} s, worst {took[-1]:.1f} s"
        )
    return "\n".join(lines)
