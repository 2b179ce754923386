"""A year's feed, let out slowly and in order, whatever happens to the system that takes it.

Knows the emitter's own parts (post and sender) and how far the feed may go. At least once: a slice that was not taken
for certain is sent again, and now and then one that was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from services.episodes.intake import Post
from services.log.errors import BrokerAway, UnknownTopic
from services.log.kafka_public_key import ask
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.vault.emitter_keys import signing_keys
from services.vault.key_files import door_key
from services.words.calendar import DayBegan
from services.words.topics import EPISODES, EPISODES_INBOX
from tests.faults.system import System, the_feed

_TRY_AGAIN_AFTER = 0.5
_AGAIN_EVERY = 7
"""Every so many slices one is sent twice."""


class Telling:
    """The feed of a system, told in slices of `slice_of` events with `pause` seconds between them."""

    def __init__(self, system: System, slice_of: int = 2, pause: float = 0.15) -> None:
        self._system = system
        self._pause = pause
        self._slices = list(_sliced(the_feed(), slice_of))
        self.share_allowed = 0.0
        """How much of the feed may be told by now, 0 to 1; whoever does harm moves it on."""
        self.sent_again = 0
        self._month = ""

    async def tell(self) -> None:
        """Tell it to the end."""
        for number, events in enumerate(self._slices):
            while number / len(self._slices) >= self.share_allowed:
                await asyncio.sleep(0.05)
            if self._new_month(events):
                await self._until_decided()
            await self._send(events)
            if number % _AGAIN_EVERY == 0:
                self.sent_again += 1
                await self._send(events)
            await asyncio.sleep(self._pause)

    async def _send(self, events: Sequence[dict[str, Any]]) -> None:
        """Send a slice until it was taken for certain, each time by an emitter of its own, as teams do."""
        while True:
            with suppress(BrokerAway, UnknownTopic):
                return await self._send_once(events)
            self.sent_again += 1
            await asyncio.sleep(_TRY_AGAIN_AFTER)

    async def _send_once(self, events: Sequence[dict[str, Any]]) -> None:
        bootstrap = self._system.running.bootstrap
        public, partitions = await asyncio.to_thread(ask, bootstrap)
        post = Post(partitions, public, door_key(self._system.data, "ticker"), signing_keys(self._system.data))
        sender = BatchSender(bootstrap)
        await sender.start()
        try:
            for event in events:
                for draft in post.drafts(event):
                    await sender.add(draft)
            await sender.flush()
        finally:
            await sender.close()

    def _new_month(self, events: Sequence[dict[str, Any]]) -> bool:
        days = [event["data"]["date"] for event in events if event["type"] == DayBegan.TYPE]
        new = any(day[:7] != self._month for day in days)
        self._month = days[-1][:7] if days else self._month
        return new

    async def _until_decided(self) -> None:
        """Design §4: a month begins when all before it is decided, for a number freed may be taken again."""
        places = [(EPISODES_INBOX, number) for number in range(self._system.partitions)]
        while True:
            with suppress(BrokerAway):
                async with KafkaReader(self._system.running.bootstrap, dict.fromkeys(places, 0)) as reader:
                    ends = await reader.end_offsets(places)
                    stored = [await reader.group_offset(EPISODES.engine, *place) for place in places]
                    if all((at or 0) >= ends[place] for at, place in zip(stored, places, strict=True)):
                        return
            await asyncio.sleep(0.1)


def _sliced(events: list[dict[str, Any]], slice_of: int) -> list[list[dict[str, Any]]]:
    """Slices of so many events; the first day of a month begins one."""
    slices: list[list[dict[str, Any]]] = [[]]
    for event in events:
        first_of_month = event["type"] == DayBegan.TYPE and event["data"]["date"].endswith("-01")
        if slices[-1] and (len(slices[-1]) == slice_of or first_of_month):
            slices.append([])
        slices[-1].append(event)
    return slices
