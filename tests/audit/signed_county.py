"""A county on the log in memory, and a notary that signs it when a test says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.audit.checkpoint_folder import folder_of
from services.audit.partition_reading import watched
from services.log.emitters import signed_by
from services.log.memory_clients import InMemory
from services.notary.notary import EVERY_SECONDS, Notary
from services.notary.signing_key import signing_key
from services.vault.emitter_keys import emitter_key
from services.vault.openings import opening_hashes
from services.words.people import PersonRegistered
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


def said_twice(folder: Path) -> SignedCounty:
    """A county in which a team said one thing twice, signed: sealed anew, so that content and signature differ."""
    made = SignedCounty(folder)
    feed = feed_of("maidstone-2012.ndjson")
    day, event, last = feed[0], *[one for one in feed if one["type"] == PersonRegistered.TYPE][:2]
    made.county.tell(day)
    team = event["source"].removeprefix("/kmpt/")
    for _ in range(2):
        (draft,) = made.county.draft(event)
        made.county.log.append(signed_by(draft, team, emitter_key(folder, team)))
    made.county.tell(last)
    made.sign()
    return made


def year_of(folder: Path, partitions: int = 1, feed: str = "maidstone-2012.ndjson") -> SignedCounty:
    """A county that was told a feed, and signed."""
    signed = SignedCounty(folder, partitions)
    signed.county.tell(*feed_of(feed))
    signed.sign()
    return signed
