"""One turn: a batch of inbox records decided into drafts, and what the owner will remember once they are kept.

Everything here is synchronous and changes nothing but itself: the owner's memory moves by `kept`, after the commit.
Knows the order of judging, repeats first. Must never know a log or what the rules are about.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Generic, NamedTuple

from services.county.civil_dates import london_day
from services.log.arrival import Arrival, Unreadable, read_arrival
from services.log.chain import record_hash
from services.log.digest import digest_of
from services.log.doors import DoorKeys
from services.log.judging import lies_right, word_of
from services.log.keys import TurnKeys
from services.log.opening import Opened, opened
from services.log.record import Draft, Record
from services.log.remembered import Had, Remembered
from services.log.rules import Place, Rules, S, must_know
from services.log.scribe import Redrive, Scribe, rfc3339
from services.log.writing import Origin, Partition
from services.words import envelope as named
from services.words.calendar import CALENDAR_KEY
from services.words.deciding import Decision, Input
from services.words.envelope import Envelope
from services.words.keeping import Redriven
from services.words.refusals import Refusal
from services.words.word import Word

_LONGEST = 4_000
"""Bytes of a key or header; what is longer is read by nobody, and refused as unreadable."""


@dataclass(slots=True)
class Memory(Generic[S]):
    """All that the owner of a partition holds between turns."""

    state: S
    ledger: Partition
    refused: Partition
    remembered: Remembered = field(default_factory=Remembered)
    next_offset: int = 0


@dataclass(slots=True)
class Counts:
    """What became of inputs; the three together are all of them."""

    recorded: int = 0
    refused: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Desk(Generic[S]):
    """What does not change from turn to turn: the rules, the number of partitions, the doors' keys, the alarm bell."""

    rules: Rules[S]
    partitions: int
    doors: DoorKeys
    alarm: Callable[[str], None]


class _Read(NamedTuple):
    """An arrival, opened, with what every record of it will share."""

    arrival: Arrival
    content: Opened
    origin: Origin
    redrive: Redrive | None = None
    reused: bool = False


class _Undecided(Exception):
    """A rule raised something; `args[0]` says where."""


