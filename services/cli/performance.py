"""A performance: feed, conductor and simulated providers put together on a running system.

Knows connections. Must never know how a day is conducted, nor what a provider says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.cli.system import System
from services.episodes.intake import Post
from services.log.connection import Address
from services.log.kafka_public_key import ask
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.ports import Place
from services.log.sealing import PublicKey
from services.log.settling import Settling
from services.provider.kit import Provider
from services.simulator.balance import Accountant, Balance
from services.simulator.conductor import Conductor
from services.simulator.contracts import PROVIDERS
from services.stack.watching import watching
from services.vault.emitter_keys import signing_keys
from services.vault.key_files import door_key
from services.vault.vault import Vault
from services.words.topics import EPISODES, HANDOVER, Flow, offers_topic

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Performance:
    """What was played, and how the inboxes balance."""

    events: int
    replies: int
    days: int
    seconds: float
    balances: Mapping[str, Balance]


async def perform(
    system: System,
    bootstrap: Address,
    feed: Iterable[Mapping[str, Any]],
    seed: int,
    progress: Callable[[date, int, int], None],
) -> Performance:
    """Play a synthetic county's feed on a running system, each day when all of the one before has settled.

    `seed` is that of the feed: the providers' keys and answers follow from it.
    """
    began = time.monotonic()
    async with AsyncExitStack() as connections:
        public, partitions = await asyncio.to_thread(ask, bootstrap)
        sender = BatchSender(bootstrap)
        await sender.start()
        connections.push_async_callback(sender.close)
        folder = system.settings.data
        sending = _Feeding(
            sender,
            Post(partitions, public, door_key(folder, "ticker"), signing_keys(folder)),
        )
        cast = _Cast(connections, bootstrap, public)
        watch = await connections.enter_async_context(watching(bootstrap, system.view_url(), partitions))
        settling = Settling(watch.offsets, partitions)
        conductor = Conductor(seed, sending, settling.until_settled, cast.present)
        days = 0

        def tell(today: date) -> None:
            nonlocal days
            days += 1
            progress(today, sending.events, conductor.replies)

        await conductor.perform(feed, tell)
        await watch.until_visible()
        seconds = time.monotonic() - began
        balances = {
            "episodes": await _balance(system, bootstrap, EPISODES, partitions),
            "handover": await _balance(system, bootstrap, HANDOVER, 1),
        }
    return Performance(sending.events, conductor.replies, days, seconds, balances)


class _Feeding:
    """Sends the events of a day as the intake does, and counts them."""

    def __init__(self, sender: BatchSender, post: Post) -> None:
        self._sender = sender
        self._post = post
        self.events = 0

    async def send(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Send events, and return when they have arrived."""
        for event in events:
            for draft in self._post.drafts(event):
                await self._sender.add(draft)
            self.events += 1
        await self._sender.flush()


class _Cast:
    """The simulated providers; each takes its place when its topics are there."""

    def __init__(self, connections: AsyncExitStack, bootstrap: Address, public: PublicKey) -> None:
        self._connections = connections
        self._bootstrap = bootstrap
        self._public = public
        self._asking = KafkaReader(bootstrap, {})
        self._present: dict[str, Provider] = {}
        connections.push_async_callback(self._asking.close)

    async def present(self) -> Mapping[str, Provider]:
        """Those whose topics are there by now."""
        for provider in PROVIDERS:
            if provider.id not in self._present and await self._asking.partitions_of(offers_topic(provider.id)):
                self._present[provider.id] = await self._connections.enter_async_context(self._connect(provider.id))
        return self._present

    def _connect(self, provider_id: str) -> Provider:
        reader = KafkaReader(self._bootstrap, {(offers_topic(provider_id), 0): 0})
        return Provider(provider_id, reader, BatchSender(self._bootstrap), self._public)


async def _balance(system: System, bootstrap: Address, flow: Flow, partitions: int) -> Balance:
    """Read a flow's inbox, ledger and refused topics from their beginnings, and count."""
    places: list[Place] = [
        (topic, number) for topic in (flow.inbox, flow.ledger, flow.refused) for number in range(partitions)
    ]
    vault = Vault(system.settings.data)
    accountant = Accountant(flow, partitions, vault.turn("demo", "count repeats in the inbox"))
    try:
        async with KafkaReader(bootstrap, dict.fromkeys(places, 0)) as reader:
            ends = await reader.end_offsets(places)
            while any([await reader.position(place) < end for place, end in ends.items()]):
                for records in (await reader.read(_AT_ONCE, 0.2)).values():
                    accountant.take(records)
    finally:
        vault.close()
    return accountant.balance
