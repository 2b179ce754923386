"""The intake: events of a feed into the inboxes, in order, sealed, and a report of what became of them.

Knows where a type goes and at which days to wait. Judges nothing; at least once: the recorder knows an id it has had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.episodes.feed import HANDOVER_PREFIX
from services.log.doors import signed
from services.log.emitters import signed_by
from services.log.kept import read_kept
from services.log.ports import Place, Reader, Sender
from services.log.posting import posted, posted_to_all
from services.log.record import Draft, Record
from services.log.sealing import PublicKey
from services.log.settling import until_decided
from services.words import envelope as named
from services.words.calendar import DayBegan
from services.words.emitting import emitter_of
from services.words.topics import EPISODES, EPISODES_INBOX, HANDOVER, HANDOVER_INBOX

_INBOX_OF = {topic: flow.inbox for flow in (EPISODES, HANDOVER) for topic in (flow.ledger, flow.refused)}
_REFUSED = frozenset({EPISODES.refused, HANDOVER.refused})


def is_of_handovers(event: Mapping[str, Any]) -> bool:
    """Whether an event is for the handover inbox alone."""
    type_name: str = event["type"]
    return type_name.startswith(HANDOVER_PREFIX)


@dataclass(frozen=True, slots=True)
class Post:
    """What posting needs: partitions of the episodes inbox, the month's key, the ticker's key if days are signed.

    `emitters` gives the key with which an emitter signs, by its name; None: nothing is signed.
    """

    partitions: int
    public: PublicKey
    ticker: bytes | None
    emitters: Callable[[str], bytes] | None = None

    def drafts(self, event: Mapping[str, Any]) -> list[Draft]:
        """The inbox records of an event: handover words to their inbox, days to every partition of both."""
        if event["type"] == DayBegan.TYPE:
            days = [
                *posted_to_all(event, EPISODES_INBOX, self.partitions, self.public),
                *posted_to_all(event, HANDOVER_INBOX, 1, self.public),
            ]
            return days if self.ticker is None else [signed(draft, "ticker", self.ticker) for draft in days]
        if is_of_handovers(event):
            return [self._signed(posted(event, HANDOVER_INBOX, 1, self.public), event["source"])]
        return [self._signed(posted(event, EPISODES_INBOX, self.partitions, self.public), event["source"])]

    def _signed(self, draft: Draft, source: str) -> Draft:
        emitter = emitter_of(source)
        if emitter is None or self.emitters is None:
            return draft
        return signed_by(draft, emitter, self.emitters(emitter))


@dataclass(slots=True)
class Report:
    """What became of a run's own inbox records; `sent` counts records, of which a day has one for each partition."""

    sent: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    recorded: int = 0

    @property
    def repeated(self) -> int:
        """Records that changed nothing: had before, or a day that had passed."""
        return self.sent - self.recorded - len(self.refused)


class Intake:
    """One run of emitting."""

    def __init__(self, sender: Sender, reader: Reader, post: Post) -> None:
        self._sender = sender
        self._reader = reader
        self._post = post
        self._last: dict[Place, int] = {}
        self.runs: dict[Place, list[range]] = {}
        self.of_handovers = False
        """Whether any of it was for the allocator alone."""

    async def emit(
        self,
        events: Iterable[Mapping[str, Any]],
        settle_before: Callable[[str], bool],
        settle: Callable[[], Any],
        progress: Callable[[int], None],
    ) -> None:
        """Send events; before a day for which `settle_before(date)` holds, send what is waiting and `settle`."""
        for number, event in enumerate(events, start=1):
            if event["type"] == DayBegan.TYPE and settle_before(_date_of(event)):
                await self.flush()
                await settle()
            self.of_handovers |= is_of_handovers(event)
            for draft in self._post.drafts(event):
                await self._sender.add(draft)
            if number % 1000 == 0:
                progress(number)
        await self.flush()

    async def flush(self) -> None:
        """Wait until all that was sent lies in the inboxes."""
        for place, runs in (await self._sender.flush()).items():
            self.runs.setdefault(place, []).extend(runs)
            self._last[place] = runs[-1].stop - 1

    async def until_decided(self) -> None:
        """Wait until recorder and allocator have decided all that this run has put into their inboxes by now."""
        await until_decided(self._reader, self._last)


class Reporting:
    """Notes what engines write, and tells in the end what came of a run's own inbox offsets."""

    def __init__(self) -> None:
        self._recorded: set[tuple[Place, int]] = set()
        self._refused: dict[tuple[Place, int], Record] = {}

    def note(self, records: Sequence[Record]) -> None:
        """Take records of one ledger or refused partition."""
        topic, partition = records[0].topic, records[0].partition
        inbox = _INBOX_OF[topic], partition
        for record in records:
            offset = inbox, _inbox_offset(record)
            if topic in _REFUSED:
                self._refused[offset] = record
            else:
                self._recorded.add(offset)

    def made(self, runs: Mapping[Place, Sequence[range]]) -> Report:
        """The report on a run, once all of it is decided and read."""
        own = [(place, offset) for place, ranges in runs.items() for run in ranges for offset in run]
        refused = [_refusal(self._refused[offset]) for offset in own if offset in self._refused]
        return Report(len(own), refused, sum(offset in self._recorded for offset in own))


def _inbox_offset(record: Record) -> int:
    return int(next(content for name, content in record.headers if name == named.INBOX_OFFSET))


def _refusal(record: Record) -> dict[str, Any]:
    kept = read_kept(record)
    said = {name: kept.data[name] for name in ("type", "source", "code", "parameters")}
    return {"event_id": kept.causation_id, "subject": kept.subject, **said}


def _date_of(event: Mapping[str, Any]) -> str:
    data = event["data"]
    return str(data.get("date", "")) if type(data) is dict else ""
