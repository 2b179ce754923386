"""Who is asked next, and why nobody can be: the order of asking as a pure question to the book (H1, H2).

Knows tier, share and contract id, who was asked, and which capacity was raised since. Must never change anything.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from services.county.policy import Policy, policy_on
from services.county.working_days import add_working_days
from services.handover.book import Book
from services.handover.contract import Contract
from services.handover.waiting import Kind

NO_CONTRACT, NO_PROVIDER, ALL_ASKED, NO_ROOM = "NO_CONTRACT", "NO_PROVIDER", "ALL_ASKED", "NO_ROOM"


def candidate(book: Book, lot: str, kind: Kind) -> Contract | None:
    """The contract to be asked next; None if nobody can be asked today.

    Whoever was asked before comes only when nobody unasked has room, and only on a contract raised since (H2).
    """
    again: Contract | None = None
    for _, _, contract_id in book.shelf(lot):
        contract = book.contracts[contract_id]
        if not has_room(contract, kind):
            continue
        if contract.provider_id not in kind.asked:
            return contract
        if again is None and contract_id not in kind.closed:
            again = contract
    return again


def has_room(contract: Contract, kind: Kind) -> bool:
    """Whether a contract could take a case of this kind today, whoever was asked before."""
    return contract.open and contract.free >= kind.minutes and kind.district in contract.districts


def why_waiting(book: Book, lot: str, kind: Kind) -> str:
    """Why nobody can be asked (ruling 76); the reason nearest to a place is given."""
    why = NO_CONTRACT
    for _, _, contract_id in book.shelf(lot):
        contract = book.contracts[contract_id]
        if not contract.active or kind.district not in contract.districts:
            continue
        if not contract.open:
            why = NO_PROVIDER if why == NO_CONTRACT else why
        elif contract.provider_id in kind.asked and contract_id in kind.closed:
            why = ALL_ASKED
        else:
            return NO_ROOM
    return why


@lru_cache(maxsize=64)
def respond_by(today: date) -> tuple[date, Policy]:
    """The last day for an answer to an offer of today, and the policy that says so (H2)."""
    policy = policy_on(today)
    return add_working_days(today, policy.respond_working_days), policy
