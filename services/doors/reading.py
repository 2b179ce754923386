"""What a door takes from a ledger: the records of the few types that it translates, and no others.

Knows type headers. A record of another type is not decoded, so that a newer word stops no door.
"""

from __future__ import annotations

from collections.abc import Collection

from services.log.kept import Kept, read_kept
from services.log.record import Record
from services.words import envelope as named


def kept_of(record: Record, types: Collection[str]) -> Kept | None:
    """The fact in a ledger record if it is of one of these types, else None."""
    said = next((content for name, content in record.headers if name == named.TYPE), b"")
    return read_kept(record) if said.decode() in types else None
