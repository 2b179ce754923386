"""The bare loop: consume, decide, produce exactly once on aiokafka, with next to nothing decided.

Each record is decoded from Avro, validated, numbered within its person, encoded, chained by SHA-256 and sent with ten
headers, in one transaction a batch. It remembers no ids, opens no seal and knows no rule: how near our recorder comes
to it says what its rules and guards cost.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import fastavro
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import BaseModel, ConfigDict

from services.log.record import Draft
from services.words.topics import FOR_EVER, Topic

INBOX = Topic("bench.loop.inbox", "person id", 1, FOR_EVER, "benchmark")
LEDGER = Topic("bench.loop.ledger", "person id", 1, FOR_EVER, "loop")

_TEXTS = ("id", "type", "person", "team", "actor")
_SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Event",
        "fields": [
            *({"name": name, "type": "string"} for name in _TEXTS),
            {"name": "at", "type": "long"},
            {"name": "seq", "type": "long"},
            {"name": "body", "type": "bytes"},
        ],
    }
)
_UUID = b"01909999-aaaa-7bbb-8ccc-dddddddddddd"
_FIXED = [
    ("ce_specversion", b"1.0"),
    ("ce_id", _UUID),
    ("ce_type", b"kmpt.episodes.v1.ContactRecorded"),
    ("ce_source", b"/kmpt/maidstone-cmht"),
    ("ce_time", b"2012-07-02T09:30:00+01:00"),
    ("ce_recordedtime", b"2012-07-02T08:30:00Z"),
    ("ce_causationid", _UUID),
]
_BATCH_BYTES = 1 << 20
_FETCH_BYTES = 4 << 20


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    person: str
    team: str
    actor: str
    at: int
    seq: int
    body: bytes


def inputs(number: int) -> Iterator[Draft]:
    """So many records for its inbox, of 5,000 persons."""
    for at in range(number):
        texts = (f"{at:036d}", "ContactRecorded", f"p{at % 5000:06d}", "maidstone-cmht", "worker-77")
        value = _encoded({**dict(zip(_TEXTS, texts, strict=True)), "at": at, "seq": 0, "body": b"x" * 90})
        yield Draft(INBOX.name, 0, texts[2].encode(), (), value)


class Loop:
    """One owner of its one partition, going on where it stopped."""

    def __init__(self, bootstrap: str, at_most: int) -> None:
        self._bootstrap = bootstrap
        self._at_most = at_most
        self._inbox = TopicPartition(INBOX.name, 0)
        self._producer: AIOKafkaProducer = None
        self._consumer: AIOKafkaConsumer = None
        self._sequences: dict[str, int] = {}
        self._last_hash = bytes(32)

    async def start(self) -> None:
        """Connect, and begin at the beginning."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, transactional_id="bench-loop-0", max_batch_size=_BATCH_BYTES
        )
        await self._producer.start()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            max_partition_fetch_bytes=_FETCH_BYTES,
        )
        await self._consumer.start()
        self._consumer.assign([self._inbox])
        self._consumer.seek(self._inbox, 0)

    async def decide(self, number: int) -> None:
        """Decide the next so many records."""
        done = 0
        while done < number:
            records = (await self._consumer.getmany(timeout_ms=1000, max_records=self._at_most)).get(self._inbox, [])
            if records:
                await self._turn(records)
                done += len(records)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._producer.stop()
        await self._consumer.stop()

    async def _turn(self, records: list[Any]) -> None:
        async with self._producer.transaction():
            sent, batch = [], self._producer.create_batch()
            for record in records:
                draft = self._decided(record)
                if batch.append(**draft) is None:
                    sent.append(await self._producer.send_batch(batch, LEDGER.name, partition=0))
                    batch = self._producer.create_batch()
                    batch.append(**draft)
            sent.append(await self._producer.send_batch(batch, LEDGER.name, partition=0))
            await asyncio.gather(*sent)
            await self._producer.send_offsets_to_transaction({self._inbox: records[-1].offset + 1}, "bench-loop")

    def _decided(self, record: Any) -> dict[str, Any]:
        data: Any = fastavro.schemaless_reader(io.BytesIO(record.value), _SCHEMA, None)
        event = _Event.model_validate(data)
        data["seq"] = self._sequences[event.person] = self._sequences.get(event.person, 0) + 1
        value, offset = _encoded(data), b"%d" % record.offset
        headers = [*_FIXED, ("ce_sequence", offset), ("ce_inboxoffset", offset), ("prevhash", self._last_hash)]
        self._last_hash = sha256(self._last_hash + record.key + value).digest()
        return {"key": record.key, "value": value, "timestamp": None, "headers": headers}


def _encoded(data: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, _SCHEMA, data)
    return body.getvalue()
