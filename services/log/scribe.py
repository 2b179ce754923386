"""Writes down what was decided: facts, refusals and messages, with ids derived from their cause.

Knows how ids, sources and times of facts come about (design §4). Must never know why anything was decided.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from typing import NamedTuple
from uuid import UUID

from services.log.arrival import Arrival
from services.log.codec import encode
from services.log.desk import Counts
from services.log.record import Draft
from services.log.rules import Finish
from services.log.writing import Origin, Pages, Partition
from services.words.deciding import Decision, Fact, Message
from services.words.envelope import Envelope
from services.words.keeping import Refused
from services.words.refusals import Refusal
from services.words.topics import offers_topic

FACT_IDS = UUID("6f0f3a0e-7b1c-5e57-9a53-2f4c1d8b9e10")
"""Namespace of the ids of facts, refusals and messages, for ever."""
_IN_NAMESPACE = sha1(FACT_IDS.bytes, usedforsecurity=False)


class Redrive(NamedTuple):
    """The redrive under which an input is decided again."""

    id: str
    digest: bytes


class _Decided(NamedTuple):
    """A decision to be written; `suffix` keeps its ids apart from those that the input's id has made before."""

    arrival: Arrival
    origin: Origin
    decision: Decision
    suffix: str


class _Refused(NamedTuple):
    """A refusal to be written."""

    key: str
    said: Envelope
    origin: Origin
    refusal: Refusal
    redrive: Redrive | None


class Scribe:
    """Notes what a turn decides, and writes it down at its end in one go, which is faster than bit by bit."""

    def __init__(self, ledger: Partition, refused: Partition, source: str) -> None:
        self._ledger = Pages(ledger)
        self._refused = Pages(refused)
        self._source = source
        self._place = f"{ledger.topic}/{ledger.number}", f"{refused.topic}/{refused.number}"
        self._decided: list[_Decided] = []
        self._refusals: list[_Refused] = []
        self._messages: list[Draft] = []

    def counts(self, of: int) -> Counts:
        """What became of the inputs of a turn, `of` so many."""
        recorded = {noted.origin.offset for noted in self._decided if noted.decision.facts}
        refused = {noted.origin.offset for noted in self._refusals}
        return Counts(len(recorded), len(refused), of - len(recorded | refused))

    def record(self, arrival: Arrival, origin: Origin, decision: Decision, *, again: bool) -> None:
        """Note a decision's facts and messages.

        `again`: the id has made facts or messages before, or may do so once more; its offset keeps them apart.
        """
        self._decided.append(_Decided(arrival, origin, decision, f"@{origin.offset}" if again else ""))

    def refuse(self, key: str, said: Envelope, origin: Origin, refusal: Refusal, redrive: Redrive | None) -> None:
        """Note a refusal."""
        self._refusals.append(_Refused(key, said, origin, refusal, redrive))

    def drafts(self, finish: Finish) -> list[Draft]:
        """Finish what is noted and write it down: facts, refusals and messages, in the order in which to append them.

        To be called once.
        """
        finished = finish([noted.decision for noted in self._decided])
        for noted, decision in zip(self._decided, finished, strict=True):
            self._write(noted, decision)
        for refusal in self._refusals:
            self._write_refusal(*refusal)
        return [*self._ledger.drafts, *self._refused.drafts, *self._messages]

    def kept(self) -> None:
        """The turn was committed."""
        self._ledger.kept()
        self._refused.kept()

    def _write(self, noted: _Decided, decision: Decision) -> None:
        """Facts and messages are numbered through: that is part of their ids."""
        arrival, origin, _, suffix = noted
        for number, fact in enumerate(decision.facts):
            self._write_fact(arrival, origin, fact, f"{number}{suffix}")
        for number, message in enumerate(decision.messages, start=len(decision.facts)):
            self._messages.append(self._message(origin, message, f"{number}{suffix}"))

    def _write_fact(self, arrival: Arrival, origin: Origin, fact: Fact, number: str) -> None:
        """A copied fact keeps source, type and time of its input, a derived one has the service's own."""
        said, copied = arrival.envelope, fact.copied
        envelope = Envelope(
            fact_id(f"{self._place[0]}/{fact.key}/{origin.causation_id}/{number}"),
            fact.word.TYPE,
            said.source if copied else self._source,
            fact.subject,
            said.time if copied else origin.recorded_time,
        )
        value = arrival.record.value if fact.same else None
        self._ledger.add(fact.key, envelope, fact.correlation, value or encode(fact.word), origin)

    def _write_refusal(
        self, key: str, said: Envelope, origin: Origin, refusal: Refusal, redrive: Redrive | None
    ) -> None:
        """One id may be refused more than once, so the offset takes part in the refusal's own id."""
        word = Refused(
            type=said.type,
            source=said.source,
            code=refusal.code,
            parameters=dict(refusal.parameters),
            redrive_id=redrive.id if redrive else None,
            redrive_digest=redrive.digest if redrive else None,
        )
        refusal_id = fact_id(f"{self._place[1]}/{key}/{origin.causation_id}/{origin.offset}")
        envelope = Envelope(refusal_id, word.TYPE, self._source, said.subject, origin.recorded_time)
        self._refused.add(key, envelope, key, encode(word), origin)

    def _message(self, origin: Origin, message: Message, number: str) -> Draft:
        """A message goes to a provider's topic, keyed by its handover."""
        topic = offers_topic(message.provider_id)
        message_id = fact_id(f"{topic}/0/{message.key}/{origin.causation_id}/{number}")
        envelope = Envelope(message_id, message.word.TYPE, self._source, message.key, origin.recorded_time)
        return Draft(topic, 0, message.key.encode(), envelope.headers(), encode(message.word))


def fact_id(name: str) -> str:
    """UUIDv5 of a name in the namespace of facts; `uuid.uuid5` gives the same, at three times the cost."""
    hashed = _IN_NAMESPACE.copy()
    hashed.update(name.encode())
    digest = bytearray(hashed.digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=1024)
def rfc3339(milliseconds: int) -> str:
    """An append time as text, in UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
