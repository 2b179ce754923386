"""A whole county on the log in memory: recorders, allocator and doors, all real, and providers that answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from services.doors.door import Door
from services.doors.running import TRANSLATIONS
from services.log.engine import Engine
from services.log.memory_clients import InMemory
from services.log.record import Draft
from services.provider.post import posted
from services.vault.key_files import door_key
from services.words.calendar import DayBegan
from services.words.replies import Reply
from services.words.topics import door_group
from tests.memory_county import MemoryCounty
from tests.memory_handover import MemoryAllocator, an_id, public_key_of


class WholeCounty:
    """Everything that decides or carries, turned by hand until it has come to rest."""

    def __init__(self, folder: Path) -> None:
        self.county = MemoryCounty(folder)
        self.county.start()
        self.allocator = MemoryAllocator(self.county)
        self.allocator.start()
        self.log = InMemory(self.county.log)
        self.doors = {name: self._door(name) for name in TRANSLATIONS}
        self._told = 0

    def _door(self, name: str) -> Door:
        door = Door(TRANSLATIONS[name], self.log, door_key(self.county.folder, name), _nothing)
        asyncio.run(door.start())
        return door

    def day(self, day: str) -> None:
        """A day begins on both sides."""
        self.county.emit([self.allocator.event(DayBegan.TYPE, "", {"date": day}, an_id(f"day {day}"))])
        self.allocator.day(day)
        self.rest()

    def tell(self, name: str, subject: str, data: dict[str, Any]) -> None:
        """A team says something of a person, and all comes to rest."""
        self.send(name, subject, data)
        self.rest()

    def send(self, name: str, subject: str, data: dict[str, Any]) -> None:
        """A team says something of a person, and nobody has heard it yet."""
        self.county.emit([self.allocator.event(f"kmpt.episodes.v1.{name}", subject, data)])

    def commission(self, name: str, subject: str, data: dict[str, Any]) -> None:
        """The commissioner says something, and all comes to rest."""
        self.allocator.say(name, subject, data)
        self.rest()

    def send_commission(self, name: str, subject: str, data: dict[str, Any]) -> None:
        """The commissioner says something, and nobody has heard it yet."""
        self.allocator.emit([self.allocator.event(name, subject, data)])

    def register(self, provider_id: str, contract_id: str) -> None:
        """A provider with a contract for East Kent, and room."""
        registration = {"name": provider_id, "dspt_valid_to": "2020-12-31", "public_key": public_key_of(provider_id)}
        self.commission("ProviderRegistered", provider_id, {"provider_id": provider_id, **registration})
        contract = {
            "contract_id": contract_id,
            "provider_id": provider_id,
            "lot": "EAST_KENT",
            "districts": ["ashford", "dover"],
            "tier": 1,
            "weekly_minutes": 6000,
            "pence_per_hour": 1500,
            "from_on": "2012-04-01",
            "to_on": "2015-03-31",
        }
        self.commission("ContractActivated", "EAST_KENT", contract)
        self.commission(
            "CapacityDeclared", "EAST_KENT", {"contract_id": contract_id, "weekly_minutes": 6000, "on": "2012-04-01"}
        )

    def answer(self, provider_id: str, reply: Reply, handover_id: str) -> None:
        """A provider says something on its topic, and all comes to rest."""
        self.send_answer(provider_id, reply, handover_id)
        self.rest()

    def send_answer(self, provider_id: str, reply: Reply, handover_id: str) -> None:
        """A provider says something on its topic, and nobody has heard it yet."""
        self._told += 1
        draft = posted(
            reply,
            provider_id=provider_id,
            handover_id=handover_id,
            id=an_id(f"reply {self._told}"),
            time="2012-10-08T09:00:00Z",
            public=self.county.public,
        )
        self.county.log.append(draft)

    def put(self, draft: Draft) -> None:
        """Whatever it is, it lies in the log, and all comes to rest."""
        self.county.log.append(draft)
        self.rest()

    def carry(self, name: str) -> None:
        """Let one door carry all that there is for it."""
        while asyncio.run(self.doors[name].step(wait=0)):
            pass

    def rest(self) -> None:
        """Let everybody decide and carry until nobody has anything to do."""
        while asyncio.run(self._turn()):
            pass

    def steps(self) -> list[Callable[[], Awaitable[int]]]:
        """A step of each engine and each door; it says how much there was to do."""
        assert self.allocator.engine is not None
        workers: list[Door | Engine[Any]] = [*self.county.engines, self.allocator.engine, *self.doors.values()]
        return [partial(worker.step, wait=0) for worker in workers]

    async def _turn(self) -> int:
        return sum([await step() for step in self.steps()])

    def forget_positions(self) -> None:
        """Start the doors anew where they have never stood."""
        for group in map(door_group, TRANSLATIONS):
            stored = self.county.log.group_offsets(group)
            self.county.log.store_group_offsets(group, dict.fromkeys(stored, 0))
        self.doors = {name: self._door(name) for name in TRANSLATIONS}


def _nothing(_: str) -> None:
    """No watchdog: nothing hangs in memory."""
