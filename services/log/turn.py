"""One turn: a batch of inbox records decided into drafts, and what the owner will remember once they are kept.

Everything here is synchronous and changes nothing but itself: the owner's memory moves by `kept`, after the commit.
Knows the order of judging, repeats first. Must never know a log or what the rules are about.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Generic, cast

from services.county.civil_dates import london_day
from services.log.desk import Counts, Desk, Memory
from services.log.hearing import Heard, Known, Stranger, hear, hear_again, known
from services.log.judging import word_of
from services.log.keys import TurnKeys
from services.log.record import Draft, Record
from services.log.remembered import Entry, Had, entry_of, had, had_recorded, name_of
from services.log.rules import Place, Rules, S, must_know
from services.log.scribe import Redrive, Scribe
from services.log.strangers import refusable
from services.words.deciding import Decision, Input
from services.words.keeping import Redriven
from services.words.refusals import Refusal
from services.words.word import Word


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
        self._lately: dict[bytes, list[Entry]] = {}
        self._scribe = Scribe(memory.ledger, memory.refused, desk.rules.source)
        self.counts = Counts()

    def decide(self, records: Sequence[Record]) -> list[Draft]:
        """Decide each record in its turn: facts, refusals and messages, in the order in which they are to be appended.

        To be called once.
        """
        self._keys.make_keys(self._first_seen(records))
        heard = hear(records, self._desk.partitions, self._keys)
        for one, before in zip(heard, known(heard, self._desk, self._memory.remembered), strict=True):
            if isinstance(one, Stranger):
                self._scribe.refuse(*refusable(one), one.refusal, None)
            else:
                self._take(one, before)
        self.counts = self._scribe.counts(of=len(records))
        return self._scribe.drafts(self._desk.rules.finish)

    def kept(self, next_offset: int) -> None:
        """The turn is committed: the owner goes on from here."""
        self._memory.state = self._state
        self._memory.next_offset = next_offset
        self._memory.remembered.take_over(self._lately)
        self._scribe.kept()

    def _first_seen(self, records: Sequence[Record]) -> set[str]:
        """Subjects without a fact or refusal so far, whose keys are still to be made (design §6)."""
        keys = {record.key.decode(errors="replace") for record in records if record.key}
        seen = self._memory.ledger.sequences, self._memory.refused.sequences
        new = {key for key in keys if not any(key in keyed for keyed in seen)}
        return {key for key in new if self._desk.rules.is_subject(key)}

    def _take(self, heard: Heard, before: Known) -> None:
        """Repeats first (ruling 3)."""
        if before.word is None:
            return
        lately = self._lately.get(heard.name, ())
        match had((*before.entries, *lately) if lately else before.entries, heard.origin.digest):
            case Had.NEVER:
                self._judge(heard, before.word)
            case Had.SAME:
                return
            case Had.OTHER if heard.arrival.envelope.type in self._desk.rules.answer_reuse:
                self._judge(heard._replace(reused=True), before.word)
            case Had.OTHER:
                self._refuse(heard, Refusal("ID_REUSED", {"what": "event"}))

    def _judge(self, heard: Heard, word: Word | Refusal) -> None:
        if isinstance(word, Refusal):
            self._refuse(heard, word)
            self._answer(heard, word)
        elif isinstance(word, Redriven):
            self._redrive(heard, word)
        else:
            must_know(word, self._desk.rules)
            self._decide(heard, word)

    def _redrive(self, heard: Heard, word: Redriven) -> None:
        """Decide the content of an earlier refused record anew, as an input of its own (ruling 3)."""
        original = self._original(heard, word.offset)
        if original is None:
            self._refuse(heard, Refusal("INVALID_DATA", {"field": "offset", "problem": "NOT_REFUSED"}))
            return
        before, lately = self._memory.remembered.entries(original.name), self._lately.get(original.name, ())
        match had_recorded((*before, *lately), original.origin.digest):
            case Had.SAME:
                return
            case Had.OTHER:
                self._refuse(original, Refusal("ID_REUSED", {"what": "event"}))
            case Had.NEVER:
                self._judge(original, word_of(original.arrival, original.content, self._desk))

    def _original(self, heard: Heard, offset: int) -> Heard | None:
        """What a redrive is about, heard again; None if its offset names no earlier readable record of this subject."""
        record = self._originals.get(offset)
        if record is None or offset >= heard.origin.offset:
            return None
        original = hear_again(record, self._desk.partitions, self._keys)
        if original is None or original.arrival.envelope.type == Redriven.TYPE:
            return None
        if original.arrival.envelope.subject != heard.arrival.envelope.subject:
            return None
        origin = heard.origin._replace(causation_id=original.origin.causation_id, digest=original.origin.digest)
        return original._replace(origin=origin, redrive=Redrive(heard.arrival.envelope.id, heard.origin.digest))

    def _decide(self, heard: Heard, word: Word) -> None:
        origin = heard.origin
        place = Place(heard.arrival.record.topic, self._memory.ledger.number, origin.offset)
        try:
            decision, state = self._decided(_told(heard, word), place)
        except _Undecided as fault:
            where = f"input {origin.offset} of partition {self._memory.ledger.number}"
            self._desk.alarm(f"{where} cannot be decided: {fault}")
            self._refuse(heard, Refusal("CANNOT_DECIDE"))
            return
        for refusal in decision.refusals:
            self._refuse(heard, refusal)
            self._answer(heard, refusal)
        self._scribe.record(heard.arrival, origin, decision, again=heard.reused)
        if decision.facts:
            self._remember(heard.name, origin.digest, recorded=True)
        self._state = state

    def _decided(self, told: Input[Word], place: Place) -> tuple[Decision, S]:
        """Prepare, decide, evolve and complete; again from the start if the vault's answer no longer holds."""
        rules = self._desk.rules
        while True:
            prepared = rules.prepare(told, place, self._keys)
            state = self._state
            try:
                decision = rules.decide(prepared, state)
                state = _after(decision, state, rules)
            except Exception as fault:  # a mistake in a rule may raise anything, and must not stop the partition
                raise _Undecided(_where(fault)) from fault
            completed = rules.complete(prepared, decision, place, self._keys)
            if completed is not None:
                # It is kept to the turn's end, and must not keep every state in between until then.
                return Decision(completed.facts, completed.refusals, completed.messages), state

    def _refuse(self, heard: Heard, refusal: Refusal) -> None:
        arrival, origin, content_key = heard.arrival, heard.origin, heard.content.content_key
        envelope, record = arrival.envelope, arrival.record
        key = (record.key or b"").decode()
        self._scribe.refuse(key, envelope, origin, refusal, heard.redrive)
        self._remember(heard.name, origin.digest, recorded=False)
        if heard.redrive is not None:
            again = name_of(envelope.subject, heard.redrive.id)
            self._remember(again, heard.redrive.digest, recorded=False)
        if content_key is not None:
            self._keys.keep_refused_key(record.topic, record.partition, record.offset, key, content_key)

    def _answer(self, heard: Heard, refusal: Refusal) -> None:
        """Let the sender hear of a refusal, once: a redrive that is refused again is not its doing."""
        if heard.redrive is None:
            said, data = heard.arrival.envelope, heard.content.data
            messages = tuple(self._desk.rules.answer_refusal(said, data, refusal, self._state))
            self._scribe.record(heard.arrival, heard.origin, Decision(messages=messages), again=True)

    def _remember(self, name: bytes, digest: bytes, *, recorded: bool) -> None:
        self._lately.setdefault(name, []).append(entry_of(digest, recorded=recorded))


def _after(decision: Decision, state: S, rules: Rules[S]) -> S:
    if decision.after is not None:
        return cast(S, decision.after)
    for fact in decision.facts:
        state = rules.evolve(state, fact)
    return state


def _told(heard: Heard, word: Word) -> Input[Word]:
    said, kept = heard.arrival.envelope, heard.content.kept
    received_on = _london_day_of(heard.origin.recorded_time)
    return Input(said.id, said.source, said.subject, said.time, word, received_on, None, kept, heard.reused)


@lru_cache(maxsize=1024)
def _london_day_of(recorded_time: str) -> date:
    return london_day(datetime.fromisoformat(recorded_time).astimezone(UTC))


def _where(fault: BaseException) -> str:
    """Kind and place of a fault, without a word of what it was about."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {last.name}, line {last.lineno}"
