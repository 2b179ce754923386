"""What a host adds to the headers of a ledger or refused record, as far as a verification asks for it.

Knows the place of each: a host writes them last and in one order. Must never know what they should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from services.log.record import Headers
from services.words import envelope as named


class Added(NamedTuple):
    """Each as it lies there; empty where it is missing, which no host leaves."""

    inbox_offset: bytes
    sequence: bytes
    causation_id: bytes
    input_hash: bytes
    previous_hash: bytes


_NAMES = (named.INBOX_OFFSET, named.SEQUENCE, named.CAUSATION_ID, named.INPUT_HASH, named.PREVIOUS_HASH)


def added(headers: Headers) -> Added:
    """Found by its place, which takes an eighth of looking for it, or else by its name."""
    try:
        (one, at), (two, number), (three, cause), _, _, (six, hashed), (seven, last) = headers[-7:]
    except ValueError:  # fewer than a host adds
        return _by_name(dict(headers))
    if (one, two, three, six, seven) == _NAMES:
        return Added(at or b"", number or b"", cause or b"", hashed or b"", last or b"")
    return _by_name(dict(headers))


def _by_name(headers: Mapping[str, bytes | None]) -> Added:
    """A stranger's header may be null."""
    return Added(*(headers.get(name) or b"" for name in _NAMES))
