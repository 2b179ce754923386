"""The ground that benchmarks stand on: a real broker in a temporary folder, made ready as the stack does it.

Knows folders, topics and how they are filled. Must never time anything.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.episodes.intake import Post
from services.log.kafka_public_key import ask
from services.log.kafka_sender import BatchSender
from services.log.record import Draft
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.stack.preparing import prepare
from services.vault.emitter_keys import signing_keys
from services.vault.key_files import door_key


@dataclass(frozen=True, slots=True)
class Ground:
    """A broker that runs, and the data folder that belongs to it."""

    data: Path
    bootstrap: str

    def post(self) -> Post:
        """How events are posted here."""
        public, partitions = ask(self.bootstrap)
        return Post(partitions, public, door_key(self.data, "ticker"), signing_keys(self.data))

    def emit(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Put events into the inboxes."""
        post = self.post()
        self.send(draft for event in events for draft in post.drafts(event))

    def send(self, drafts: Iterable[Draft]) -> None:
        """Append drafts, and wait until they are kept."""
        asyncio.run(_send(self.bootstrap, drafts))


@contextmanager
def ground(partitions: int) -> Iterator[Ground]:
    """A prepared broker with so many partitions of episodes; all of it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        data = Path(folder)
        with Broker(data / "broker", libs=broker_jars()) as broker:
            asyncio.run(prepare(data, broker.bootstrap, partitions))
            yield Ground(data, broker.bootstrap)


async def _send(bootstrap: str, drafts: Iterable[Draft]) -> None:
    sender = BatchSender(bootstrap)
    await sender.start()
    try:
        for draft in drafts:
            await sender.add(draft)
        await sender.flush()
    finally:
        await sender.close()
