"""The allocator's book: everything that a decision about one handover may need, with an index for every question asked.

Knows how its parts hang together, so that no input makes anybody read all handovers. Must never know why one changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple, TypeAlias, TypeVar

from immutables import Map

from services.handover.contract import Contract, Rank
from services.handover.handover import Handover
from services.handover.provider import Provider
from services.handover.waiting import Kind, Waiters
from services.handover.wave import Wave

_K = TypeVar("_K")
Names: TypeAlias = "Map[str, None]"


class Book(NamedTuple):
    """`shelves`: a lot's contracts in the order of asking. `held`: handovers that take minutes of a contract.

    `offers`: offer id to handover id. `waiters`: by lot and kind, those who wait. `agenda`: by day, those for whom
    something falls due. `early`: requests from before the first day. `raises` counts the raises of capacity. A named
    tuple, as all its parts are, because each input makes several new ones of it.
    """

    today: date | None = None
    providers: Map[str, Provider] = Map()
    contracts: Map[str, Contract] = Map()
    of_provider: Map[str, tuple[str, ...]] = Map()
    shelves: Map[str, tuple[Rank, ...]] = Map()
    held: Map[str, Names] = Map()
    handovers: Map[str, Handover] = Map()
    offers: Map[str, str] = Map()
    waiters: Map[str, Map[Kind, Waiters]] = Map()
    waves: Map[str, Wave] = Map()
    open_waves: Names = Map()
    agenda: Map[date, Names] = Map()
    early: tuple[str, ...] = ()
    requests: int = 0
    raises: int = 0

    def contract_of(self, handover: Handover) -> Contract:
        """The contract under which its provider is asked or supports."""
        assert handover.offer is not None
        return self.contracts[handover.offer.contract_id]

    def holders(self, contract_id: str) -> list[Handover]:
        """The handovers that take minutes of a contract, in the order of their requests."""
        held = (self.handovers[name] for name in self.held.get(contract_id, Map()))
        return sorted(held, key=lambda handover: handover.order)

    def due_by(self, day: date) -> list[Handover]:
        """The handovers for which something falls due by a day, in the order of their requests."""
        names = {name for due in self.agenda if due <= day for name in self.agenda[due]}
        return sorted((self.handovers[name] for name in names), key=lambda handover: handover.order)

    def shelf(self, lot: str) -> tuple[Rank, ...]:
        """The lot's contracts in the order of asking."""
        return self.shelves.get(lot, ())


def with_handover(book: Book, handover: Handover) -> Book:
    """The book with a handover as it is now."""
    before = book.handovers.get(handover.id)
    former, coming = before and before.due_on, handover.due_on
    agenda = book.agenda
    if former != coming:
        agenda = _without(agenda, former, handover.id) if former else agenda
        agenda = agenda.set(coming, agenda.get(coming, Map()).set(handover.id, None)) if coming else agenda
    return book._replace(handovers=book.handovers.set(handover.id, handover), agenda=agenda)


def with_provider(book: Book, provider: Provider) -> Book:
    """The book with a provider as it is now, and its contracts as open as that makes them."""
    book = book._replace(providers=book.providers.set(provider.id, provider))
    return with_contracts(book, (book.contracts[name] for name in book.of_provider.get(provider.id, ())))


def with_contracts(book: Book, contracts: Iterable[Contract]) -> Book:
    """The book with these contracts as they are now, on the book's today."""
    for contract in contracts:
        book = with_contract(book, contract)
    return book


def with_contract(book: Book, contract: Contract) -> Book:
    """The book with a contract as it is now: its capacity of today, and its place in the order of asking."""
    if book.today is not None:
        can_be_asked = book.providers[contract.provider_id].can_be_asked(book.today)
        contract = contract.on(book.today, can_be_asked=can_be_asked)
    return _shelved(book, contract)


def taking(book: Book, contract_id: str, *, reserved: int = 0, used: int = 0) -> Book:
    """The book after so many minutes more (below 0: less) of a contract are reserved and used."""
    return _shelved(book, book.contracts[contract_id].taking(reserved=reserved, used=used))


def holding(book: Book, contract_id: str, handover_id: str) -> Book:
    """The book in which a handover takes minutes of a contract."""
    names = book.held.get(contract_id, Map()).set(handover_id, None)
    return book._replace(held=book.held.set(contract_id, names))


def releasing(book: Book, contract_id: str, handover_id: str) -> Book:
    """The book in which it does so no more."""
    return book._replace(held=_without(book.held, contract_id, handover_id))


def changed(book: Book, handover_id: str, change: Callable[[Handover], Handover]) -> Book:
    """The book with one handover changed."""
    return with_handover(book, change(book.handovers[handover_id]))


def _shelved(book: Book, contract: Contract) -> Book:
    former = book.contracts.get(contract.id)
    contracts = book.contracts.set(contract.id, contract)
    left, coming = former and former.rank, contract.rank
    if left == coming:
        return book._replace(contracts=contracts)
    shelf = book.shelf(contract.lot)
    if left is not None:
        at = bisect_left(shelf, left)
        shelf = (*shelf[:at], *shelf[at + 1 :])
    at = bisect_left(shelf, coming)
    shelves = book.shelves.set(contract.lot, (*shelf[:at], coming, *shelf[at:]))
    return book._replace(contracts=contracts, shelves=shelves)


def _without(index: Map[_K, Names], key: _K, name: str) -> Map[_K, Names]:
    left = index[key].delete(name)
    return index.set(key, left) if left else index.delete(key)
