"""The allocator's rules broken on purpose: within a few stories the second reading says something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.handover import (
    commissioning,
    handover_history,
    history,
    messages,
    placing,
    recontracting,
    replies,
    stopping,
    waves,
)
from services.handover.book import Book
from services.handover.contract import Contract, Rank
from services.handover.deciding import Deciding
from services.handover.handover import Handover
from services.handover.handover_history import referred_to
from services.handover.offer_history import answered
from services.handover.provider import Provider
from services.handover.raising import raised
from services.handover.wave import Wave
from services.words import referred
from services.words.allocated import OfferDeclined
from services.words.word import Word
from tests.handover import test_planted_faults as planted
from tests.second_reading.test_handover_read_twice import first_difference

Patch = Callable[[object, str, object], None]
Plant = Callable[[Patch], None]
STORIES = range(100)


def old_papers(patch: Patch) -> None:
    """A pack is made of the papers of the request, whatever was corrected since (ruling 69)."""

    def deaf(book: Book, word: Any, lot: str) -> Book:
        return book if isinstance(word, referred.DossierChanged) else referred_to(book, word, lot)

    patch(history, "referred_to", deaf)


def an_end_raises_nothing(patch: Patch) -> None:
    """Who declined is not asked again when somebody's support has ended (ruling 62)."""
    patch(handover_history, "raised", lambda book, _: book)


def every_freeing_raises(patch: Patch) -> None:
    """Minutes freed by a decline count as a raise (ruling 62)."""

    def raising(book: Book, word: Any) -> Book:
        contract = book.contract_of(book.handovers[word.handover_id]) if isinstance(word, OfferDeclined) else None
        book = answered(book, word)
        return raised(book, contract.id) if contract else book

    patch(history, "answered", raising)


def toolkit_without_its_last_day(patch: Patch) -> None:
    """A security toolkit is out of date on its last day (ruling 73)."""
    patch(Provider, "is_in_date", lambda provider, day: provider.dspt_valid_to > day)


def no_share(patch: Patch) -> None:
    """In a tier the contract's id alone decides who is asked (H1)."""

    def rank(contract: Contract) -> Rank:
        return contract.tier, 0, contract.id

    patch(Contract, "rank", property(rank))


def any_start(patch: Patch) -> None:
    """A start is confirmed for any day (ruling 82)."""
    patch(replies, "_cannot_start", lambda *_: None)


def any_visit(patch: Patch) -> None:
    """A visit is booked for any day (decision 0025)."""
    patch(replies, "_cannot_book", lambda *_: None)


def reasons_kept(patch: Patch) -> None:
    """Who waits never hears of a new reason (ruling 76)."""
    patch(placing, "_tell_new_reasons", lambda *_: None)


def deferred_never_was(patch: Patch) -> None:
    """A case deferred after the freeze is left out of the wave's counts (ruling 70)."""
    patch(Wave, "without", lambda wave, name: wave._replace(cases=wave.cases.delete(name)))


def wanted_as_requested(patch: Patch) -> None:
    """A wave's case is wanted on no day (ruling 96)."""
    offered = messages.offer
    patch(messages, "offer", lambda *asked: offered(*asked).model_copy(update={"wanted_on": None}))


def room_for_running_support(patch: Patch) -> None:
    """Running support is contracted whether there is room or not (ruling 91)."""
    asked = recontracting._contract_refusals

    def roomy(*terms: Any) -> Any:
        return (refusal for refusal in asked(*terms) if refusal.code != "NO_ROOM")

    patch(recontracting, "_contract_refusals", roomy)


def nothing_to_be_replaced(patch: Patch) -> None:
    """Nobody hears that the contract of running support has ended (ruling 78)."""
    patch(stopping, "_to_be_replaced", lambda *_: None)


def the_first_day_told(patch: Patch) -> None:
    """Who is connected late hears of the first day of its support, whatever its contract (H8)."""

    def told(page: Deciding, contract_id: str) -> None:
        for handover in page.book.holders(contract_id):
            page.tell(
                page.book.contracts[contract_id].provider_id,
                handover.id,
                messages.recontracted(handover, handover.started_on or handover.requested_on),
            )

    patch(commissioning, "_tell_of_support", told)


def frozen_but_open(patch: Patch) -> None:
    """Cases are added to a wave after its freeze (ruling 89)."""
    asked = waves._adding_refusals

    def open_to_all(*terms: Any) -> Any:
        return (refusal for refusal in asked(*terms) if refusal.code != "WAVE_FROZEN")

    patch(waves, "_adding_refusals", open_to_all)


def asked_in_any_order(patch: Patch) -> None:
    """Whoever waits with the least minutes is tried first (ruling 75)."""
    turns = placing._turns

    def smallest_first(page: Deciding, lot: str, waiters: Any) -> Any:
        return [(kind.minutes, name, kind, waits) for _, name, kind, waits in turns(page, lot, waiters)]

    patch(placing, "_turns", smallest_first)


def loser_told_nothing(patch: Patch) -> None:
    """A failed start is not said to whoever failed (ruling 95)."""
    closed = messages.closed

    def lost(handover: Handover, outcome: str) -> Word:
        return closed(handover, "WITHDRAWN" if outcome == "START_FAILED" else outcome)

    patch(messages, "closed", lost)


PLANTS: tuple[Plant, ...] = (
    *(planted.accept_after_lapse, planted.outcome_not_told, planted.capacity_ignored, planted.withdrawn_not_told),
    *(planted.start_moves_responsibility_itself, planted.wave_started_before_its_day, planted.asked_again),
    *(planted.lapse_in_calendar_days, planted.aside_not_told, planted.withdrawn_not_counted),
    *(old_papers, an_end_raises_nothing, every_freeing_raises, toolkit_without_its_last_day, no_share, any_start),
    *(any_visit, reasons_kept, deferred_never_was, wanted_as_requested, room_for_running_support),
    *(nothing_to_be_replaced, the_first_day_told, frozen_but_open, asked_in_any_order, loser_told_nothing),
)


@pytest.mark.parametrize("plant", PLANTS, ids=[plant.__name__ for plant in PLANTS])
def test_the_second_reading_notices_a_planted_fault(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one rule broken, the two readings part within a few stories."""
    plant(monkeypatch.setattr)
    assert any(first_difference(seed) for seed in STORIES)
