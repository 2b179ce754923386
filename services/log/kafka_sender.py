"""The two plain emitters on Kafka: at least once, in order within each partition, nothing dropped silently.

`BatchSender` for bulk inside an event loop, `ReliableSender` for systems that send one by one from any thread.
Knows the clients. Must never know what a record says.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ClusterAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.errors import KafkaError as AioKafkaError
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.errors import TopicAuthorizationFailedError as DeniedTopic

from services.log.connection import Address, bootstrap_of, client_settings, refused
from services.log.errors import BrokerAway, NotAllowed, Spent
from services.log.kafka_batches import BATCH_BYTES, Batches, Sent
from services.log.kafka_closing import closed_on_failure, knock, let_go
from services.log.kafka_entrance import kept_out, why_kept_out
from services.log.ports import Place
from services.log.record import Draft
from services.log.size import must_fit
from services.words.topics import RECORD_LIMIT

AWAY_SECONDS = 30.0
"""How long the broker may take; a restart takes 13 to 18 s."""


class BatchSender:
    """Many drafts in few requests."""

    def __init__(self, bootstrap: Address, away_after: float = AWAY_SECONDS) -> None:
        self._bootstrap = bootstrap
        self._away_after = away_after
        self._producer: AIOKafkaProducer = None
        self._batches: Batches | None = None
        self._kept: dict[Place, list[range]] = {}

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`."""
        self._producer = AIOKafkaProducer(
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(self._away_after * 1000),
            **client_settings(self._bootstrap),
        )
        try:
            await asyncio.wait_for(self._producer.start(), self._away_after)
        except ClusterAuthorizationFailedError as denied:  # who may write nothing gets no producer's number
            await self.close()
            raise refused(self._bootstrap, "write", "any topic") from denied
        except (TimeoutError, AioKafkaError) as error:
            await self.close()
            raise await why_kept_out(self._bootstrap) or _away(self._away_after, error, []) from error
        self._batches = Batches(self._producer)

    async def add(self, draft: Draft) -> None:
        """Take a draft. Raises `DraftTooLarge`, and `BrokerAway` if a full batch cannot be handed over."""
        batches = self._ready()
        try:
            await batches.add((draft,))
            while batches.sent and batches.sent[0].future.done():
                await self._settle(batches)
        except TopicAuthorizationFailedError as denied:
            self._batches = None
            raise refused(self._bootstrap, "write", f"topic {draft.topic}") from denied
        except AioKafkaError as error:
            raise self._fail(error, batches, draft) from error

    async def flush(self) -> Mapping[Place, Sequence[range]]:
        """Wait until all is kept; the offsets by partition since the flush before. Raises `BrokerAway`."""
        batches = self._ready()
        try:
            await batches.hand_over_all()
            while batches.sent:
                await self._settle(batches)
        except TopicAuthorizationFailedError as denied:
            self._batches = None
            first = [*(sent.place[0] for sent in batches.sent), *(one.topic for one in batches.not_handed_over())]
            raise refused(self._bootstrap, "write", f"topic {first[0]}") from denied
        except (TimeoutError, AioKafkaError) as error:
            raise self._fail(error, batches) from error
        kept, self._kept = self._kept, {}
        return kept

    async def close(self) -> None:
        """Let go of the connections; waits for nothing that was not flushed."""
        if self._producer is not None:
            await let_go(self._producer)
        self._producer = self._batches = None

    def _ready(self) -> Batches:
        if self._batches is None:
            raise Spent("this sender is not open, or has failed once: open a new one")
        return self._batches

    async def _settle(self, batches: Batches) -> None:
        """Await the oldest batch under way and note its offsets; it is forgotten only when it is kept."""
        oldest = batches.sent[0]
        done, _ = await asyncio.wait([oldest.future], timeout=self._away_after)
        if not done:
            raise TimeoutError
        first = int(oldest.future.result().offset)
        self._kept.setdefault(oldest.place, []).append(range(first, first + len(oldest.drafts)))
        batches.sent.popleft()

    def _fail(self, error: Exception, batches: Batches, *also: Draft) -> BrokerAway:
        self._batches = None
        lost = [draft for sent in batches.sent if not _is_kept(sent) for draft in sent.drafts]
        return _away(self._away_after, error, [*lost, *batches.not_handed_over(), *also])