class Turn(Generic[S]):
    """Decides a batch. `originals` are the inbox records that its redrives are about, by offset."""

    def __init__(
        self, desk: Desk[S], memory: Memory[S], keys: TurnKeys, originals: Mapping[int, Record | None]
    ) -> None:
        self._desk = desk
        self._memory = memory
        self._keys = keys
        self._originals = originals
        self._state = memory.state
        self._remembered = Remembered()
        self._scribe = Scribe(memory.ledger, memory.refused, desk.rules.source)
        self.counts = Counts()

    @property
    def drafts(self) -> list[Draft]:
        """Facts, refusals and messages, in the order in which they are to be appended."""
        return self._scribe.drafts

    def decide(self, records: Sequence[Record]) -> None:
        """Decide each record in its turn."""
        self._keys.make_keys(self._first_seen(records))
        for record in records:
            facts, refusals = self._scribe.written
            self._take(record)
            now = self._scribe.written
            self.counts.recorded += now[0] > facts
            self.counts.refused += now[1] > refusals
            self.counts.repeated += now == (facts, refusals)

    def kept(self, next_offset: int) -> None:
        """The turn is committed: the owner goes on from here."""
        self._memory.state = self._state
        self._memory.next_offset = next_offset
        self._memory.remembered.take_over(self._remembered)
        self._scribe.kept()

    def _first_seen(self, records: Sequence[Record]) -> set[str]:
        """Subjects without a fact or refusal so far, whose keys are still to be made (design §6)."""
        keys = {record.key.decode(errors="replace") for record in records if record.key}
        seen = self._memory.ledger.sequences, self._memory.refused.sequences
        new = {key for key in keys if not any(key in keyed for keyed in seen)}
        return {key for key in new if self._desk.rules.is_subject(key)}

    def _take(self, record: Record) -> None:
        if _is_long_winded(record):
            self._refuse_stranger(record, Refusal("UNREADABLE", {"problem": "its key or a header is too long"}))
            return
        try:
            arrival = read_arrival(record)
            content = opened(arrival, self._keys, Place(record.topic, record.partition, record.offset))
        except Unreadable as fault:
            self._refuse_stranger(record, Refusal("UNREADABLE", {"problem": str(fault)}))
            return
        if not lies_right(arrival, self._desk.partitions):
            self._refuse_stranger(record, Refusal("MISROUTED"))
            return
        digest = digest_of(arrival, content, self._keys)
        read = _Read(arrival, content, _origin(record, arrival.envelope.id, digest))
        match self._had(arrival.envelope, digest):
            case Had.SAME:
                return
            case Had.OTHER if arrival.envelope.type in self._desk.rules.answer_reuse:
                self._judge(read._replace(reused=True))
            case Had.OTHER:
                self._refuse(read, Refusal("ID_REUSED", {"what": "event"}))
            case Had.NEVER:
                self._judge(read)

    def _judge(self, read: _Read) -> None:
        word = word_of(read.arrival, read.content, self._desk.rules, self._desk.doors)
        if isinstance(word, Refusal):
            self._refuse(read, word)
        elif isinstance(word, Redriven):
            self._redrive(read, word)
        else:
            must_know(word, self._desk.rules)
            self._decide(read, word)

    def _redrive(self, read: _Read, word: Redriven) -> None:
        """Decide the content of an earlier refused record anew, as an input of its own (ruling 3)."""
        original = self._original(read, word.offset)
        if original is None:
            self._refuse(read, Refusal("INVALID_DATA", {"field": "offset", "problem": "NOT_REFUSED"}))
            return
        match self._recorded(original.arrival.envelope, original.origin.digest):
            case Had.SAME:
                return
            case Had.OTHER:
                self._refuse(original, Refusal("ID_REUSED", {"what": "event"}))
            case Had.NEVER:
                self._judge(original)

    def _original(self, read: _Read, offset: int) -> _Read | None:
        """What a redrive is about, read again; None if its offset names no earlier readable record of this subject."""
        record = self._originals.get(offset)
        if record is None or offset >= read.origin.offset:
            return None
        try:
            arrival = read_arrival(record)
            content = opened(arrival, self._keys, Place(record.topic, record.partition, record.offset), again=True)
        except Unreadable:
            return None
        if arrival.envelope.subject != read.arrival.envelope.subject or arrival.envelope.type == Redriven.TYPE:
            return None
        if not lies_right(arrival, self._desk.partitions):
            return None
        digest = digest_of(arrival, content, self._keys)
        origin = read.origin._replace(causation_id=arrival.envelope.id, digest=digest)
        return _Read(arrival, content, origin, Redrive(read.arrival.envelope.id, read.origin.digest))

    def _decide(self, read: _Read, word: Word) -> None:
        envelope, origin = read.arrival.envelope, read.origin
        told = Input(
            id=envelope.id,
            source=envelope.source,
            subject=envelope.subject,
            time=envelope.time,
            word=word,
            received_on=_london_day_of(origin.recorded_time),
            sealed=read.content.kept,
            reused=read.reused,
        )
        try:
            decision, state = self._decided(
                told, Place(read.arrival.record.topic, self._memory.ledger.number, origin.offset)
            )
        except _Undecided as fault:
            self._desk.alarm(
                f"input {origin.offset} of partition {self._memory.ledger.number} cannot be decided: {fault}"
            )
            self._refuse(read, Refusal("CANNOT_DECIDE"))
            return
        for refusal in decision.refusals:
            self._refuse(read, refusal)
        # A reused id has made facts before: the offset keeps theirs and these apart.
        suffix = f"@{origin.offset}" if read.reused else ""
        for number, fact in enumerate(decision.facts):
            self._scribe.record(read.arrival, origin, fact, f"{number}{suffix}")
        for number, message in enumerate(decision.messages, start=len(decision.facts)):
            self._scribe.announce(origin, message, f"{number}{suffix}")
        if decision.facts:
            self._remembered.remember(envelope.subject, envelope.id, origin.digest, recorded=True)
        self._state = state

    def _decided(self, told: Input[Word], place: Place) -> tuple[Decision, S]:
        """Prepare, decide, evolve and complete; again from the start if the vault's answer no longer holds."""
        rules = self._desk.rules
        while True:
            prepared = rules.prepare(told, place, self._keys)
            state = self._state
            try:
                decision = rules.decide(prepared, state)
                for fact in decision.facts:
                    state = rules.evolve(state, fact)
            except Exception as fault:  # a mistake in a rule may raise anything, and must not stop the partition
                raise _Undecided(_where(fault)) from fault
            completed = rules.complete(prepared, decision, place, self._keys)
            if completed is not None:
                return completed, state

    def _refuse(self, read: _Read, refusal: Refusal) -> None:
        envelope, origin, record = read.arrival.envelope, read.origin, read.arrival.record
        key = envelope.subject or CALENDAR_KEY
        self._scribe.refuse(key, envelope, origin, refusal, read.redrive)
        self._remembered.remember(envelope.subject, envelope.id, origin.digest, recorded=False)
        if read.redrive is not None:
            self._remembered.remember(envelope.subject, *read.redrive, recorded=False)
        if read.content.content_key is not None:
            self._keys.keep_refused_key(record.topic, record.partition, record.offset, key, read.content.content_key)

    def _refuse_stranger(self, record: Record, refusal: Refusal) -> None:
        """Refuse what cannot be read or lies wrong: settled by nothing, so each such record is refused (ruling 3)."""
        texts = {name: (content or b"")[:_LONGEST].decode(errors="replace") for name, content in record.headers}
        key = f"{record.partition}/{record.offset}"
        said = Envelope(texts.get(named.ID, key), texts.get(named.TYPE, ""), texts.get(named.SOURCE, ""), "", "")
        self._scribe.refuse(key, said, _origin(record, said.id, bytes(32)), refusal, None)

    def _had(self, envelope: Envelope, digest: bytes) -> Had:
        answers = [m.had(envelope.subject, envelope.id, digest) for m in (self._remembered, self._memory.remembered)]
        return next((had for had in (Had.SAME, Had.OTHER) if had in answers), Had.NEVER)

    def _recorded(self, envelope: Envelope, digest: bytes) -> Had:
        memories = (self._remembered, self._memory.remembered)
        answers = [m.recorded(envelope.subject, envelope.id, digest) for m in memories]
        return next((had for had in (Had.SAME, Had.OTHER) if had in answers), Had.NEVER)


def _is_long_winded(record: Record) -> bool:
    """Whether key or headers are so long that a record that repeats them might be larger than the log keeps."""
    for _, content in record.headers:  # a plain loop: every record comes by here
        if len(content or b"") > _LONGEST:
            return True
    return record.key is not None and len(record.key) > _LONGEST


def _origin(record: Record, causation_id: str, digest: bytes) -> Origin:
    input_hash = record_hash(record.key, record.headers, record.value)
    return Origin(record.offset, rfc3339(record.timestamp), causation_id, digest, input_hash)


@lru_cache(maxsize=1024)
def _london_day_of(recorded_time: str) -> date:
    return london_day(datetime.fromisoformat(recorded_time).astimezone(UTC))


def _where(fault: BaseException) -> str:
    """Kind and place of a fault, without a word of what it was about."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {last.name}, line {last.lineno}"
