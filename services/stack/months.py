"""The month's key while a system runs: published when a month begins, destroyed 35 days after its end.

Knows the vault's two questions and the topic of public keys. Must never see a private key.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.log.connection import Address
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.month_key import NoPublicKey, newest_public_key, publish
from services.log.sealing import PublicKey
from services.vault.vault import Vault
from services.words.topics import KEYS

EVERY = timedelta(hours=1)


class Months:
    """Looks at the calendar once an hour; `now` is the wall clock, with its time zone."""

    def __init__(self, data: Path, bootstrap: Address, now: Callable[[], datetime]) -> None:
        self._data = data
        self._bootstrap = bootstrap
        self._now = now
        self._looked: datetime | None = None
        self._published: PublicKey | None = None

    @property
    def due(self) -> bool:
        """Whether the last look was an hour ago."""
        return self._looked is None or not self._looked <= self._now() < self._looked + EVERY

    async def tend(self) -> list[str]:
        """Look, and do what has become due; what was done, in words. Raises `BrokerAway`.

        After a failure the next look comes an hour later too: until then emitters seal to the last month's key, which
        opens for another 35 days.
        """
        now = self._looked = self._now()
        done = []
        with closing(Vault(self._data, self._now)) as vault:
            month = vault.public_key_of_month()
            public = PublicKey(month.key_id, month.key)
            if public != self._published and await publish_if_new(self._bootstrap, public, now):
                done.append(f"the key of {month.key_id} was published")
            self._published = public
            done += [f"the key of {ended} was destroyed" for ended in vault.destroy_month_keys_due()]
        return done


async def publish_if_new(bootstrap: Address, public: PublicKey, now: datetime) -> bool:
    """Publish a key, unless it is the newest on its topic; whether that was done. Raises `BrokerAway`."""
    if await _newest(bootstrap) == public:
        return False
    sender = BatchSender(bootstrap)
    await sender.start()
    try:
        await publish(sender, public, now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    finally:
        await sender.close()
    return True


async def _newest(bootstrap: Address) -> PublicKey | None:
    async with KafkaReader(bootstrap, {(KEYS, 0): 0}) as reader:
        try:
            return await newest_public_key(reader)
        except NoPublicKey:
            return None
