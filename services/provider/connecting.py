"""A provider's connection from its settings: the one place where the kit builds its clients.

Knows which client does what. Must never know what is said.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.log.connection import Connection as Secured
from services.log.errors import UnknownTopic
from services.log.kafka_log import KafkaLog
from services.log.month_key import newest_public_key
from services.log.ports import Log, Place
from services.log.sealing import PublicKey
from services.provider.exchange_folder import FolderConnection
from services.provider.joining import Joining
from services.provider.kit import Connection, Provider
from services.provider.position import Position
from services.provider.witnessing import seen_checkpoints
from services.words.topics import KEYS, offers_topic

KEY_HOLDS_SECONDS = 24 * 60 * 60
"""So long a connection may use the month's public key that it began with; then connect anew (design §4)."""


@asynccontextmanager
async def connected(settings: Joining) -> AsyncIterator[Connection]:
    """A connection as the settings say. Raises `BrokerAway`, `UnknownTopic`, `NoPublicKey`, `PositionUnreadable`."""
    if settings.exchange is not None:
        yield FolderConnection(settings.provider, settings.exchange)
        return
    async with await provider_on(log_of(settings), settings) as provider:
        yield provider


def log_of(settings: Joining) -> Log:
    """The log of the trust, as this provider may see it: every client of the kit is made by it."""
    assert settings.bootstrap is not None
    if settings.password_file is None or settings.ca_file is None:
        return KafkaLog(settings.bootstrap)
    return KafkaLog(Secured(settings.bootstrap, settings.provider, settings.password_file, settings.ca_file))


async def provider_on(log: Log, settings: Joining, *, from_the_beginning: bool = False) -> Provider:
    """A provider's connection on a log, from where it stopped, or from the first message that is still kept."""
    public = await public_key(log, settings.provider)
    position = Position(None if from_the_beginning else settings.position_file)
    place = (offers_topic(settings.provider), 0)
    reader = log.reader({place: max(position.next, await _begin(log, place))})
    seen = await seen_checkpoints(log)
    return Provider(
        settings.provider,
        reader,
        log.sender(),
        public,
        position=position,
        newer_schemas=settings.schemas,
        seen=seen,
    )


async def public_key(log: Log, provider_id: str) -> PublicKey:
    """The key of the month, to which a reply's free text is sealed.

    Raises `UnknownTopic` if this provider has no topics, `NoPublicKey`, `BrokerAway`.
    """
    reader = log.reader({(KEYS, 0): 0})
    try:
        await reader.start()
        if await reader.partitions_of(offers_topic(provider_id)) is None:
            raise UnknownTopic(f"provider {provider_id} has no topics yet: is it registered?")
        return await newest_public_key(reader)
    finally:
        await reader.close()


async def _begin(log: Log, place: Place) -> int:
    """The first offset that is still kept: messages are, for a year."""
    offsets = log.offsets()
    try:
        await offsets.start()
        return (await offsets.begins([place]))[place]
    finally:
        await offsets.close()
