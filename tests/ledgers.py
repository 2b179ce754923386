"""Ledger and refused partitions as the recorder would write them, for tests of everything that reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from services.log.codec import encode
from services.log.memory import MemoryRecord
from services.log.record import Record
from services.log.writing import Origin, Pages, Partition
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.envelope import Envelope
from services.words.keeping import Refused
from services.words.topics import EPISODES_LEDGER
from services.words.word import Word
from tests.episodes.words_said import PERSON, an_id

FIRST = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""When the first input of each partition was appended."""


class Ledger:
    """One partition of a ledger or refused topic; each `add` is one input, half a minute after the last."""

    def __init__(self, topic: str = EPISODES_LEDGER, partition: int = 0) -> None:
        self._partition = Partition(topic, partition)
        self.records: list[Record] = []
        self._inputs = 0

    def add(self, *facts: Word, person: str = PERSON) -> Sequence[Record]:
        """Write the facts that follow from one input about this person."""
        origin = self._origin(an_id(f"event {self._partition.number} {self._inputs}"))
        pages = Pages(self._partition)
        for ordinal, fact in enumerate(facts):
            self._write(pages, fact, person, an_id(f"{origin.causation_id}/{ordinal}"), origin)
        return self._keep(pages)

    def day(self, today: date) -> Sequence[Record]:
        """Write that a day began."""
        return self.add(DayBegan(date=today), person="")

    def refuse(self, refused: Refused, event_id: str, person: str = PERSON) -> Sequence[Record]:
        """Write one refusal."""
        pages = Pages(self._partition)
        self._write(pages, refused, person, an_id(f"refusal of {event_id} {self._inputs}"), self._origin(event_id))
        return self._keep(pages)

    def _origin(self, causation_id: str) -> Origin:
        at = (FIRST + timedelta(seconds=30 * self._inputs)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._inputs += 1
        digest = sha256(causation_id.encode()).digest()
        return Origin(self._inputs - 1, at, causation_id, digest, digest)

    def _write(self, pages: Pages, word: Word, person: str, fact_id: str, origin: Origin) -> None:
        envelope = Envelope(fact_id, word.TYPE, "/kmpt/maidstone-cmht", person, "2012-10-01T09:30:00+01:00")
        correlation = getattr(word, "episode_id", None) or person or CALENDAR_KEY
        pages.add(person or CALENDAR_KEY, envelope, correlation, encode(word), origin)

    def _keep(self, pages: Pages) -> Sequence[Record]:
        pages.kept()
        first = len(self.records)
        new = [
            MemoryRecord(
                draft.topic,
                draft.partition,
                first + n,
                1_793_600_000_000 + first + n,
                draft.key,
                draft.headers,
                draft.value,
            )
            for n, draft in enumerate(pages.drafts)
        ]
        self.records += new
        return new
