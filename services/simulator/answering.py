"""How the simulated providers answer: prompt, slow, silent, declining or contradictory, by provider and seed.

Knows what a provider will say, and on which day, to each message. Must never know the trust's state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from services.words import messages, replies
from services.words.word import Word

_ONE_DAY = timedelta(days=1)
_SILENT = {"saltings-care": 0.7, "pilgrims-way-living": 0.05}
"""Share of offers that a provider never answers."""
_DECLINES = {"ragstone-recovery": 0.4, "cobnut-support": 0.08, "pilgrims-way-living": 0.1, "weald-bridge": 0.1}
_SLOW = frozenset({"pilgrims-way-living"})
_CONTRADICTORY = frozenset({"weald-bridge"})
_START_FAILS = 0.04
_SUPPORT_ENDS = 0.06
_REASONS = ("CANNOT_MEET_NEED", "NO_CAPACITY", "START_DATE_NOT_MET", "OTHER")


@dataclass(frozen=True, slots=True)
class Planned:
    """A reply that a provider will give on a day; `id` is the same whenever it is planned again."""

    day: date
    provider_id: str
    handover_id: str
    id: str
    reply: replies.Reply


def answers(seed: int, provider_id: str, word: Word, today: date) -> list[Planned]:
    """All that a provider will ever say to one message that it received today."""
    match word:
        case messages.Offer():
            said = list(_to_offer(_chance(seed, provider_id, word.offer_id), provider_id, word, today))
            handover_id, cause = word.handover_id, word.offer_id
        case messages.Pack():
            said = list(_to_pack(_chance(seed, provider_id, f"{word.offer_id}/pack"), word, today))
            handover_id, cause = word.handover_id, f"{word.offer_id}/pack"
        case messages.HandoverClosed(outcome="COMPLETED"):
            said = list(_to_start(_chance(seed, provider_id, f"{word.handover_id}/end"), word, today))
            handover_id, cause = word.handover_id, f"{word.handover_id}/end"
        case _:
            return []
    return [
        Planned(day, provider_id, handover_id, str(uuid5(NAMESPACE_URL, f"{provider_id}/{cause}/{number}")), reply)
        for number, (day, reply) in enumerate(said)
    ]


def _to_offer(
    chance: Random, provider_id: str, offer: messages.Offer, today: date
) -> Iterator[tuple[date, replies.Reply]]:
    if chance.random() < _SILENT.get(provider_id, 0):
        return
    day = today + (4 if provider_id in _SLOW else chance.choice((0, 0, 1))) * _ONE_DAY
    yield today if day == today else today + _ONE_DAY, replies.Acknowledge(offer_id=offer.offer_id)
    if chance.random() < _DECLINES.get(provider_id, 0):
        reason = chance.choice(_REASONS)
        text = "We have nobody with this experience in the district." if reason == "OTHER" else None
        yield day, replies.Decline(offer_id=offer.offer_id, reason=reason, text=text)
        return
    start_on = day + chance.randint(3, 16) * _ONE_DAY
    yield day, replies.Accept(offer_id=offer.offer_id, start_on=start_on)
    if provider_id in _CONTRADICTORY and chance.random() < 0.5:
        yield day, replies.Decline(offer_id=offer.offer_id, reason="NO_CAPACITY")
        yield day + _ONE_DAY, replies.Accept(offer_id=offer.offer_id, start_on=start_on)


def _to_pack(chance: Random, pack: messages.Pack, today: date) -> Iterator[tuple[date, replies.Reply]]:
    yield today, replies.BookFirstVisit(handover_id=pack.handover_id, on=pack.start_on)
    if chance.random() < _START_FAILS:
        yield pack.start_on, replies.ReportStartFailure(handover_id=pack.handover_id, reason="FAILED_CONTACT")
        return
    yield pack.start_on, replies.ConfirmStart(handover_id=pack.handover_id, on=pack.start_on)


def _to_start(chance: Random, closed: messages.HandoverClosed, today: date) -> Iterator[tuple[date, replies.Reply]]:
    if chance.random() < _SUPPORT_ENDS:
        day = today + chance.randint(20, 90) * _ONE_DAY
        yield day, replies.EndSupport(handover_id=closed.handover_id, on=day, reason="02")


def _chance(seed: int, provider_id: str, cause: str) -> Random:
    return Random(f"{seed}/{provider_id}/{cause}")
