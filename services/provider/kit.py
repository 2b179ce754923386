"""The kit that a provider's system imports: receive what is meant for it, and answer.

    async with Provider("weald-bridge", reader, sender, public) as connection:
        for message in await connection.messages():
            await connection.reply(Accept(...), message.handover_id, id=..., time=...)

At least once: a message may come again after a crash, and is known by its id; a reply may be sent again under its id.
Knows one provider's two topics. Must never see another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from services.log.codec import decode
from services.log.ports import Reader, Sender
from services.log.record import Record
from services.log.sealing import PublicKey
from services.provider.post import posted
from services.words import envelope as named
from services.words.handover_catalogue import MESSAGE_WORDS
from services.words.replies import Reply
from services.words.topics import offers_topic
from services.words.word import Word

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Message:
    """What the trust said: its own id, the handover that it is about, when, and where it lies in the offers topic."""

    id: str
    handover_id: str
    time: str
    offset: int
    word: Word


class Provider:
    """One provider's connection. The reader begins where the provider stopped; it must read its offers topic only."""

    def __init__(self, provider_id: str, reader: Reader, sender: Sender, public: PublicKey) -> None:
        self.provider_id = provider_id
        self._place = (offers_topic(provider_id), 0)
        self._reader = reader
        self._sender = sender
        self._public = public

    async def messages(self) -> list[Message]:
        """All that has come since the last call, up to the present end."""
        found: list[Message] = []
        while not await self._reader.at_end(self._place):
            records = (await self._reader.read(_AT_ONCE, 0.2)).get(self._place, ())
            found += [message_of(record) for record in records]
        return found

    async def reply(self, reply: Reply, handover_id: str, *, id: str, time: str) -> None:
        """Say something; it has arrived when `flush` returns."""
        draft = posted(
            reply, provider_id=self.provider_id, handover_id=handover_id, id=id, time=time, public=self._public
        )
        await self._sender.add(draft)

    async def flush(self) -> None:
        """Wait until all replies have arrived. Raises `BrokerAway`; then say them again under the same ids."""
        await self._sender.flush()

    async def __aenter__(self) -> Self:
        await self._reader.start()
        await self._sender.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.close()
        await self._sender.close()


def message_of(record: Record) -> Message:
    """A record of an offers topic, read."""
    headers = dict(record.headers)
    name, fields = decode(record.value)
    return Message(
        id=headers[named.ID].decode(),
        handover_id=(record.key or b"").decode(),
        time=headers[named.TIME].decode(),
        offset=record.offset,
        word=MESSAGE_WORDS[name].model_validate(fields),
    )
