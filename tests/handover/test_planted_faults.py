"""Rules broken on purpose: each plant is noticed by the auditor, and by the check that is meant to notice it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.county.policy import policy_on
from services.handover import days, messages, offer_history, placing, referring, replying, stopping, waves
from services.handover.book import Book, releasing
from services.handover.contract import Contract
from services.handover.deciding import Deciding
from services.handover.handover import Handover, Offer
from services.handover.replies import UNKNOWN, handover_named
from services.handover.waiting import Kind
from services.handover.wave import closing
from services.words import allocated, answers, commissioning
from services.words.answers import AnswerWord
from tests.handover.auditor import Broken, Check
from tests.handover.story import EAST, Story, day_of, handover, with_providers

Patch = Callable[[object, str, object], None]
Plant = Callable[[Patch], None]


def two_providers(minutes: int = 600) -> Story:
    """`oak` is asked before `ash`; only the auditor looks, not the checks of the book's own indexes."""
    return with_providers(("oak", "ash"), minutes=minutes, check=lambda _: None)


# The histories, which break nothing when nothing is planted


def an_answer_after_its_last_day() -> None:
    """`oak` accepts on the day after the last."""
    story = two_providers()
    story.request("ann")
    offer_id = story.newest_offer("ann")
    story.day("2012-10-09")
    story.tell(answers.Accept(offer_id=offer_id, start_on=day_of("2012-10-15")), "oak")


def an_answer_to_anothers_offer() -> None:
    """`ash` accepts what `oak` was asked."""
    story = two_providers()
    story.request("ann")
    story.accept("ash", "ann", "2012-10-08")


def a_decline_and_a_start() -> None:
    """`oak` declines, `ash` accepts and starts, and the trust's ledger says so."""
    story = two_providers()
    story.request("ann")
    story.decline("oak", "ann")
    story.accept("ash", "ann", "2012-10-08")
    story.day("2012-10-02")
    story.start("ash", "ann", "2012-10-02")
    story.support_started("ann")


def everybody_declines() -> None:
    """Both decline, and nobody is left to be asked."""
    story = two_providers()
    story.request("ann")
    story.decline("oak", "ann")
    story.decline("ash", "ann")


def more_than_there_is_room_for() -> None:
    """Three cases of 100 minutes for two providers of 120."""
    story = two_providers(minutes=120)
    for case in ("ann", "bob", "cyd"):
        story.request(case, 100)


def a_withdrawal_while_asked() -> None:
    """The request is withdrawn before `oak` has answered."""
    story = two_providers()
    story.request("ann")
    story.withdrawn("ann")


def a_wave() -> None:
    """Two legacy cases go into a wave; one is withdrawn after the freeze, and the wave runs and is closed."""
    story = two_providers()
    days_of_it = {"freeze_on": day_of("2012-10-03"), "start_on": day_of("2012-10-08")}
    story.tell(commissioning.WavePlanned(wave_id="w", lot=EAST, **days_of_it), EAST)
    for case in ("ann", "bob"):
        story.request(case, 60, cause="LEGACY_CSS")
        story.tell(commissioning.CaseAddedToWave(wave_id="w", handover_id=handover(case)), EAST)
    story.day("2012-10-03")
    story.withdrawn("bob")
    story.day("2012-10-08")
    story.tell(commissioning.WaveClosed(wave_id="w"), EAST)


# The plants


def accept_after_lapse(patch: Patch) -> None:
    """An offer never lapses."""
    patch(days, "lapse", lambda *_: None)


def foreign_accept(patch: Patch) -> None:
    """Nobody asks whose offer it is."""

    def set_aside(word: AnswerWord, _: str, book: Book) -> str | None:
        return None if handover_named(word, book) else UNKNOWN

    patch(replying, "set_aside", set_aside)


def outcome_not_told(patch: Patch) -> None:
    """Those who declined never hear that the case is placed."""
    patch(referring, "tell_unsuccessful", lambda *_: None)


def offer_twice(patch: Patch) -> None:
    """Each offer is made to the next provider, too."""
    once = placing._offer

    def twice(page: Deciding, handover: Handover, contract: Contract) -> None:
        once(page, handover, contract)
        once(page, page.book.handovers[handover.id], page.book.contracts["c-ash"])

    patch(placing, "_offer", twice)


def reservation_kept_on_decline(patch: Patch) -> None:
    """Minutes of an offer that came to nothing stay reserved."""

    def freed(book: Book, handover: Handover) -> Book:
        return releasing(book, book.contract_of(handover).id, handover.id)

    patch(offer_history, "freed", freed)


