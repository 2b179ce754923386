"""All that leaves the trust: each message to a provider, made in one place.

Knows what a provider may hear. An offer is made from what carries no identity (H4); a pack leaves this room unsealed in
no form that could be sent: its host seals it.
"""

from __future__ import annotations

from datetime import date

from services.handover.book import Book
from services.handover.handover import Handover
from services.words import messages
from services.words.allocated import OfferMade
from services.words.recorded import Dossier
from services.words.word import Word


class PackToSeal(Word):
    """A pack whose details the host has still to open and to seal; it has no schema, so it cannot leave as it is."""

    pack: messages.Pack | messages.PackReissued
    provider_id: str
    dossier: Dossier
    public_key: str


def offer(handover: Handover, made: OfferMade) -> messages.Offer:
    """What a provider is asked."""
    return messages.Offer(
        offer_id=made.offer_id,
        handover_id=handover.id,
        contract_id=made.contract_id,
        lot=handover.lot,
        district=handover.district,
        age_band=handover.age_band,
        needs=list(handover.needs),
        risk=handover.risk,
        weekly_minutes=handover.minutes,
        wanted_on=made.wanted_on,
        respond_by=made.respond_by,
    )


def pack(book: Book, handover: Handover, issue: int) -> PackToSeal:
    """The pack of an accepted handover, of its newest dossier (ruling 69); every issue but the first is a reissue."""
    current = handover.offer
    assert current is not None
    assert current.start_on is not None
    assert handover.dossier is not None
    kind = messages.Pack if issue == 1 else messages.PackReissued
    made = kind(
        offer_id=current.id,
        handover_id=handover.id,
        issue=issue,
        start_on=current.start_on,
        weekly_minutes=handover.minutes,
        needs=list(handover.needs),
        risk=handover.risk,
        key=b"",
        blob=b"",
    )
    provider = book.providers[current.provider_id]
    return PackToSeal(pack=made, provider_id=provider.id, dossier=handover.dossier, public_key=provider.public_key)


def recontracted(handover: Handover, on: date) -> messages.Recontracted:
    """A provider hears under which contract its running support is from a day on (H8)."""
    assert handover.offer is not None
    return messages.Recontracted(
        handover_id=handover.id,
        episode_id=handover.episode_id,
        contract_id=handover.offer.contract_id,
        weekly_minutes=handover.minutes,
        on=on,
    )


def closed(handover: Handover, outcome: str) -> messages.HandoverClosed:
    """A provider hears that a case is closed for it (ruling 95)."""
    return messages.HandoverClosed(handover_id=handover.id, outcome=outcome)
