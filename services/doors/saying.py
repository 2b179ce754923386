"""What a door says into an inbox, before it is known how many partitions that has.

Knows how sayings become drafts. Must never know what was read, nor a key to sign with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from services.log.partition import partition_of
from services.log.record import Draft
from services.words.calendar import CALENDAR_KEY
from services.words.envelope import AVRO, Envelope


@dataclass(frozen=True, slots=True)
class Saying:
    """One system word for the partition of its subject; without subject, for every partition."""

    inbox: str
    envelope: Envelope
    value: bytes
    content_type: bytes = AVRO


def drafts(saying: Saying, partitions: Mapping[str, int]) -> list[Draft]:
    """The inbox records of a saying, given the number of partitions of each inbox."""
    key = (saying.envelope.subject or CALENDAR_KEY).encode()
    count = partitions[saying.inbox]
    numbers = [partition_of(key, count)] if saying.envelope.subject else range(count)
    headers = saying.envelope.headers(saying.content_type)
    return [Draft(saying.inbox, number, key, headers, saying.value) for number in numbers]


def caused_by(fact_id: str, door: str) -> str:
    """The id of what a door says because of a fact: the same whenever the fact is read again."""
    return str(uuid5(UUID(fact_id), door))
