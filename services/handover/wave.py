"""A wave of staged transfer: its days, its cases, and the counts that balance when it is closed.

Knows H7 and rulings 70, 89 and 90. Must never know a provider.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from immutables import Map

from services.handover.handover import RUNNING, Handover, State
from services.words.commissioning import WaveClosed


class Wave(NamedTuple):
    """A wave; `cases` are those added so far, after the freeze all of them for ever.

    `deferred`: cases of the freeze that move with it no more.
    """

    id: str
    lot: str
    freeze_on: date
    start_on: date
    cases: Map[str, None] = Map()
    deferred: frozenset[str] = frozenset()
    frozen: bool = False
    started: bool = False
    closed: bool = False

    def adding(self, handover_id: str) -> Wave:
        """The wave with one more case."""
        return self._replace(cases=self.cases.set(handover_id, None))

    def without(self, handover_id: str) -> Wave:
        """The wave without a case: before the freeze it was never in it, afterwards it is deferred (ruling 89)."""
        if self.frozen:
            return self._replace(deferred=self.deferred | {handover_id})
        return self._replace(cases=self.cases.delete(handover_id))


def closing(wave: Wave, handovers: Mapping[str, Handover]) -> WaveClosed:
    """The wave's last word, with what became of each case of the freeze (ruling 70)."""
    fates = Counter(_fates(wave, handovers))
    return WaveClosed(
        wave_id=wave.id,
        cases=len(wave.cases),
        started=fates["started"],
        waiting=fates["waiting"],
        deferred=fates["deferred"],
        withdrawn=fates["withdrawn"],
        not_possible=fates["not_possible"],
    )


def _fates(wave: Wave, handovers: Mapping[str, Handover]) -> Iterable[str]:
    for case in wave.cases:
        yield "deferred" if case in wave.deferred else _fate(handovers[case].state)


def _fate(state: State) -> str:
    if state in RUNNING:
        return "started"
    if state is State.WITHDRAWN:
        return "withdrawn"
    return "not_possible" if state is State.NOT_POSSIBLE else "waiting"
