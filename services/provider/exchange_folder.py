"""A provider's own side of the file exchange: the same connection as by Kafka, on a folder.

Knows the two folders `in` and `out`. Must never remove what the exchange put there: it acknowledges.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from services.provider.exchange_events import event_of_reply
from services.provider.exchange_files import TAKEN, Found, acknowledge, put, whole
from services.provider.kit import reply_id
from services.provider.reading import Message, message_in
from services.words.replies import Reply


class FolderConnection:
    """One provider's connection by files; its folder is `DIR/<provider>`."""

    def __init__(self, provider_id: str, folder: Path) -> None:
        self.provider_id = provider_id
        self._in, self._out = folder / "in", folder / "out"
        self._had: set[str] = set()

    async def messages(self) -> list[Message]:
        """All that has come since the last call, in the order in which the trust said it."""
        found = []
        for file in whole(self._in):
            if file.id in self._had or (self._in / f"{file.id}{TAKEN}").exists():
                continue
            order = file.control.get("order")
            found.append(message_in(_event(file), order if isinstance(order, int) else 0))
            self._had.add(file.id)
        return sorted(found, key=lambda message: message.offset)

    async def answer(self, message: Message, reply: Reply) -> None:
        """Answer a message; however often that is done, it is one reply."""
        name = reply_id(message, reply)
        put(self._out, name, event_of_reply(reply, self.provider_id, message.handover_id, name, message.time))

    async def flush(self) -> None:
        """Each reply lies in its folder already."""

    def handled(self, message: Message) -> None:
        """This message is done with: the exchange removes it. Should it be put there again, it comes again."""
        acknowledge(self._in, message.id)
        self._had.discard(message.id)


def _event(file: Found) -> Mapping[str, Any]:
    """The CloudEvent in a file; its id is the file's name, by which it is acknowledged."""
    try:
        event = orjson.loads(file.content)
    except orjson.JSONDecodeError:
        event = None
    return {**(event if isinstance(event, dict) else {}), "id": file.id}
