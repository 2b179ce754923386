"""Stored offsets of groups, and where partitions begin and end, on Kafka: many in few questions.

kafka-python's administration says whether a coordinator loads or has nothing stored, where aiokafka says None for both
(F1). Knows offsets. Must never know what a group does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from kafka import IsolationLevel, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from kafka.structs import OffsetAndMetadata

from services.log.connection import Address, refused
from services.log.errors import BrokerAway, UnknownTopic
from services.log.kafka_admin import administration
from services.log.ports import Place

ANSWER_SECONDS = 20.0
"""How long a broker may take to answer; a restart takes 13 to 18 s."""
_ASK_AGAIN_SECONDS = 0.05


class KafkaGroupOffsets:
    """Asks and stores beside the event loop. Raises `NotAllowed` where the broker denies it."""

    def __init__(self, bootstrap: Address) -> None:
        self._bootstrap = bootstrap
        self._admin: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`."""
        self._admin = await asyncio.to_thread(administration, self._bootstrap, ANSWER_SECONDS)

    async def stored(self, groups: Sequence[str]) -> Mapping[str, Mapping[Place, int]]:
        """All that each group has stored; while a coordinator loads it is asked again. Raises `BrokerAway`."""
        found = await self._ask(lambda: self._admin.list_group_offsets(list(groups)))
        return {group: {_place(at): each.offset for at, each in found[group].items()} for group in groups}

    async def store(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Store offsets of a group without members, in one record batch of the broker. Raises `BrokerAway`."""
        wanted = {TopicPartition(*place): OffsetAndMetadata(offset, "", None) for place, offset in offsets.items()}
        await self._ask(lambda: _all_stored(self._admin.alter_group_offsets(group, wanted)))

    async def begins(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """The first offset that each partition still keeps."""
        return await self._offsets(places, OffsetSpec.EARLIEST, IsolationLevel.READ_UNCOMMITTED)

    async def ends(self, places: Iterable[Place]) -> Mapping[Place, int | None]:
        """The offset after all of each partition, markers too; None while a transaction is open there.

        The bare end is asked first: a transaction that has written by then, and whose marker has not come by the
        second question, holds the stable end below it.
        """
        places = list(places)
        bare = await self._offsets(places, OffsetSpec.LATEST, IsolationLevel.READ_UNCOMMITTED)
        stable = await self._offsets(places, OffsetSpec.LATEST, IsolationLevel.READ_COMMITTED)
        return {place: end if end >= bare[place] else None for place, end in stable.items()}

    async def close(self) -> None:
        """Let go of the connections."""
        if self._admin is not None:
            await asyncio.to_thread(self._admin.close)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _offsets(self, places: Iterable[Place], which: Any, isolation: Any) -> dict[Place, int]:
        wanted = {TopicPartition(*place): which for place in places}
        found = await self._ask(lambda: self._admin.list_partition_offsets(wanted, isolation_level=isolation))
        return {_place(at): each.offset for at, each in found.items()}

    async def _ask(self, question: Callable[[], Any]) -> Any:
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(_answered, question)
            except GroupAuthorizationFailedError as denied:
                raise refused(self._bootstrap, "use", "this group's stored offsets") from denied
            except TopicAuthorizationFailedError as denied:
                raise refused(self._bootstrap, "see", "this topic") from denied


def _answered(question: Callable[[], Any]) -> Any:
    """The answer; asked again while the broker says that it cannot answer yet."""
    until = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            return question()
        except KafkaError as error:
            if not error.retriable:
                raise
            if time.monotonic() >= until and isinstance(error, UnknownTopicOrPartitionError):
                raise UnknownTopic(f"this user may not see it, or it is not there: {error.args[0]}") from error
            if time.monotonic() >= until:
                raise BrokerAway(f"the broker has not answered within {ANSWER_SECONDS:g} s: is it running?") from error
        time.sleep(_ASK_AGAIN_SECONDS)


def _all_stored(answers: Mapping[TopicPartition, type[KafkaError]]) -> None:
    for error in answers.values():
        if error.errno:
            raise error


def _place(at: TopicPartition) -> Place:
    return at.topic, at.partition
