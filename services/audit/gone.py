"""Partitions that are no longer there: which they are, what is held of them, and what it means.

Knows places and checkpoints. Must never advise to make a topic anew: that would hide what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.audit.checkpoint import origin_of
from services.audit.findings import Report
from services.audit.partition_reading import ReaderOf
from services.audit.verify_roots import Held
from services.log.errors import UnknownTopic
from services.log.ports import Place
from services.words.topics import CHECKPOINTS, HANDOVER_LEDGER

_REMOVED = "Everything in it was removed, if it ever was there: look before it is made anew"
_UNHEARD = {
    CHECKPOINTS: "what it witnessed is not heard",
    HANDOVER_LEDGER: "handovers' inputs and outcomes are not held against each other, no provider is heard as witness",
}
_UNCOMPARED = "inputs and outcomes of its number are not held against each other"


class TopicGone(UnknownTopic):
    """An auditor asked for what a topic held, and it is not there."""


def topic_gone(absent: UnknownTopic) -> TopicGone:
    """The error, with what it means in the place of what to make anew; it stays the same from process to process."""
    return TopicGone(f"{str(absent).partition(':')[0]}. {_REMOVED}. sis audit verify says what else is left")


async def gone_of(reader_of: ReaderOf, places: Sequence[Place]) -> list[Place]:
    """Those of these partitions that are not there."""
    reader = reader_of({})
    try:
        counts = {topic: await reader.partitions_of(topic) or 0 for topic in sorted({topic for topic, _ in places})}
    finally:
        await reader.close()
    return [place for place in places if place[1] >= counts[place[0]]]


def find_gone(gone: Iterable[Place], held: Mapping[str, Sequence[Held]], report: Report) -> None:
    """One finding for each, with the largest checkpoint that is held of it."""
    for place in gone:
        origin = origin_of(place)
        largest = max(held.get(origin, ()), key=lambda one: one.size, default=None)
        known = "" if largest is None else f", but {largest.witness} holds a checkpoint of {largest.size} records"
        report.find(origin, None, f"it is not there{known}", f"{_REMOVED}; {_UNHEARD.get(place[0], _UNCOMPARED)}")
