"""What is written of a record that could not be read or lies wrong (ruling 3: settled by nothing, refused each time).

Knows that nothing in such a record can be trusted, its own key and id included.
"""

from __future__ import annotations

from services.log.hearing import LONGEST, Stranger, input_hash
from services.log.scribe import rfc3339
from services.log.writing import Origin
from services.words import envelope as named
from services.words.envelope import Envelope


def refusable(stranger: Stranger) -> tuple[str, Envelope, Origin]:
    """Key, envelope and origin of its refusal; the key is `partition/offset`, for its own may be anybody's."""
    record = stranger.record
    texts = {name: (content or b"")[:LONGEST].decode(errors="replace") for name, content in record.headers}
    key = f"{record.partition}/{record.offset}"
    said = Envelope(texts.get(named.ID, key), texts.get(named.TYPE, ""), texts.get(named.SOURCE, ""), "", "")
    return key, said, Origin(record.offset, rfc3339(record.timestamp), said.id, bytes(32), input_hash(record))
