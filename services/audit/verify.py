"""The whole verification: chains, numbers, roots, signatures, causes and outcomes of every partition.

Knows the order of reading: what is held first, then what was decided, then the inbox, so that a system that goes on
meanwhile is not found wrong. Must never send, nor open anything sealed.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.checkpoint import OPENINGS, NotACheckpoint, Note, origin_of, read
from services.audit.checkpoint_choice import NOT_THE_NOTARYS
from services.audit.findings import Report
from services.audit.gone import find_gone, gone_of
from services.audit.partition_reading import ReaderOf, flows, places_of, read_whole, watched
from services.audit.verify_roots import Held, Roots
from services.audit.verify_share import Share, verify, verify_alone
from services.log.errors import LogDamaged, NotAllowed, UnknownTopic
from services.log.kept import Altered, read_kept
from services.log.ports import Place
from services.log.record import Record
from services.words import envelope as named
from services.words.referred import ProviderConnected
from services.words.topics import CHECKPOINTS, HANDOVER_LEDGER, is_provider_id, provider_of_replies, replies_topic

_CONNECTED = ProviderConnected.TYPE.encode()
_SEEN = re.compile(r"([a-z0-9.-]{1,200}/[0-9]{1,5}) ([0-9]{1,15}) ([0-9a-f]{16})")
Begins = Callable[[Sequence[Place]], Awaitable[Mapping[Place, int]]]
"""Asks for the first offset that each partition still keeps: replies are kept for a year only."""


class Verification:
    """One verification of a log; `folder` are the notes of the write-once folder, `key` the notary's.

    `folder` is read after the topic, and `openings`, the hashes of the vault's log of openings, after both. `pool`:
    processes among which partitions are shared out; `reader_of` must then be one that can be sent to them.
    """

    def __init__(
        self,
        reader_of: ReaderOf,
        partitions: int,
        folder: Iterable[Note],
        key: Ed25519PublicKey,
        begins: Begins | None = None,
        pool: Executor | None = None,
        openings: Callable[[], Sequence[bytes]] | None = None,
    ) -> None:
        self._reader_of = reader_of
        self._partitions = partitions
        self._folder = folder
        self._key = key
        self._begins = begins or _from_the_beginning
        self._pool = pool
        self._openings = openings
        self._held: dict[str, list[Held]] = defaultdict(list)
        self._signed_ms: int | None = None
        self.report = Report()

    async def run(self) -> Report:
        """Verify everything."""
        # The notary keeps a note before it publishes it: read in this order, none is missed that is signed meanwhile.
        gone = frozenset(await gone_of(self._reader_of, [(CHECKPOINTS, 0), *watched(self._partitions)]))
        published = list[Note]()
        if (CHECKPOINTS, 0) not in gone:
            with self._or_damaged("checkpoints behind it are not heard"):
                published = [note async for note in self._published()]
        self._hold(self._folder, "the folder of checkpoints")
        self._hold(published, "the topic of checkpoints")
        if (CHECKPOINTS, 0) not in gone:
            self._compare_witnesses()
        if (HANDOVER_LEDGER, 0) not in gone:
            with self._or_damaged("what providers have seen is not heard"):
                await self._hear_providers()
        held = dict(self._held)
        find_gone(sorted(gone), held, self.report)
        shares = [
            Share(self._reader_of, flow, number, held, self._signed_ms, gone)
            for flow, number in flows(self._partitions)
        ]
        for report in await self._verified(shares):
            self.report.add(report)
        if self._openings is not None:
            self._verify_openings(self._openings())
        return self.report

    def _verify_openings(self, hashes: Sequence[bytes]) -> None:
        """The vault's log of openings against what is held of it."""
        origin = origin_of(OPENINGS)
        roots = Roots(origin, self._held.get(origin, []), self.report)
        roots.take(hashes, range(len(hashes)))
        roots.end()
        self.report.count("entries of the vault's log of openings", len(hashes))

    async def _verified(self, shares: Sequence[Share]) -> list[Report]:
        """The partitions one after the other, or each in a process of its own as far as there are some."""
        if self._pool is None:
            return [await verify(share) for share in shares]
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(self._pool, verify_alone, share) for share in shares))

    async def _published(self) -> AsyncIterator[Note]:
        async for records in read_whole(self._reader_of, (CHECKPOINTS, 0)):
            for record in records:
                self._signed_ms = max(self._signed_ms or 0, record.timestamp)
                yield f"{CHECKPOINTS}/0 offset {record.offset}", (record.value or b"").decode(errors="replace")

    @contextmanager
    def _or_damaged(self, meaning: str) -> Iterator[None]:
        try:
            yield
        except LogDamaged as damaged:
            self.report.damaged(damaged, meaning)

    def _hold(self, notes: Iterable[Note], witness: str) -> None:
        known = {origin_of(place) for flow, number in flows(self._partitions) for place in places_of(flow, number)}
        known.add(origin_of(OPENINGS))
        for where, text in notes:
            try:
                checkpoint = read(text, self._key)
            except NotACheckpoint as fault:
                self.report.find(where, None, str(fault), NOT_THE_NOTARYS)
                continue
            if checkpoint.origin not in known:
                what = f"it is of {checkpoint.origin}, which this system does not have"
                self.report.find(where, None, what, "It belongs to another ledger, or the partitions were changed")
                continue
            self._held[checkpoint.origin].append(Held(checkpoint.size, checkpoint.root, witness))

    async def _hear_providers(self) -> None:
        """What providers say in their replies that they have seen; the topic tells who said it."""
        topics = set()
        async for records in read_whole(self._reader_of, (HANDOVER_LEDGER, 0)):
            for record in records:
                if (named.TYPE, _CONNECTED) in record.headers:
                    topics |= self._replies_of(record)
        there = [(topic, 0) for topic in sorted(topics) if await self._is_there(topic)]
        for place, begin in (await self._begins(there)).items():
            async for records in read_whole(self._reader_of, place, begin):
                for record in records:
                    self._witness(record)

    def _replies_of(self, record: Record) -> set[str]:
        """The topic on which a provider that was connected replies; a fact that names none is a finding."""
        with suppress(Altered, KeyError):
            if is_provider_id(provider_id := str(read_kept(record).data["provider_id"])):
                return {replies_topic(provider_id)}
        what = "it does not say which provider was connected"
        means = "The fact was altered, and what that provider has seen is not heard"
        self.report.find(f"{record.topic}/{record.partition}", record.offset, what, means)
        return set()

    async def _is_there(self, topic: str) -> bool:
        """Whether a provider's replies can be read; if not, that is a finding."""
        reader = self._reader_of({(topic, 0): 0})
        try:
            await reader.start()
        except (UnknownTopic, NotAllowed):
            what = "it is not there, though the ledger has a fact that its provider was connected"
            means = "The topic was removed and this witness is lost, or the name of the provider was altered"
            self.report.find(f"{topic}/0", None, what, means)
            return False
        finally:
            await reader.close()
        return True

    def _witness(self, record: Record) -> None:
        """Hold what a reply says that its provider has seen, the same only once."""
        said = dict(record.headers).get(named.CHECKPOINTS_SEEN) or b""
        witness = f"provider {provider_of_replies(record.topic)}"
        for line in said.decode(errors="replace").splitlines():
            match = _SEEN.fullmatch(line)
            if match is None:
                what = "it says in no readable way which checkpoint its provider has seen"
                where = f"{record.topic}/{record.partition}"
                self.report.find(where, record.offset, what, "The provider's program is at fault; this witness is lost")
                return
            held = Held(int(match[2]), bytes.fromhex(match[3]), witness)
            if held not in self._held[match[1]]:
                self._held[match[1]].append(held)

    def _compare_witnesses(self) -> None:
        """Each of the two places holds all checkpoints, but for the newest that may be on its way."""
        for origin, held in self._held.items():
            roots: dict[int, bytes] = {}
            for one in (one for one in held if one.witness.startswith("the ")):
                if roots.setdefault(one.size, one.root) != one.root:
                    what = f"two signed checkpoints of its first {one.size} records differ"
                    self.report.find(origin, None, what, "The notary's key was used to tell two stories")
            folder, topic = (
                {one.size for one in held if one.witness.startswith(f"the {place}")} for place in ("folder", "topic")
            )
            on_its_way = {max(folder, default=0)}
            for size in sorted((topic - folder) | (folder - topic - on_its_way)):
                where = "folder" if size in topic else "topic"
                what = f"the checkpoint of its first {size} records is missing in the {where} of checkpoints"
                self.report.find(origin, None, what, "It was removed there; the other witness still holds it")


async def _from_the_beginning(places: Sequence[Place]) -> Mapping[Place, int]:
    return dict.fromkeys(places, 0)
