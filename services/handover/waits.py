"""The book's waiting lines: joining one and leaving it.

Knows how a line is found. Must never know why anybody waits.
"""

from __future__ import annotations

from immutables import Map

from services.handover.book import Book, with_handover
from services.handover.handover import Handover, State
from services.handover.waiting import Kind, kind_of, lined_up, tidied


def kind_in(book: Book, handover: Handover) -> Kind:
    """The kind of a handover, as the book stands."""
    return kind_of(handover, book.of_provider, book.contracts)


def joined_line(book: Book, handover: Handover, why: str) -> Book:
    """The book in which a handover waits, or goes on waiting for another reason."""
    waiters = lined_up(book.waiters.get(handover.lot, Map()), kind_in(book, handover), handover, why)
    book = book._replace(waiters=book.waiters.set(handover.lot, waiters))
    return with_handover(book, handover._replace(state=State.WAITING, why=why))


def left_line(book: Book, before: Handover) -> Book:
    """The book after a handover changed; `before`: as it was. Whoever waited then and waits no more leaves its line."""
    if before.state is not State.WAITING:
        return book
    waiters = tidied(book.waiters[before.lot], kind_in(book, before), book.handovers)
    return book._replace(waiters=book.waiters.set(before.lot, waiters))
