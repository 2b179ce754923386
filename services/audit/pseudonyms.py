"""Names that stand for ids in what leaves the trust: the same within an engagement, others in every other.

Knows one engagement's key (HMAC-SHA256, RFC 2104; UK GDPR Art. 4(5)). Must never keep a table from which a name could
be read back.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

KEY_BYTES = 32
_BYTES = 16
"""Of the MAC: 128 bits, so that no two of a county's ids ever share a pseudonym."""
_REMEMBERED = 100_000


class Naming(Protocol):
    """Gives the name by which an id is exported; `kind` is that of `LETTERS`."""

    def __call__(self, kind: str, id: str) -> str:
        """The name of this id; ids of two kinds never share one."""


LETTERS = {
    "person": "p",
    "episode": "e",
    "handover": "h",
    "offer": "o",
    "contact": "c",
    "worker": "w",
    "contract": "k",
    "wave": "v",
    "fact": "f",
    "refusal": "r",
}
"""Each kind's letter: it says what a pseudonym stands for, and keeps a spreadsheet from reading it as a number."""


def pseudonyms(key: bytes) -> Naming:
    """The naming of an engagement with this key of 32 bytes. ValueError for any other length."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"an engagement's key has {KEY_BYTES} bytes")

    keyed = hmac.new(key, digestmod="sha256")

    def name(kind: str, id: str) -> str:
        hashed = keyed.copy()  # two fifths of what it takes to begin with the key each time
        hashed.update(f"{kind}:{id}".encode())
        return LETTERS[kind] + hashed.digest()[:_BYTES].hex()

    return _remembering(name)


def opaque(kind: str, id: str) -> str:  # noqa: ARG001  # it is a Naming
    """The naming inside the trust: the opaque ids themselves, as every other command shows them."""
    return id


def _remembering(name: Callable[[str, str], str]) -> Naming:
    """Ids that are said only once are not worth remembering."""
    remembered = lru_cache(_REMEMBERED)(name)
    once = frozenset({"fact", "refusal", "contact"})

    def known(kind: str, id: str) -> str:
        return name(kind, id) if kind in once else remembered(kind, id)

    return known
