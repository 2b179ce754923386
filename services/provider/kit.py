"""The kit that a provider's system imports: receive what is meant for it, open packs with its own key, and answer.

    async with Provider("weald-bridge", reader, sender, public, position=Position(path)) as provider:
        for message in await provider.messages():
            await provider.answer(message, Accept(...))
            await provider.flush()
            provider.handled(message)

At least once: what was not `handled` comes again after a restart, and is known by its id; a reply is said again under
its own id, which is derived from the message that it answers. Knows one provider's two topics. Must never see
another's.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID, uuid5

from services.log.packing import open_pack, pack_aad
from services.log.ports import Reader, Sender
from services.log.sealing import PublicKey
from services.provider.position import Position
from services.provider.post import posted
from services.provider.reading import Message, message_of
from services.words.messages import Pack, PackReissued
from services.words.replies import Reply
from services.words.topics import offers_topic

_AT_ONCE = 1000
_REPLIES = UUID("6f0f3c52-2f0b-5a4e-9f0e-0c1f7a9b3d58")


class Connection(Protocol):
    """How a provider's program hears and answers: by Kafka (`Provider`) or by files (`FolderConnection`)."""

    provider_id: str

    async def messages(self) -> list[Message]:
        """All that has come since the last call; after a start, all that was not handled."""

    async def answer(self, message: Message, reply: Reply) -> None:
        """Answer a message; however often that is done, it is one reply."""

    async def flush(self) -> None:
        """Wait until all replies are kept. Raises `BrokerAway`; then say them again."""

    def handled(self, message: Message) -> None:
        """All up to this message is done with: it does not come again."""


class Provider:
    """One provider's connection by Kafka; `reader` reads its offers topic only, from `position` on."""

    def __init__(
        self,
        provider_id: str,
        reader: Reader,
        sender: Sender,
        public: PublicKey,
        *,
        position: Position | None = None,
        newer_schemas: Path | None = None,
        seen: bytes = b"",
    ) -> None:
        self.provider_id = provider_id
        self._place = (offers_topic(provider_id), 0)
        self._reader = reader
        self._sender = sender
        self._public = public
        self._position = position or Position()
        self._newer_schemas = newer_schemas
        self._seen = seen

    async def messages(self) -> list[Message]:
        """All that has come since the last call, up to the present end. Raises `BrokerAway`."""
        found: list[Message] = []
        while not await self._reader.at_end(self._place):
            records = (await self._reader.read(_AT_ONCE, 0.2)).get(self._place, ())
            found += [message_of(record, self._newer_schemas) for record in records]
        return found

    async def answer(self, message: Message, reply: Reply) -> None:
        """Answer a message; id and time follow from the message, so the same answer is one reply however often said.

        What was not taken is mended in answer to the `ReplyNotTaken` that says so.
        """
        await self.reply(reply, message.handover_id, id=reply_id(message, reply), time=message.time)

    async def reply(self, reply: Reply, handover_id: str, *, id: str, time: str) -> None:
        """Say something of its own accord; it has arrived when `flush` returns."""
        draft = posted(
            reply,
            provider_id=self.provider_id,
            handover_id=handover_id,
            id=id,
            time=time,
            public=self._public,
            seen=self._seen,
        )
        await self._sender.add(draft)

    async def flush(self) -> None:
        """Wait until all replies have arrived. Raises `BrokerAway`; then say them again under the same ids."""
        await self._sender.flush()

    def handled(self, message: Message) -> None:
        """All up to this message is done with, and its answers have arrived: it does not come again."""
        self._position.handled(message.offset)

    async def __aenter__(self) -> Self:
        try:
            await self._reader.start()
            await self._sender.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.close()
        await self._sender.close()


def reply_id(message: Message, reply: Reply) -> str:
    """The id of an answer: a message is answered at most once with each type of reply."""
    return str(uuid5(_REPLIES, f"{message.id}/{reply.TYPE}"))


def details_in(pack: Pack | PackReissued, provider_id: str, private_key: bytes) -> object:
    """Who the person is, opened with the provider's raw private key. Raises `DoesNotOpen`."""
    return open_pack(pack.key, pack.blob, private_key, pack_aad(pack.TYPE, pack.offer_id, provider_id, pack.issue))
