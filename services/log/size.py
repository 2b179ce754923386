"""How large a draft may be. Knows the bound that topics are made with; must never know a client or what bytes say."""

from __future__ import annotations

from services.log.errors import DraftTooLarge
from services.log.record import Draft
from services.words.topics import RECORD_LIMIT

LARGEST_DRAFT = RECORD_LIMIT - 1024
"""Bytes, by `size_of`; a kibibyte is left for the head of the batch that a broker keeps a record in."""

_LENGTH = 5
"""Most bytes that one stored length takes (Kafka's record format 2, variable-length integers)."""
_HEAD = 21
"""Most bytes of a record's own head: length, attributes, time and offset."""


def size_of(draft: Draft) -> int:
    """Bytes that the draft takes in the log, never too few and by a few bytes too many."""
    pieces = [draft.key or b"", draft.value or b""]
    for name, value in draft.headers:
        pieces += [name.encode(), value]
    return _HEAD + _LENGTH + sum(_LENGTH + len(piece) for piece in pieces)


def must_fit(draft: Draft) -> None:
    """Raise `DraftTooLarge` if no topic could keep this draft."""
    size = size_of(draft)
    if size > LARGEST_DRAFT:
        raise DraftTooLarge(
            f"a record of {size} bytes for {draft.topic} partition {draft.partition} is larger than the largest "
            f"that the log keeps ({LARGEST_DRAFT} bytes): send less in one record"
        )
