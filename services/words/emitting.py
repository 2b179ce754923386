"""Who may say what teams and the commissioner say: a source, and the name of the one key that may speak for it.

Knows names. Must never know a key's file, nor what is said.
"""

from __future__ import annotations

from typing import NamedTuple

from services.county.places import TEAMS

_SOURCES = {f"/kmpt/{team}": team for team in TEAMS} | {"/kcc/commissioning": "commissioner"}
EMITTERS = tuple(sorted(_SOURCES.values()))
"""Everybody who has a key to sign with, by name."""


class EmitterKey(NamedTuple):
    """A key of an emitter.

    `until` is the last append time (milliseconds since 1970) at which it counts; None for the present one.
    """

    key: bytes
    until: int | None = None


def source_of(emitter: str) -> str:
    """The source for which an emitter's key may speak."""
    return next(source for source, name in _SOURCES.items() if name == emitter)


def emitter_of(source: str) -> str | None:
    """The name of the emitter whose key may speak for a source; None if no key may."""
    return _SOURCES.get(source)
