"""A county on the log in memory, and a notary that signs it when a test says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.audit.checkpoint_folder import folder_of
from services.audit.partition_reading import watched
from services.log.memory_clients import InMemory
from services.notary.notary import EVERY_SECONDS, Notary
from services.notary.signing_key import signing_key
from services.vault.openings import opening_hashes
from tests.memory_county import MemoryCounty, feed_of


class SignedCounty:
    """One county; `sign` has every partition signed as far as it reaches."""

    def __init__(self, folder: Path, partitions: int = 1) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.county = MemoryCounty(folder, partitions)
        self.county.start()
        self.now = 0.0

    @property
    def checkpoints(self) -> Path:
        """The write-once folder."""
        return folder_of(self.folder)

    def notary(self) -> Notary:
        """A notary as after its process's start."""
        key, places = signing_key(self.folder), watched(self.county.partitions)
        openings = opening_hashes(self.folder)
        log = InMemory(self.county.log)
        return Notary(log, places, self.checkpoints, key, lambda: self.now, lambda _: None, openings)

    def sign(self) -> None:
        """A notary starts, signs what is new, and ends."""
        asyncio.run(self._sign(self.notary()))

    async def _sign(self, notary: Notary) -> None:
        self.now += EVERY_SECONDS
        await notary.start()
        await notary.step(0)
        await notary.close()


def year_of(folder: Path, partitions: int = 1, feed: str = "maidstone-2012.ndjson") -> SignedCounty:
    """A county that was told a feed, and signed."""
    signed = SignedCounty(folder, partitions)
    signed.county.tell(*feed_of(feed))
    signed.sign()
    return signed
