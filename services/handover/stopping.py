"""What ends without a start: offers taken back or lapsed, starts that fail, handovers withdrawn.

Knows which minutes are freed, who is told and who is asked next (H3, H11, rulings 64, 78, 83 and 95). Must never ask
whether it should end.
"""

from __future__ import annotations

from services.handover import messages
from services.handover.deciding import Deciding
from services.handover.handover import OPEN_OFFER, RUNNING, TO_START, Handover
from services.words import allocated
from services.words.messages import OfferLapsed, OfferWithdrawn


def take_back(page: Deciding, handover: Handover, why: str) -> Handover:
    """An open offer is withdrawn; it counts as never made."""
    offer = handover.offer
    assert offer is not None
    page.freed[offer.contract_id] = None
    word = allocated.OfferWithdrawn(
        offer_id=offer.id, handover_id=handover.id, lot=handover.lot, provider_id=offer.provider_id, why=why
    )
    page.tell(offer.provider_id, handover.id, OfferWithdrawn(offer_id=offer.id, handover_id=handover.id))
    return page.about(handover, word)


def lapse(page: Deciding, handover: Handover) -> None:
    """Nobody answered in time (ruling 77)."""
    offer = handover.offer
    assert offer is not None
    assert offer.respond_by is not None
    page.freed[offer.contract_id] = None
    page.about(
        handover,
        allocated.OfferLapsed(
            offer_id=offer.id,
            handover_id=handover.id,
            lot=handover.lot,
            provider_id=offer.provider_id,
            respond_by=offer.respond_by,
        ),
    )
    lapsed = OfferLapsed(offer_id=offer.id, handover_id=handover.id, respond_by=offer.respond_by)
    page.tell(offer.provider_id, handover.id, lapsed)
    page.place_again(handover)


def fail(page: Deciding, handover: Handover, why: str) -> None:
    """The provider that accepted does not start: the next is asked, and the trust stays accountable (H6)."""
    offer = handover.offer
    assert offer is not None
    page.freed[offer.contract_id] = None
    word = allocated.StartFailed(
        offer_id=offer.id, handover_id=handover.id, lot=handover.lot, provider_id=offer.provider_id, why=why
    )
    page.about(handover, word)
    page.tell(offer.provider_id, handover.id, messages.closed(handover, "START_FAILED"))
    page.place_again(handover)


def stop(page: Deciding, contract_id: str, why: str) -> None:
    """A contract ended or its provider was suspended: all but running support comes to an end (H11, ruling 78)."""
    for handover in page.book.holders(contract_id):
        if handover.state in OPEN_OFFER:
            take_back(page, handover, why)
            page.place_again(handover)
        elif handover.state in TO_START:
            fail(page, handover, why)
        elif why == "CONTRACT_ENDED" and not handover.to_be_replaced:
            _to_be_replaced(page, handover)


def withdraw(page: Deciding, handover: Handover, why: str) -> None:
    """The handover is no more: whoever had to do with it is told so, and never why (ruling 95)."""
    offer = handover.offer
    if handover.state in OPEN_OFFER:
        handover = take_back(page, handover, "WITHDRAWN")
    elif handover.state in TO_START | RUNNING:
        assert offer is not None
        page.freed[offer.contract_id] = None
        page.tell(offer.provider_id, handover.id, messages.closed(handover, "WITHDRAWN"))
    page.about(handover, allocated.HandoverWithdrawn(handover_id=handover.id, lot=handover.lot, why=why))
    tell_unsuccessful(page, handover, "WITHDRAWN")


def tell_unsuccessful(page: Deciding, handover: Handover, outcome: str) -> None:
    """Those who declined, lapsed or failed hear how it ended; whoever has the case hears it otherwise."""
    for provider_id, _ in handover.asked:
        if handover.offer is None or handover.offer.provider_id != provider_id:
            page.tell(provider_id, handover.id, messages.closed(handover, outcome))


def _to_be_replaced(page: Deciding, handover: Handover) -> None:
    assert handover.offer is not None
    page.about(
        handover,
        allocated.SupportToBeReplaced(
            handover_id=handover.id,
            lot=handover.lot,
            provider_id=handover.offer.provider_id,
            contract_id=handover.offer.contract_id,
        ),
    )
