"""The balance of an inbox: each record was recorded, refused, or a repeat; repeats are counted here on their own.

Knows what a repeat is: same subject, id and content as earlier, or a day not after today. Counts by reading the inbox,
not by asking the engine, so that it can find the engine wrong. Must never keep a content it opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from services.county.civil_dates import london_day, parse_date
from services.log.arrival import Arrival, Unreadable, read_arrival
from services.log.canonical import canonical, without_nulls
from services.log.judging import lies_right
from services.log.keys import TurnKeys
from services.log.opening import opened
from services.log.record import Record
from services.words import envelope as named
from services.words.calendar import DayBegan
from services.words.topics import Flow


@dataclass(slots=True)
class Balance:
    """What lies in the inbox of a flow, and what became of it."""

    inbox: int = 0
    recorded: int = 0
    refused: int = 0
    repeats: int = 0

    @property
    def balances(self) -> bool:
        """Whether nothing was lost and nothing invented."""
        return self.inbox == self.recorded + self.refused + self.repeats


class Accountant:
    """Reads the three topics of a flow, each partition in order."""

    def __init__(self, flow: Flow, partitions: int, keys: TurnKeys) -> None:
        self._flow = flow
        self._partitions = partitions
        self._keys = keys
        self._contents: set[bytes] = set()
        self._days: dict[int, date] = {}
        self._outcomes: dict[str, set[tuple[int, int]]] = {flow.ledger: set(), flow.refused: set()}
        self.balance = Balance()

    def take(self, records: Sequence[Record]) -> None:
        """Take records of one partition of any of the three topics."""
        for record in records:
            if record.topic == self._flow.inbox:
                self.balance.inbox += 1
                self.balance.repeats += self._is_repeat(record)
            else:
                self._outcomes[record.topic].add((record.partition, _inbox_offset(record)))
        self.balance.recorded = len(self._outcomes[self._flow.ledger])
        self.balance.refused = len(self._outcomes[self._flow.refused])

    def _is_repeat(self, record: Record) -> bool:
        try:
            arrival = read_arrival(record)
            content = self._content(arrival)
        except Unreadable:
            return False
        if not lies_right(arrival, self._partitions):
            return False  # settled by nothing: each such record is refused
        if content in self._contents:
            return True
        self._contents.add(content)
        return arrival.envelope.type == DayBegan.TYPE and self._is_past(arrival)

    def _is_past(self, arrival: Arrival) -> bool:
        """Whether a day is not after today; one that has not come yet is refused, and today stays."""
        day, partition = parse_date(arrival.fields["date"]), arrival.record.partition
        today = self._days.get(partition, date.min)
        if day <= london_day(arrival.received):
            self._days[partition] = max(today, day)
        return day <= today

    def _content(self, arrival: Arrival) -> bytes:
        envelope, record = arrival.envelope, arrival.record
        data = opened(arrival, self._keys).data
        said = [envelope.id, envelope.source, envelope.type, envelope.time, without_nulls(data)]
        everywhere = "" if envelope.subject else str(record.partition)
        return sha256(canonical([envelope.subject, everywhere, said])).digest()


def _inbox_offset(record: Record) -> int:
    return int(next(content for name, content in record.headers if name == named.INBOX_OFFSET))
