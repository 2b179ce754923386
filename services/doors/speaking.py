"""Says sayings into the inboxes: signed with the door's key, in the partition of their subject, kept before it goes on.

Knows the sender and the number of partitions. Must never know why anything is said.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.doors.saying import Saying, drafts
from services.log.doors import signed
from services.log.errors import UnknownTopic
from services.log.ports import Log, Reader
from services.words.topics import EPISODES_INBOX, HANDOVER_INBOX


async def partitions_of(reader: Reader, topic: str) -> int:
    """Number of partitions. Raises `UnknownTopic`."""
    found = await reader.partitions_of(topic)
    if found is None:
        raise UnknownTopic(f"there is no topic {topic}: has the system been started with `sis up`?")
    return found


class Speaker:
    """The voice of one door; `key` proves that it is its own."""

    def __init__(self, door: str, log: Log, key: bytes) -> None:
        self._door = door
        self._key = key
        self._sender = log.sender()
        self._partitions: dict[str, int] = {}

    async def start(self, reader: Reader) -> None:
        """Connect; a reader is asked for the number of partitions. Raises `BrokerAway`, `UnknownTopic`."""
        for inbox in (EPISODES_INBOX, HANDOVER_INBOX):
            self._partitions[inbox] = await partitions_of(reader, inbox)
        await self._sender.start()

    async def say(self, sayings: Iterable[Saying]) -> None:
        """Send, and return when all of it is kept. Raises `BrokerAway`."""
        for saying in sayings:
            for draft in drafts(saying, self._partitions):
                await self._sender.add(signed(draft, self._door, self._key))
        await self._sender.flush()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._sender.close()
