"""Waves as a fold of the handover ledger: what is shown of each, and what each fact changes in it (H7, rulings 70, 89).

Knows the words alone. Must never know what becomes of a case, but what a wave's last word counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias, assert_never

from services.words import allocated, commissioning
from services.words.handover_catalogue import WaveFact, WaveWord

WaveState: TypeAlias = Literal["PLANNED", "FROZEN", "STARTED", "CLOSED"]
COUNTED = ("started", "waiting", "deferred", "withdrawn", "not_possible")
"""The fates of a wave's cases; together they are all of them."""


@dataclass(frozen=True, slots=True)
class WaveShown:
    """A wave. `cases` are handover ids in the order in which they were added, from the freeze on all of them for ever.

    `deferred` are those that do not move with it after all; `counts` the fates of its cases, once it is closed.
    """

    wave_id: str
    lot: str
    freeze_on: date
    start_on: date
    state: WaveState = "PLANNED"
    cases: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    counts: Mapping[str, int] | None = None


def waved(wave: WaveShown | None, fact: WaveWord | WaveFact) -> WaveShown | None:
    """The wave after one fact that tells of it; one of a wave that is not known changes nothing."""
    if isinstance(fact, commissioning.WavePlanned):
        return WaveShown(fact.wave_id, fact.lot, fact.freeze_on, fact.start_on)
    if wave is None:
        return None
    match fact:
        case commissioning.CaseAddedToWave():
            return replace(wave, cases=(*wave.cases, fact.handover_id))
        case commissioning.CaseDeferred():
            return _deferred(wave, fact.handover_id)
        case allocated.WaveFrozen():
            return replace(wave, state="FROZEN", cases=tuple(fact.cases))
        case allocated.WaveStarted():
            return replace(wave, state="STARTED")
        case commissioning.WaveClosed():
            return replace(wave, state="CLOSED", counts={name: getattr(fact, name) for name in COUNTED})
        case _:
            assert_never(fact)


def _deferred(wave: WaveShown, handover_id: str) -> WaveShown:
    """Before the freeze the case was never in it (ruling 89)."""
    if wave.state == "PLANNED":
        return replace(wave, cases=tuple(case for case in wave.cases if case != handover_id))
    return replace(wave, deferred=(*wave.deferred, handover_id))
