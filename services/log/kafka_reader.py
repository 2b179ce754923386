"""Reads committed records from Kafka by assignment: no group, no rebalance, positions kept by the caller.

Knows offsets, markers and how aiokafka answers. Must never know what a record says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CorruptRecordException,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    OffsetOutOfRangeError,
    RequestTimedOutError,
    StaleMetadata,
    TopicAuthorizationFailedError,
)

from services.log.connection import Address, client_settings, refused
from services.log.errors import BrokerAway, LogCut, LogDamaged, UnknownTopic
from services.log.kafka_closing import stop_reading
from services.log.kafka_entrance import why_kept_out
from services.log.ports import Place
from services.log.record import Record

ANSWER_SECONDS = 20.0
"""How long a broker may take to answer one question; a restart takes 13 to 18 s."""
FETCH_BYTES = 4 << 20
"""Most bytes of one partition in one answer; a larger first record still comes whole."""


class KafkaReader:
    """Reads the partitions named in `starts`, each from the offset given there.

    With the broker away `read` gives nothing, as if there were no data; the questions (`end_offsets`, `partitions_of`,
    `group_offset`) raise `BrokerAway` instead.
    """

    def __init__(self, bootstrap: Address, starts: Mapping[Place, int]) -> None:
        self._address = bootstrap
        self._starts = dict(starts)
        self._settings = {**client_settings(bootstrap), "request_timeout_ms": int(ANSWER_SECONDS * 1000)}
        self._consumer: AIOKafkaConsumer = None
        self._asker: AIOKafkaConsumer = None
        self._admin: AIOKafkaAdminClient = None

    async def start(self) -> None:
        """Connect and take up the start offsets. Raises `BrokerAway`, or `UnknownTopic` if a topic is absent."""
        for topic in sorted({topic for topic, _ in self._starts}):
            if await self.partitions_of(topic) is None:
                raise UnknownTopic(f"topic {topic} is not there, or this user may not see it: run sis topics apply")
        self._consumer = self._client()
        await self._let_in(self._consumer.start())
        self._consumer.assign([TopicPartition(*place) for place in self._starts])
        for place, offset in self._starts.items():
            self.seek(place, offset)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def read(self, at_most: int, wait: float) -> Mapping[Place, Sequence[Record]]:
        """Next records by partition, at most so many in all; empty if none came within `wait` seconds.

        The client's own records and keys are handed out as they are: they have the shape of `Record` and `Place`.
        Raises `LogDamaged`.
        """
        try:
            found: Mapping[Place, Sequence[Record]] = await self._consumer.getmany(
                timeout_ms=int(wait * 1000), max_records=at_most
            )
        except TopicAuthorizationFailedError as denied:
            raise refused(self._address, "read", "topic " + ", ".join(sorted(denied.args[0]))) from denied
        except OffsetOutOfRangeError as gone:
            ((at, offset),) = list(gone.args[0].items())[:1]
            what = f"it holds no record at offset {offset}, where reading begins"
            raise LogCut((at.topic, at.partition), what) from gone
        except CorruptRecordException as corrupt:
            place = next(place for place in self._starts if str(TopicPartition(*place)) in str(corrupt))
            what = f"from offset {await self.position(place)} on its records do not fit the checksum of the broker"
            raise LogDamaged(place, what) from corrupt
        return found

    async def position(self, place: Place) -> int:
        """The offset from which reading goes on; it passes markers and aborted records as they are met."""
        return int(await _answer(self._consumer.position(TopicPartition(*place))))

    async def end_offsets(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """The last stable offset of each partition: the end, or the first record of a transaction still open."""
        asked = [TopicPartition(*at) for at in places]
        if self._asker is None:
            self._asker = self._client()  # one that fetches nothing: a broker answers a connection's requests in turn,
            await _answer(self._asker.start())  # and a question behind a fetch waits until that has records
            # Unless it is told of them beforehand, it waits a tenth of a second for each topic that it did not know.
            await _answer(self._asker._client.set_topics({at.topic for at in asked}))
        ends: Mapping[Place, int] = await _answer(self._asker.end_offsets(asked))
        return ends

    async def at_end(self, place: Place) -> bool:
        """Whether the position has reached the end. A last record would never tell: partitions end in markers."""
        return await self.position(place) >= (await self.end_offsets([place]))[place]

    async def partitions_of(self, topic: str) -> int | None:
        """Number of partitions; None if there is no such topic, or this user may not see it."""
        admin = await self._questions()
        (found,) = await _answer(admin.describe_topics([topic]))
        if found["error_code"] == TopicAuthorizationFailedError.errno:
            raise refused(self._address, "see", f"topic {topic}")
        return len(found["partitions"]) if found["error_code"] == 0 and found["partitions"] else None

    async def group_offset(self, group: str, topic: str, partition: int) -> int | None:
        """Offset stored for a group.

        None says nothing, not even that none is stored: a coordinator that loads answers so too (F1). Ask again.
        """
        admin = await self._questions()
        place = TopicPartition(topic, partition)
        try:
            stored = (await _answer(admin.list_consumer_group_offsets(group, partitions=[place]))).get(place)
        except KafkaError:  # the coordinator is not available, or loads
            return None
        return None if stored is None or stored.offset < 0 else int(stored.offset)

    def seek(self, place: Place, offset: int) -> None:
        """Go on reading a partition from `offset`; what was fetched before is not handed out any more."""
        self._consumer.seek(TopicPartition(*place), offset)

    async def close(self) -> None:
        """Let go of the connections: of every one, though another fails to close or the caller is cancelled."""
        async with AsyncExitStack() as closing:
            if self._admin is not None:
                closing.push_async_callback(self._admin.close)
            for client in (self._asker, self._consumer):
                if client is not None:
                    closing.push_async_callback(stop_reading, client)

    async def _let_in(self, start: Any) -> None:
        try:
            await _answer(start)
        except BrokerAway as away:
            raise await why_kept_out(self._address) or away from away

    def _client(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",  # an offset outside the log is an error, never a silent jump
            max_partition_fetch_bytes=FETCH_BYTES,
            **self._settings,
        )

    async def _questions(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(**self._settings)
            await self._let_in(self._admin.start())
        return self._admin


async def _answer(question: Any) -> Any:
    """Await one question to the broker; `BrokerAway` if it does not answer in time."""
    try:
        return await asyncio.wait_for(question, ANSWER_SECONDS)
    except (KafkaConnectionError, NodeNotReadyError, StaleMetadata) as error:  # the last two while it comes back
        raise BrokerAway("the broker takes no connection: is it running, and at this address?") from error
    except (TimeoutError, KafkaTimeoutError, RequestTimedOutError) as error:
        raise BrokerAway(f"the broker has not answered within {ANSWER_SECONDS:g} s: is it running?") from error
