"""What the commissioner says of providers and contracts: refused, or recorded with all that follows.

Knows rulings 61, 72, 73 and 78, and decision 0026. Refusals in the order of `words.refusals`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from services.county.codes import is_known
from services.county.places import Area, area_of
from services.handover import messages
from services.handover.book import Book
from services.handover.deciding import Deciding
from services.handover.stopping import stop
from services.words import commissioning
from services.words.access import own
from services.words.allocated import PackReleased
from services.words.handover_catalogue import ContractWord, ProviderWord
from services.words.referred import MessageNotCollected, ProviderConnected
from services.words.refusals import Refusal

CONTRACTED = frozenset({Area.EAST_KENT, Area.WEST_KENT})
"""The lots for which there can be contracts (H9, ruling 92)."""


def provider_refusal(
    word: ProviderWord | ProviderConnected | MessageNotCollected, subject: str, book: Book
) -> Refusal | None:
    """Why a word about a provider is not recorded."""
    if word.provider_id != subject or word.provider_id in own():
        return amiss("provider_id")
    if isinstance(word, commissioning.ProviderRegistered) or subject in book.providers:
        return None
    return Refusal("UNKNOWN_PROVIDER")


def contract_refusal(word: ContractWord, lot: str, book: Book) -> Refusal | None:
    """Why a word about a contract is not recorded; contracts are judged within the lot that is the word's subject."""
    return next(_contract_refusals(word, lot, book), None)


def provider_told(page: Deciding, word: ProviderWord | ProviderConnected) -> None:
    """A word about a provider is recorded."""
    known = page.book.providers.get(word.provider_id)
    page.copy(word.provider_id)
    contracts = page.book.of_provider.get(word.provider_id, ())
    page.lots |= {page.book.contracts[name].lot for name in contracts}
    if isinstance(word, commissioning.ProviderSuspended):
        for contract_id in contracts:
            stop(page, contract_id, "PROVIDER_SUSPENDED")
    if isinstance(word, ProviderConnected) and known is not None and not known.connected:
        for contract_id in contracts:
            _tell_of_support(page, contract_id)
    if isinstance(word, commissioning.ProviderKeyChanged) and word.reissue:
        for contract_id in contracts:
            _reissue(page, contract_id)


def not_collected(page: Deciding, word: MessageNotCollected) -> None:
    """A provider has not collected a message: recorded for people to act on, it changes nothing.

    Where the message is about a handover that is known, the fact lies in that handover's lot.
    """
    handover = page.book.handovers.get(word.handover_id) if word.handover_id else None
    page.copy(handover.lot if handover else word.provider_id, handover)


def contract_told(page: Deciding, word: ContractWord, lot: str) -> None:
    """A word about a contract is recorded."""
    page.copy(lot)
    page.lots.add(lot)
    if page.book.contracts[word.contract_id].over:
        stop(page, word.contract_id, "CONTRACT_ENDED")


def amiss(field: str) -> Refusal:
    """A field that does not fit the rest of the word."""
    return Refusal("INVALID_DATA", {"field": field, "problem": "NOT_AS_IT_SHOULD_BE"})


def _contract_refusals(word: ContractWord, lot: str, book: Book) -> Iterator[Refusal]:
    if isinstance(word, commissioning.ContractActivated):
        yield from _activation_refusals(word, lot, book)
        return
    contract = book.contracts.get(word.contract_id)
    if contract is None or contract.lot != lot:
        yield Refusal("UNKNOWN_CONTRACT")
        return
    match word:
        case commissioning.ContractEnded():
            if not contract.is_active(word.on):
                yield Refusal("CONTRACT_NOT_ACTIVE")
        case commissioning.CapacityDeclared():
            if word.weekly_minutes > contract.minutes:
                yield Refusal("OVER_CONTRACT", {"limit": str(contract.minutes)})
        case _:
            assert_never(word)


def _activation_refusals(word: commissioning.ContractActivated, lot: str, book: Book) -> Iterator[Refusal]:
    if word.lot != lot:
        yield amiss("lot")
    if word.to_on < word.from_on:
        yield amiss("to_on")
    if not all(is_known("district", district) for district in word.districts):
        yield Refusal("UNKNOWN_CODE", {"field": "districts", "list": "district"})
    if word.provider_id not in book.providers:
        yield Refusal("UNKNOWN_PROVIDER")
    if word.contract_id in book.contracts:
        yield Refusal("CONTRACT_EXISTS")
    if lot not in CONTRACTED or any(area_of(district) != lot for district in word.districts):
        yield Refusal("OUT_OF_LOT")


def _tell_of_support(page: Deciding, contract_id: str) -> None:
    """What was contracted with a provider before it was connected it hears now (H8)."""
    for handover in page.book.holders(contract_id):
        assert handover.contracted_on is not None, "nobody is asked before it is connected"
        provider_id = page.book.contracts[contract_id].provider_id
        page.tell(provider_id, handover.id, messages.recontracted(handover, handover.contracted_on))


def _reissue(page: Deciding, contract_id: str) -> None:
    """Everybody for whom this provider had a pack is sent to it anew (ruling 71)."""
    for handover in page.book.holders(contract_id):
        if handover.offer is None or not handover.offer.issue or handover.dossier is None:
            continue
        issue = handover.offer.issue + 1
        release_pack(page, handover.id, issue)


def release_pack(page: Deciding, handover_id: str, issue: int) -> None:
    """The provider that has accepted is told who the person is (H5)."""
    handover = page.book.handovers[handover_id]
    assert handover.offer is not None
    released = PackReleased(
        offer_id=handover.offer.id,
        handover_id=handover.id,
        lot=handover.lot,
        provider_id=handover.offer.provider_id,
        issue=issue,
    )
    page.about(handover, released)
    page.tell(handover.offer.provider_id, handover.id, messages.pack(page.book, handover, issue))