class KafkaDelivery:
    """The fate of one draft."""

    def __init__(self, draft: Draft, future: Any) -> None:
        self.draft = draft
        self.future = future

    def offset(self, timeout: float) -> int:
        """The offset it got; waits at most so many seconds. Raises `BrokerAway`."""
        try:
            return int(self.future.get(timeout).offset)
        except KafkaError as error:
            raise _away(timeout, error, [self.draft]) from error


class ReliableSender:
    """Drafts one by one, sent together in the background."""

    def __init__(self, bootstrap: Address, away_after: float = AWAY_SECONDS) -> None:
        self._address = bootstrap
        self._away_after = away_after
        self._under_way: deque[KafkaDelivery] = deque()
        self._spent = False
        knock(bootstrap_of(bootstrap), away_after)
        try:
            with closed_on_failure(KafkaProducer.DEFAULT_CONFIG["kafka_client"]) as client:
                self._producer = KafkaProducer(kafka_client=client, **_steady(away_after), **client_settings(bootstrap))
        except KafkaError as error:
            raise kept_out(bootstrap) or _away(away_after, error, []) from error

    def send(self, draft: Draft) -> KafkaDelivery:
        """Hand a draft over. Raises `DraftTooLarge`, and `BrokerAway` if the topic cannot be asked for."""
        if self._spent:
            raise Spent("this sender has failed once: open a new one")
        must_fit(draft)
        self._forget_kept()
        try:
            future = self._producer.send(
                draft.topic, draft.value, draft.key, list(draft.headers), partition=draft.partition
            )
        except KafkaError as error:
            raise self._fail(error, draft) from error
        delivery = KafkaDelivery(draft, future)
        self._under_way.append(delivery)
        return delivery

    def flush(self, timeout: float) -> None:
        """Wait until all drafts sent are kept; else `BrokerAway` names every draft not known to be kept."""
        until = monotonic() + timeout
        try:
            self._producer.flush(timeout)
            for delivery in self._under_way:
                delivery.future.get(max(0.0, until - monotonic()))
        except KafkaError as error:
            raise self._fail(error) from error
        self._under_way.clear()

    def close(self) -> None:
        """Let go of the connections; waits for nothing that was not flushed."""
        if any(not delivery.future.is_done for delivery in self._under_way):
            self._producer._sender.force_close()  # else its own close waits for these, and then does not close
        self._producer.close(timeout=self._away_after)

    def _forget_kept(self) -> None:
        while self._under_way and self._under_way[0].future.succeeded():
            self._under_way.popleft()

    def _fail(self, error: Exception, *also: Draft) -> BrokerAway | NotAllowed:
        self._spent = True
        lost = [delivery.draft for delivery in self._under_way if not delivery.future.succeeded()]
        if isinstance(error, DeniedTopic):
            return refused(self._address, "write", f"topic {[*lost, *also][0].topic}")
        return _away(self._away_after, error, [*lost, *also])


def _steady(away_after: float) -> dict[str, Any]:
    """Settings of kafka-python's producer: nothing lost, nothing twice, nothing waited for longer than `away_after`."""
    limit_ms = int(away_after * 1000)
    return {
        "enable_idempotence": True,
        "acks": "all",
        "allow_auto_create_topics": False,
        "batch_size": BATCH_BYTES // 4,
        "linger_ms": 5,
        "max_request_size": RECORD_LIMIT,
        "bootstrap_timeout_ms": limit_ms,
        "max_block_ms": limit_ms,
        "request_timeout_ms": limit_ms // 2,
        "delivery_timeout_ms": limit_ms,
    }


def _is_kept(sent: Sent) -> bool:
    return sent.future.done() and not sent.future.cancelled() and sent.future.exception() is None


def _away(limit: float, error: Exception, undelivered: list[Draft]) -> BrokerAway:
    return BrokerAway(
        f"the broker has not taken what was sent within {limit:g} s ({type(error).__name__}): {len(undelivered)} "
        "records are not known to be kept; see that it runs and can be reached, then send them again",
        undelivered,
    )