def capacity_ignored(patch: Patch) -> None:
    """A contract that is open has room."""

    def candidate(book: Book, _: str, kind: Kind) -> Contract | None:
        return next((c for c in book.contracts.values() if c.open and c.provider_id not in kind.asked), None)

    patch(placing, "candidate", candidate)


def pack_to_the_loser(patch: Patch) -> None:
    """The pack goes to the first who was asked."""

    def release_pack(page: Deciding, handover_id: str, issue: int) -> None:
        accepted = page.book.handovers[handover_id]
        loser = accepted.past[0].provider_id
        pack = messages.pack(page.book, accepted, issue).model_copy(update={"provider_id": loser})
        page.tell(loser, handover_id, pack)

    patch(replying, "release_pack", release_pack)


def start_moves_responsibility_itself(patch: Patch) -> None:
    """The allocator completes a handover on the provider's word, before the trust's ledger has taken it."""
    confirmed = replying._started

    def completed(page: Deciding, word: answers.ConfirmStart, handover: Handover, offer: Offer) -> None:
        confirmed(page, word, handover, offer)
        who = {"handover_id": handover.id, "lot": handover.lot, "provider_id": offer.provider_id}
        page.about(handover, allocated.HandoverCompleted(sis_episode_id=handover.episode_id, on=word.on, **who))

    patch(replying, "_started", completed)


def wave_started_before_its_day(patch: Patch) -> None:
    """A wave starts when it is frozen."""

    def at_the_freeze(page: Deciding) -> None:
        early = {name: wave._replace(start_on=wave.freeze_on) for name, wave in page.book.waves.items()}
        page.book = page.book._replace(waves=page.book.waves.update(early))
        waves.waves_due(page)

    patch(days, "waves_due", at_the_freeze)


def lapse_in_calendar_days(patch: Patch) -> None:
    """Weekends count."""
    patch(placing, "respond_by", lambda today: (today + timedelta(days=5), policy_on(today)))


def withdrawn_not_told(patch: Patch) -> None:
    """An offer is taken back in silence."""
    take_back = stopping.take_back

    def silently(page: Deciding, handover: Handover, why: str) -> Handover:
        patch(page, "tell", lambda *_: None)
        return take_back(page, handover, why)

    patch(stopping, "take_back", silently)


def asked_again(patch: Patch) -> None:
    """Nobody remembers who declined."""
    remembering = Handover.without_offer

    def forgetting(handover: Handover, end: str, raises: int) -> Handover:
        return remembering(handover, end, raises)._replace(asked=())

    patch(Handover, "without_offer", forgetting)


def aside_not_told(patch: Patch) -> None:
    """The sender of a reply that changes nothing hears nothing."""
    patch(replying, "_not_taken", lambda *_: None)


def withdrawn_not_counted(patch: Patch) -> None:
    """A wave's last word leaves out who was withdrawn."""

    def short(*asked: Any) -> commissioning.WaveClosed:
        return closing(*asked).model_copy(update={"withdrawn": 0})

    patch(waves, "closing", short)


PLANTS: tuple[tuple[Plant, Callable[[], None], Check], ...] = (
    (accept_after_lapse, an_answer_after_its_last_day, Check.IN_TIME),
    (foreign_accept, an_answer_to_anothers_offer, Check.OWN_OFFER),
    (outcome_not_told, a_decline_and_a_start, Check.TOLD),
    (offer_twice, everybody_declines, Check.ONE_OFFER),
    (reservation_kept_on_decline, everybody_declines, Check.TAKEN),
    (capacity_ignored, more_than_there_is_room_for, Check.CAPACITY),
    (pack_to_the_loser, a_decline_and_a_start, Check.PACK),
    (start_moves_responsibility_itself, a_decline_and_a_start, Check.TRUST_FIRST),
    (wave_started_before_its_day, a_wave, Check.WAVE_DAY),
    (lapse_in_calendar_days, everybody_declines, Check.DEADLINE),
    (withdrawn_not_told, a_withdrawal_while_asked, Check.TOLD),
    (asked_again, everybody_declines, Check.NOT_AGAIN),
    (aside_not_told, an_answer_to_anothers_offer, Check.TOLD),
    (withdrawn_not_counted, a_wave, Check.BALANCE),
)


@pytest.mark.parametrize(("plant", "history", "check"), PLANTS, ids=[plant.__name__ for plant, _, _ in PLANTS])
def test_a_planted_fault_is_noticed(
    plant: Plant, history: Callable[[], None], check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history is sound as it is; with the rule broken, the check that watches over that rule says so."""
    history()
    plant(monkeypatch.setattr)

    with pytest.raises(Broken) as noticed:
        history()

    assert noticed.value.check is check


def test_every_check_has_caught_something() -> None:
    """A check that no plant can trip would be no check."""
    assert {check for _, _, check in PLANTS} == set(Check)
