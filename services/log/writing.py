"""Drafts of ledger and refused records: the headers in their one order, sequence and chain filled in.

Knows how a fact is written down. Must never know why it was decided.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from services.log.chain import ZEROS, record_hash
from services.log.record import Draft
from services.words import envelope as named
from services.words.envelope import Envelope


class Origin(NamedTuple):
    """What every record of one input shares: where the input lies, when it came, what it said."""

    offset: int
    recorded_time: str
    causation_id: str
    digest: bytes
    input_hash: bytes


@dataclass(slots=True)
class Partition:
    """The end of one ledger or refused partition: its last hash, and the last sequence of each key."""

    topic: str
    number: int
    last_hash: bytes = ZEROS
    sequences: dict[str, int] = field(default_factory=dict)


class Pages:
    """Drafts of one turn for one partition; the partition's end moves only when the turn is `kept`."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self._last_hash = partition.last_hash
        self._sequences: dict[str, int] = {}
        self.drafts: list[Draft] = []

    def add(self, key: str, envelope: Envelope, correlation: str, value: bytes, origin: Origin) -> None:
        """Write one record at the end."""
        sequence = (self._sequences.get(key) or self._partition.sequences.get(key, 0)) + 1
        headers = envelope.headers()
        headers += (
            (named.RECORDED_TIME, origin.recorded_time.encode()),
            (named.INBOX_OFFSET, b"%d" % origin.offset),
            (named.SEQUENCE, b"%d" % sequence),
            (named.CAUSATION_ID, origin.causation_id.encode()),
            (named.CORRELATION_ID, correlation.encode()),
            (named.CONTENT_DIGEST, origin.digest),
            (named.INPUT_HASH, origin.input_hash),
            (named.PREVIOUS_HASH, self._last_hash),
        )
        encoded_key = key.encode()
        self._sequences[key] = sequence
        self._last_hash = record_hash(encoded_key, headers, value)
        self.drafts.append(Draft(self._partition.topic, self._partition.number, encoded_key, headers, value))

    def kept(self) -> None:
        """The turn has been committed: the partition ends here now."""
        self._partition.last_hash = self._last_hash
        self._partition.sequences.update(self._sequences)
