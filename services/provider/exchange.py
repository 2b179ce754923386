"""The file exchange: messages to a provider without Kafka as files, and its files as replies, after NHS MESH's ways.

At least once both ways: a message lies in `in` before the position moves on, a reply is in the log before its file is
removed. Whoever starts it again after a crash goes on without loss. Knows one provider's two topics and its folder.
Must never decide what a reply means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

import orjson

from services.county.civil_dates import london_day, parse_instant
from services.log.codec import encode
from services.log.doors import signed
from services.log.ports import Log
from services.log.record import Draft, Record
from services.log.scribe import rfc3339
from services.log.sealing import PublicKey
from services.provider.exchange_events import NotAReply, Said, event_of, reply_in
from services.provider.exchange_files import (
    TAKEN,
    Found,
    move_aside,
    partial,
    put,
    remove,
    taken,
    whole,
)
from services.provider.post import posted
from services.provider.whole_files import write_whole
from services.words.envelope import Envelope
from services.words.fields import is_uuid
from services.words.referred import MessageNotCollected
from services.words.topics import HANDOVER_INBOX, offers_topic

DOOR = "exchange"
SOURCE = "/kmpt/exchange"
COLLECTED_WITHIN = timedelta(days=5)
"""As MESH: who has not collected by then is reported to the sender (reference: domain 5.3)."""
LATE = ".late"
"""Ends the name of the note that a message was reported as not collected."""
_AT_ONCE = 500
_REPORTS = UUID("2a3d8a5e-6d0c-5b8e-8a66-3f1c7b0b9e24")


class Reporting(NamedTuple):
    """How the exchange tells the trust what was not collected: a log as it may use it, and the key by which it signs.

    It reads and replies in the provider's name, who may not write to the trust's inbox.
    """

    log: Log
    key: bytes


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass did; `partial` replies are on their way still."""

    delivered: int
    collected: int
    taken: int
    moved_aside: int
    not_collected: int
    partial: int

    @property
    def anything(self) -> bool:
        """Whether there was anything to do."""
        return any((self.delivered, self.collected, self.taken, self.moved_aside, self.not_collected))


class Exchange:
    """One provider's exchange in `folder`; `log` is as that provider may use it, `now` is the clock."""

    def __init__(
        self,
        provider_id: str,
        folder: Path,
        log: Log,
        public: PublicKey,
        reporting: Reporting,
        now: Callable[[], datetime],
    ) -> None:
        self._provider_id = provider_id
        self._in, self._out, self._aside = folder / "in", folder / "out", folder / "refused"
        self._log = log
        self._public = public
        self._key = reporting.key
        self._now = now
        self._group = f"kmpt.sis.{provider_id}.exchange"
        self._place = (offers_topic(provider_id), 0)
        self._sender = log.sender()
        self._reports = reporting.log.sender()
        self._offsets = log.offsets()
        self._reader = log.reader({})

    async def start(self) -> None:
        """Make the folders, connect, and go to where it stopped. Raises `BrokerAway`, `UnknownTopic`."""
        for folder in (self._in, self._out):
            folder.mkdir(parents=True, exist_ok=True)
        await self._offsets.start()
        stored = (await self._offsets.stored([self._group]))[self._group].get(self._place, 0)
        begin = (await self._offsets.begins([self._place]))[self._place]
        self._reader = self._log.reader({self._place: max(stored, begin)})
        await self._reader.start()
        await self._sender.start()
        await self._reports.start()

    async def step(self) -> Passed:
        """One pass: deliver, clear what was collected, take replies, report what lies too long. Raises `BrokerAway`."""
        delivered = await self._deliver()
        collected = self._clear_away()
        replies, moved_aside = await self._take()
        late = await self._report()
        return Passed(delivered, collected, replies, moved_aside, late, partial(self._out))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._reader.close()
        await self._sender.close()
        await self._reports.close()
        await self._offsets.close()

    async def _deliver(self) -> int:
        count = 0
        while not await self._reader.at_end(self._place):
            records = (await self._reader.read(_AT_ONCE, 0.2)).get(self._place, ())
            for record in records:
                self._put(record)
            count += len(records)
            await self._offsets.store(self._group, {self._place: await self._reader.position(self._place)})
        return count

    def _put(self, record: Record) -> None:
        event = event_of(record)
        sent = rfc3339(record.timestamp)
        put(self._in, event["id"], event, type=event["type"], sent=sent, order=record.offset)

    def _clear_away(self) -> int:
        names = taken(self._in)
        for name in names:
            remove(self._in, name)
            (self._in / f"{name}{LATE}").unlink(missing_ok=True)
            (self._in / f"{name}{TAKEN}").unlink(missing_ok=True)
        return len(names)

    async def _take(self) -> tuple[int, int]:
        """Replies into the log, by their time; a file is removed when its reply is kept."""
        said, garbage = self._read_replies()
        for one in said:
            await self._sender.add(
                posted(
                    one.reply,
                    provider_id=self._provider_id,
                    handover_id=one.handover_id,
                    id=one.id,
                    time=one.time,
                    public=self._public,
                )
            )
        await self._sender.flush()
        for one in said:
            remove(self._out, one.id)
        for name, words in garbage:
            move_aside(self._out, name, self._aside, words)
        return len(said), len(garbage)

    def _read_replies(self) -> tuple[list[Said], list[tuple[str, str]]]:
        said: list[Said] = []
        garbage: list[tuple[str, str]] = []
        for file in whole(self._out):
            try:
                said.append(reply_in(file.content, file.id))
            except NotAReply as fault:
                garbage.append((file.id, f"This file was not taken: {fault}. Mend it and put it again."))
        return sorted(said, key=lambda one: parse_instant(one.time)), garbage

    async def _report(self) -> int:
        """Tell the trust what the provider has not collected in time; once, and again only after a crash."""
        late = self._late()
        for _, draft in late:
            await self._reports.add(signed(draft, DOOR, self._key))
        await self._reports.flush()
        for name, _ in late:
            write_whole(self._in / f"{name}{LATE}", b"This message was reported to the trust as not collected.\n")
        return len(late)

    def _late(self) -> list[tuple[str, Draft]]:
        long_ago = london_day(self._now()) - COLLECTED_WITHIN
        return [
            (file.id, self._draft(word, str(file.control["sent"])))
            for file in whole(self._in)
            if not (self._in / f"{file.id}{LATE}").exists()
            and (word := self._lying(file)) is not None
            and word.since < long_ago
        ]

    def _lying(self, file: Found) -> MessageNotCollected | None:
        """The report of a message that lies in `in`; None of a file that the exchange did not put there as it is."""
        try:
            subject = orjson.loads(file.content)["subject"]
            return MessageNotCollected(
                provider_id=self._provider_id,
                message_id=file.id,
                message=str(file.control["type"]).rpartition(".")[2],
                handover_id=subject if is_uuid(subject) else None,
                since=london_day(parse_instant(file.control["sent"])),
            )
        except (ValueError, TypeError, KeyError):
            return None

    def _draft(self, word: MessageNotCollected, sent: str) -> Draft:
        envelope = Envelope(str(uuid5(_REPORTS, word.message_id)), word.TYPE, SOURCE, self._provider_id, sent)
        return Draft(HANDOVER_INBOX, 0, self._provider_id.encode(), envelope.headers(), encode(word))


def wall_clock() -> datetime:
    """Now: the exchange counts days by the clock, for a message waits in the world and not in a feed."""
    return datetime.now(UTC)
