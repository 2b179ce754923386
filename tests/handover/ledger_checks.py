"""What must hold in the allocator's book after every input, checked from the handovers themselves, index by index."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

from services.handover.book import Book
from services.handover.contract import Contract
from services.handover.handover import OPEN_OFFER, TO_START, Handover, State
from services.handover.policy import candidate, why_waiting
from services.handover.waiting import members
from services.handover.waits import kind_in


def check(book: Book) -> None:
    """All of it."""
    _minutes_are_those_of_the_handovers(book)
    _shelves_are_in_order(book)
    _lines_hold_exactly_those_who_wait(book)
    _nobody_waits_who_could_be_asked(book)
    _agenda_holds_exactly_what_falls_due(book)


def _minutes_are_those_of_the_handovers(book: Book) -> None:
    reserved: Counter[str] = Counter()
    used: Counter[str] = Counter()
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for handover in book.handovers.values():
        taking = reserved if handover.state in OPEN_OFFER else used if _uses(handover) else None
        if taking is not None:
            contract = book.contract_of(handover)
            taking[contract.id] += handover.minutes
            holders[contract.id].add(handover.id)
    for name, contract in book.contracts.items():
        assert (contract.reserved, contract.used) == (reserved[name], used[name])
    assert {name: set(held) for name, held in book.held.items()} == holders


def _uses(handover: Handover) -> bool:
    return handover.state in TO_START or handover.is_running


def _share(contract: Contract) -> Fraction:
    return Fraction(contract.taken, max(contract.capacity, 1))


def _shelves_are_in_order(book: Book) -> None:
    by_lot: defaultdict[str, list[Contract]] = defaultdict(list)
    for contract in book.contracts.values():
        by_lot[contract.lot].append(contract)
    for lot, contracts in by_lot.items():
        contracts.sort(key=lambda contract: (contract.tier, _share(contract), contract.id))
        assert [rank[2] for rank in book.shelf(lot)] == [contract.id for contract in contracts]


def _lines_hold_exactly_those_who_wait(book: Book) -> None:
    waiting = {handover.id for handover in book.handovers.values() if handover.state is State.WAITING}
    lined_up = []
    for lines in book.waiters.values():
        for kind, waiters in lines.items():
            standing = list(members(waiters, book.handovers))
            assert standing
            assert waiters.line.name == standing[0].id
            assert all(kind_in(book, handover) == kind for handover in standing)
            lined_up += [handover.id for handover in standing]
    assert sorted(lined_up) == sorted(waiting)


def _nobody_waits_who_could_be_asked(book: Book) -> None:
    for lot, lines in book.waiters.items():
        for kind, waiters in lines.items():
            assert candidate(book, lot, kind) is None
            why = why_waiting(book, lot, kind)
            assert waiters.why == why
            assert {handover.why for handover in members(waiters, book.handovers)} == {why}


def _agenda_holds_exactly_what_falls_due(book: Book) -> None:
    due = {(day, name) for day, names in book.agenda.items() for name in names}
    assert due == {(handover.due_on, handover.id) for handover in book.handovers.values() if handover.due_on}
    assert book.today is None or all(day > book.today for day, _ in due)
