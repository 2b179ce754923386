"""How a fact about a wave changes the book.

Knows which cases a wave has. Must never ask whether it should have been recorded.
"""

from __future__ import annotations

from typing import assert_never

from services.handover.book import Book, changed
from services.handover.handover import State
from services.handover.waits import left_line
from services.handover.wave import Wave
from services.words import allocated, commissioning
from services.words.handover_catalogue import WaveFact, WaveWord


def wave_told(book: Book, word: WaveWord | WaveFact) -> Book:
    """The book after a fact about a wave."""
    match word:
        case commissioning.WavePlanned():
            book = book._replace(open_waves=book.open_waves.set(word.wave_id, None))
            return _with(book, Wave(word.wave_id, word.lot, word.freeze_on, word.start_on))
        case commissioning.CaseAddedToWave():
            book = _with(book, book.waves[word.wave_id].adding(word.handover_id))
            return changed(book, word.handover_id, lambda h: h._replace(state=State.IN_WAVE, wave_id=word.wave_id))
        case commissioning.CaseDeferred():
            return _deferred(book, word)
        case commissioning.WaveClosed():
            book = book._replace(open_waves=book.open_waves.delete(word.wave_id))
            return _with(book, book.waves[word.wave_id]._replace(closed=True))
        case allocated.WaveFrozen():
            return _with(book, book.waves[word.wave_id]._replace(frozen=True))
        case allocated.WaveStarted():
            return _with(book, book.waves[word.wave_id]._replace(started=True))
        case _:
            assert_never(word)


def _deferred(book: Book, word: commissioning.CaseDeferred) -> Book:
    before = book.handovers[word.handover_id]
    book = _with(book, book.waves[word.wave_id].without(word.handover_id))
    book = changed(book, word.handover_id, lambda h: h._replace(state=State.REQUESTED, wave_id=None, why=""))
    return left_line(book, before)


def _with(book: Book, wave: Wave) -> Book:
    return book._replace(waves=book.waves.set(wave.id, wave))
