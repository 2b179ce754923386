"""What an emitter asks a broker before it can seal and post: the month's public key, and how many partitions there are.

Knows the two questions. Must never be asked from within a running event loop's own thread for long: it uses one beside.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from services.log.connection import Address
from services.log.errors import UnknownTopic
from services.log.kafka_reader import KafkaReader
from services.log.month_key import newest_public_key
from services.log.sealing import PublicKey
from services.words.topics import EPISODES_INBOX, KEYS


def ask(bootstrap: Address) -> tuple[PublicKey, int]:
    """The newest public key and the number of partitions of the episodes inbox.

    Raises `BrokerAway`, `UnknownTopic` and `NoPublicKey`.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:  # the caller's thread may have an event loop of its own
        return beside.submit(asyncio.run, _ask(bootstrap)).result()


async def _ask(bootstrap: Address) -> tuple[PublicKey, int]:
    async with KafkaReader(bootstrap, {(KEYS, 0): 0}) as reader:
        partitions = await reader.partitions_of(EPISODES_INBOX)
        if partitions is None:
            raise UnknownTopic(f"there is no topic {EPISODES_INBOX}: has the system been started with `sis up`?")
        return await newest_public_key(reader), partitions
