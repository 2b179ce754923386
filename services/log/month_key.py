"""The month's public key on its topic: written by the stack, read by whoever seals.

Knows the newest of the keys published. Must never know a private one.
"""

from __future__ import annotations

from services.log.codec import decode, encode
from services.log.ports import Reader, Sender
from services.log.record import Draft
from services.log.sealing import PublicKey
from services.words.envelope import Envelope
from services.words.keeping import MonthKeyPublished
from services.words.topics import KEYS

SOURCE = "/kmpt/stack"


class NoPublicKey(Exception):
    """No public key is published yet; the stack does that when it starts."""


async def newest_public_key(reader: Reader) -> PublicKey:
    """The newest key on the topic; the reader reads it from its beginning. Raises `NoPublicKey`."""
    newest = None
    while not await reader.at_end((KEYS, 0)):
        for records in (await reader.read(1000, 0.2)).values():
            for record in records:
                _, fields = decode(record.value)
                newest = PublicKey(fields["key_id"], fields["public_key"])
    if newest is None:
        raise NoPublicKey("no public key of the month is published; has the system been started with `sis up`?")
    return newest


async def publish(sender: Sender, key: PublicKey, now: str) -> None:
    """Publish a key; `now` is the instant of doing so (RFC 3339)."""
    word = MonthKeyPublished(key_id=key.key_id, public_key=key.key)
    envelope = Envelope(id=f"month-key-{key.key_id}", type=word.TYPE, source=SOURCE, subject=key.key_id, time=now)
    await sender.add(Draft(KEYS, 0, key.key_id.encode(), envelope.headers(), encode(word)))
    await sender.flush()
