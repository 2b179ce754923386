"""A raise of a contract's capacity: whoever was asked before may be asked again on it (H2, ruling 62).

Knows what counts as a raise is for its callers to say. Must never free minutes by itself.
"""

from __future__ import annotations

from services.handover.book import Book
from services.handover.waiting import reopened


def raised(book: Book, contract_id: str) -> Book:
    """The book after a contract's capacity was raised."""
    contract = book.contracts[contract_id]
    raises = book.raises + 1
    waiters = book.waiters.get(contract.lot)
    if waiters is not None:
        book = book._replace(waiters=book.waiters.set(contract.lot, reopened(waiters, contract_id)))
    contracts = book.contracts.set(contract_id, contract._replace(raised_at=raises))
    return book._replace(raises=raises, contracts=contracts)
