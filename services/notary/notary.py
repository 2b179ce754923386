"""The notary at work: it grows a Merkle tree for each partition and signs how far that has come.

At its start it reads everything again and compares with all it ever signed: it never signs two stories. Knows
records as hashes. Must never know what a record says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import OPENINGS, Checkpoint, NotACheckpoint, origin_of, place_of, read, signed
from services.audit.checkpoint_folder import keep, kept
from services.audit.merkle import Frontier
from services.audit.partition_reading import read_whole
from services.log.chain import record_hash
from services.log.ports import Log, Place
from services.log.record import Draft, Record
from services.words.topics import CHECKPOINTS

EVERY_RECORDS = 1_000
EVERY_SECONDS = 60.0
"""After so many records, or so long with something new, a partition gets its next checkpoint."""
_AT_ONCE = 1_000
_GATHER = 1.0
"""Seconds between two looks of a notary that is not behind: nobody waits for it, and looks take from those who work."""


class LedgerChanged(Exception):
    """A partition is not what was signed; starting again would not help, a person has to look."""


@dataclass(slots=True)
class _Page:
    """One partition: its tree, what was signed of it, and when."""

    tree: Frontier = field(default_factory=Frontier)
    signed_size: int = 0
    published_size: int = 0
    signed_at: float = 0.0
    held: dict[int, bytes] = field(default_factory=dict)


class Notary:
    """Reads `places` of a log; `now` gives seconds that only grow, `kick` hears of every step.

    `openings` gives the hashes of the vault's log of openings after so many entries.
    """

    def __init__(
        self,
        log: Log,
        places: Sequence[Place],
        folder: Path,
        key: Ed25519PrivateKey,
        now: Callable[[], float],
        kick: Callable[[str], None],
        openings: Callable[[int], Sequence[bytes]] | None = None,
    ) -> None:
        self._log = log
        self._folder = folder
        self._key = key
        self._now = now
        self._kick = kick
        self._openings = openings or _no_openings
        self._pages = {place: _Page() for place in (*places, *([OPENINGS] if openings else []))}
        self._reader = log.reader({})
        self._sender = log.sender()

    async def start(self) -> None:
        """Read everything, compare with what was signed, and connect. Raises `LedgerChanged`, `BrokerAway`."""
        self._kick("read what was signed")
        for _, note in kept(self._folder):
            self._remember(note)
        async for records in read_whole(self._log.reader, (CHECKPOINTS, 0)):
            for record in records:
                self._remember((record.value or b"").decode(errors="replace"), published=True)
        starts = {place: await self._read_again(place) for place in self._pages if place != OPENINGS}
        if OPENINGS in self._pages:
            _Growing(self._pages[OPENINGS], origin_of(OPENINGS)).end(self._openings(0))
        self._reader = self._log.reader(starts)
        await self._reader.start()
        await self._sender.start()

    async def run(self) -> None:
        """Sign for ever."""
        while True:
            if await self.step(1.0) < _AT_ONCE:
                await asyncio.sleep(_GATHER)

    async def step(self, wait: float) -> int:
        """Read what is new, and sign what is due; the number of records read."""
        self._kick("read")
        found = await self._reader.read(_AT_ONCE, wait)
        for place, records in found.items():
            self._pages[place[0], place[1]].tree.add(_hashes(records))
        if OPENINGS in self._pages:
            page = self._pages[OPENINGS]
            page.tree.add(self._openings(page.tree.size))
        now = self._now()
        due = [place for place, page in self._pages.items() if _is_due(page, now)]
        if due:
            self._kick("sign")
            await self._sign(due, now)
        return sum(map(len, found.values()))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._reader.close()
        await self._sender.close()

    async def _sign(self, places: Iterable[Place], now: float) -> None:
        """Into the folder first: what was published is always kept, and after a crash it is published again."""
        for place in places:
            page, origin = self._pages[place], origin_of(place)
            checkpoint = Checkpoint(origin, page.tree.size, page.tree.root())
            note = keep(self._folder, checkpoint, signed(checkpoint, self._key))
            if read(note, self._key.public_key()) != checkpoint:
                raise LedgerChanged(_changed(origin, checkpoint.size))
            await self._sender.add(Draft(CHECKPOINTS, 0, origin.encode(), (), note.encode()))
            page.signed_size, page.signed_at = checkpoint.size, now
        await self._sender.flush()
        for place in places:
            self._pages[place].published_size = self._pages[place].signed_size

    def _remember(self, note: str, *, published: bool = False) -> None:
        """Hold what this notary signed; what somebody else put there is the auditor's business."""
        with suppress(NotACheckpoint):
            checkpoint = read(note, self._key.public_key())
            page = self._pages.get(place_of(checkpoint.origin))
            if page is None:
                return
            if page.held.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                raise LedgerChanged(_changed(checkpoint.origin, checkpoint.size))
            if published:
                page.published_size = max(page.published_size, checkpoint.size)

    async def _read_again(self, place: Place) -> int:
        """Grow the tree of all there is, stopping at each size that was signed; where reading goes on."""
        growing, position = _Growing(self._pages[place], origin_of(place)), 0
        async for records in read_whole(self._log.reader, place):
            self._kick(f"read {origin_of(place)} again")
            growing.add(_hashes(records))
            position = records[-1].offset + 1
        growing.end()
        return position


class _Growing:
    """A tree grown again, and compared at each size that was signed. Raises `LedgerChanged`."""

    def __init__(self, page: _Page, origin: str) -> None:
        self._page = page
        self._origin = origin
        self._due = sorted(page.held, reverse=True)

    def add(self, hashes: Sequence[bytes]) -> None:
        """Go on with these."""
        tree, done = self._page.tree, 0
        while self._due and tree.size + len(hashes) - done >= self._due[-1]:
            due = self._due.pop()
            cut = done + due - tree.size
            tree.add(hashes[done:cut])
            done = cut
            if tree.root() != self._page.held[due]:
                raise LedgerChanged(_changed(self._origin, due))
        tree.add(hashes[done:])

    def end(self, hashes: Sequence[bytes] = ()) -> None:
        """There are no more than these: every size that was signed must have been reached."""
        self.add(hashes)
        if self._due:
            raise LedgerChanged(_changed(self._origin, self._due[-1]))
        self._page.signed_size = self._page.published_size


def _no_openings(_: int) -> Sequence[bytes]:
    return ()


def _is_due(page: _Page, now: float) -> bool:
    new = page.tree.size - page.signed_size
    return new >= EVERY_RECORDS or (new > 0 and now - page.signed_at >= EVERY_SECONDS)


def _hashes(records: Sequence[Record]) -> list[bytes]:
    return [record_hash(record.key, record.headers, record.value) for record in records]


def _changed(origin: str, size: int) -> str:
    return (
        f"the first {size} records of {origin} are not those that were signed; nothing more is signed until a person "
        "has looked: sis audit verify says what was changed"
    )
