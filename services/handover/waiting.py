"""Who waits, in kinds: all of one kind can be asked of the same contracts, so that one look serves them all (H10).

Knows what makes two cases alike to the order of asking. Must never know which contracts have room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from immutables import Map

from services.handover.contract import Contract
from services.handover.handover import Handover, State
from services.handover.line import Line, after_first, entries, joined


class Kind(NamedTuple):
    """What the order of asking looks at: district, weekly minutes, who was asked, and which contracts are closed.

    `closed` are contracts of those asked whose capacity was not raised since (H2, rulings 62 and 74).
    """

    district: str
    minutes: int
    asked: frozenset[str]
    closed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Waiters:
    """The line of one kind; `why` is what all of them were told, empty if not all were told the same."""

    line: Line
    why: str


def kind_of(handover: Handover, of_provider: Mapping[str, tuple[str, ...]], contracts: Mapping[str, Contract]) -> Kind:
    """The kind of a handover."""
    closed = frozenset(
        name
        for provider_id, asked_at in handover.asked
        for name in of_provider.get(provider_id, ())
        if contracts[name].lot == handover.lot and contracts[name].raised_at <= asked_at
    )
    asked = frozenset(provider_id for provider_id, _ in handover.asked)
    return Kind(handover.district, handover.minutes, asked, closed)


def lined_up(waiters: Map[Kind, Waiters], kind: Kind, handover: Handover, why: str) -> Map[Kind, Waiters]:
    """The lot's waiters with one more, or with another reason told."""
    former = waiters.get(kind)
    line = former.line if former else None
    if handover.state is not State.WAITING:
        line = joined(line, Line(handover.order, handover.id))
        why = why if former is None or former.why == why else ""
    assert line is not None
    return waiters.set(kind, Waiters(line, why))


def tidied(waiters: Map[Kind, Waiters], kind: Kind, handovers: Mapping[str, Handover]) -> Map[Kind, Waiters]:
    """The lot's waiters after one of this kind waits no more: whoever left from the middle goes when first."""
    former = waiters[kind]
    line: Line | None = former.line
    while line is not None and handovers[line.name].state is not State.WAITING:
        line = after_first(line)
    return waiters.delete(kind) if line is None else waiters.set(kind, Waiters(line, former.why))


def reopened(waiters: Map[Kind, Waiters], contract_id: str) -> Map[Kind, Waiters]:
    """The lot's waiters after a contract's capacity was raised: it is closed to none of them any more."""
    for kind in [kind for kind in waiters if contract_id in kind.closed]:
        moved = waiters[kind]
        waiters = waiters.delete(kind)
        kind = kind._replace(closed=kind.closed - {contract_id})
        met = waiters.get(kind)
        line = joined(moved.line, met.line if met else None)
        assert line is not None
        same = met is None or met.why == moved.why
        waiters = waiters.set(kind, Waiters(line, moved.why if same else ""))
    return waiters


def members(waiters: Waiters, handovers: Mapping[str, Handover]) -> Iterable[Handover]:
    """Those of the line who still wait, in the order of their requests."""
    names = {entry.name for entry in entries(waiters.line) if handovers[entry.name].state is State.WAITING}
    return sorted((handovers[name] for name in names), key=lambda handover: handover.order)
