"""What the commissioner says of waves, and what the days make of them.

Knows H7 and rulings 70, 89 and 90. Refusals in the order of `words.refusals`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from services.handover.book import Book
from services.handover.commissioning import CONTRACTED, amiss
from services.handover.deciding import Deciding
from services.handover.handover import LEGACY, Handover, State
from services.handover.wave import Wave, closing
from services.words import commissioning
from services.words.allocated import WaveFrozen, WaveStarted
from services.words.handover_catalogue import WaveWord
from services.words.refusals import Refusal


def wave_refusal(word: WaveWord, lot: str, book: Book) -> Refusal | None:
    """Why a word about a wave is not recorded; waves are judged within the lot that is the word's subject."""
    if isinstance(word, commissioning.WavePlanned):
        return next(_plan_refusals(word, lot, book), None)
    wave = book.waves.get(word.wave_id)
    if wave is None or wave.lot != lot:
        return Refusal("UNKNOWN_WAVE")
    match word:
        case commissioning.CaseAddedToWave():
            return next(_adding_refusals(word, wave, book), None)
        case commissioning.CaseDeferred():
            return next(_deferring_refusals(word, wave, book), None)
        case commissioning.WaveClosed():
            return next(_closing_refusals(wave), None)
        case _:
            assert_never(word)


def wave_told(page: Deciding, word: WaveWord, lot: str) -> None:
    """A word about a wave is recorded; a closed one with its counts."""
    match word:
        case commissioning.WavePlanned():
            page.copy(lot)
        case commissioning.CaseAddedToWave() | commissioning.CaseDeferred():
            page.copy(lot, page.book.handovers[word.handover_id])
        case commissioning.WaveClosed():
            page.copy(lot, word=closing(page.book.waves[word.wave_id], page.book.handovers))
        case _:
            assert_never(word)


def waves_due(page: Deciding) -> None:
    """On its day a wave is frozen, and on its day its cases begin to be offered (ruling 89)."""
    today = page.book.today
    assert today is not None
    for wave in (page.book.waves[name] for name in sorted(page.book.open_waves)):
        if not wave.frozen and wave.freeze_on <= today:
            cases = [handover.id for handover in _cases(page.book, wave)]
            page.say(wave.lot, WaveFrozen(wave_id=wave.id, lot=wave.lot, cases=cases))
        if not wave.started and wave.start_on <= today:
            page.say(wave.lot, WaveStarted(wave_id=wave.id, lot=wave.lot))
            for handover in _cases(page.book, wave):
                if handover.state is State.IN_WAVE and handover.wave_id == wave.id:
                    page.place_again(handover)


def _cases(book: Book, wave: Wave) -> list[Handover]:
    return sorted((book.handovers[name] for name in wave.cases), key=lambda handover: handover.order)


def _plan_refusals(word: commissioning.WavePlanned, lot: str, book: Book) -> Iterator[Refusal]:
    if word.lot != lot:
        yield amiss("lot")
    if word.freeze_on > word.start_on:
        yield amiss("start_on")
    if lot not in CONTRACTED:
        yield Refusal("OUT_OF_LOT")
    if book.today is not None and word.freeze_on <= book.today:
        yield Refusal("IN_THE_PAST", {"limit": book.today.isoformat()})
    if word.wave_id in book.waves:
        yield Refusal("WAVE_EXISTS")


def _adding_refusals(word: commissioning.CaseAddedToWave, wave: Wave, book: Book) -> Iterator[Refusal]:
    handover = book.handovers.get(word.handover_id)
    if handover is None or handover.lot != wave.lot:
        yield Refusal("UNKNOWN_HANDOVER")
        return
    if wave.frozen:
        yield Refusal("WAVE_FROZEN", {"limit": wave.freeze_on.isoformat()})
    if handover.cause != LEGACY or handover.state is not State.REQUESTED:
        yield Refusal("WRONG_STATE", {"state": handover.state})


def _deferring_refusals(word: commissioning.CaseDeferred, wave: Wave, book: Book) -> Iterator[Refusal]:
    handover = book.handovers.get(word.handover_id)
    if handover is None or handover.wave_id != wave.id:
        yield Refusal("UNKNOWN_HANDOVER")
        return
    if wave.closed:
        yield Refusal("WAVE_CLOSED")
    if handover.state not in (State.IN_WAVE, State.WAITING):
        yield Refusal("WRONG_STATE", {"state": handover.state})


def _closing_refusals(wave: Wave) -> Iterator[Refusal]:
    if wave.closed:
        yield Refusal("WAVE_CLOSED")
    if not wave.started:
        yield Refusal("WAVE_NOT_STARTED", {"limit": wave.start_on.isoformat()})
