"""The envelope: CloudEvents 1.0 in binary mode, and what a ledger adds to it.

Knows the names of headers and their order. Must never know what the value says.
"""

from __future__ import annotations

from typing import NamedTuple

SPECVERSION = "ce_specversion"
ID = "ce_id"
TYPE = "ce_type"
SOURCE = "ce_source"
SUBJECT = "ce_subject"
TIME = "ce_time"
CONTENT_TYPE = "content-type"
RECORDED_TIME = "ce_recordedtime"
INBOX_OFFSET = "ce_inboxoffset"
SEQUENCE = "ce_sequence"
CAUSATION_ID = "ce_causationid"
CORRELATION_ID = "ce_correlationid"
CONTENT_DIGEST = "contentdigest"
INPUT_HASH = "inputhash"
PREVIOUS_HASH = "prevhash"
DOOR_SIGNATURE = "doorsig"
EMITTER_SIGNATURE = "emitsig"
CHECKPOINTS_SEEN = "ce_checkpoint"
LONGEST_CHECKPOINTS = 3_000
"""Bytes of the header by which a provider says which checkpoints it has seen; no host reads it."""
HEADER_NAMES = (
    *(SPECVERSION, ID, TYPE, SOURCE, SUBJECT, TIME, CONTENT_TYPE, RECORDED_TIME, INBOX_OFFSET, SEQUENCE),
    *(CAUSATION_ID, CORRELATION_ID, CONTENT_DIGEST, INPUT_HASH, PREVIOUS_HASH, DOOR_SIGNATURE, EMITTER_SIGNATURE),
)
"""Every header that this system writes."""

AVRO = b"application/avro"
JSON = b"application/json"


class Envelope(NamedTuple):
    """Who says what of whom, and when it happened; `subject` is empty for what is said to every partition."""

    id: str
    type: str
    source: str
    subject: str
    time: str

    def headers(self, content_type: bytes = AVRO) -> list[tuple[str, bytes]]:
        """The headers of an input, in their fixed order; a subject that is empty is left out."""
        subject = [(SUBJECT, self.subject.encode())] if self.subject else []
        return [
            (SPECVERSION, b"1.0"),
            (ID, self.id.encode()),
            (TYPE, self.type.encode()),
            (SOURCE, self.source.encode()),
            *subject,
            (TIME, self.time.encode()),
            (CONTENT_TYPE, content_type),
        ]
