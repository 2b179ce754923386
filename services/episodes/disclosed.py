"""Who was told what of a handover and when: what each fact gave to which provider, and what losers hear of the end.

Knows what each fact sent out (H4, H5, H8, ruling 95), by the names of its fields alone. Must never know their values,
nor why anything ended: no provider hears that. A reply that was not taken is not here: its sender hears its own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from services.words import allocated, messages
from services.words.commissioning import ExternalCssRecontracted, SupportRecontracted
from services.words.word import Word

Row: TypeAlias = dict[str, object]
_SEALING = ("key", "blob")


class Hearers(NamedTuple):
    """Providers that have to do with a handover: `holder` is asked, has accepted or supports the person.

    `unsuccessful` declined, did not answer or did not start; each stands there once, by its latest offer.
    """

    holder: str | None = None
    unsuccessful: tuple[str, ...] = ()

    def without_holder(self) -> Hearers:
        """After the holder has lost the case."""
        assert self.holder is not None
        return Hearers(None, (*(one for one in self.unsuccessful if one != self.holder), self.holder))


NOBODY = Hearers()


def heard(hearers: Hearers, type_name: str, data: Mapping[str, Any]) -> Hearers:
    """The hearers after a fact of the handover. Total: a fact of an offer that was never made changes nothing."""
    match type_name:
        case allocated.OfferMade.TYPE | ExternalCssRecontracted.TYPE:
            return hearers._replace(holder=data["provider_id"])
        case allocated.OfferWithdrawn.TYPE:
            return hearers._replace(holder=None)
        case allocated.OfferDeclined.TYPE | allocated.OfferLapsed.TYPE | allocated.StartFailed.TYPE:
            return hearers.without_holder() if hearers.holder else hearers
        case _:
            return hearers


def disclosures(hearers: Hearers, type_name: str, data: Mapping[str, Any]) -> Iterator[Row]:
    """What a fact of the handover ledger disclosed, and to whom of those who heard of the handover before it.

    `fields` are the names of those told in clear, `details` those of the person's that a pack holds sealed,
    `ciphertext_hash` is the SHA-256 of the sealed ones, as hexadecimal digits; `outcome` is what a closed case came to.
    """
    match type_name:
        case allocated.OfferMade.TYPE:
            yield _told("OFFER", data["provider_id"], messages.Offer, data)
        case allocated.PackReleased.TYPE if "ciphertext_hash" in data:
            first = data["issue"] == 1
            kind = messages.Pack if first else messages.PackReissued
            yield _told("PACK" if first else "PACK_REISSUED", data["provider_id"], kind, data)
        case ExternalCssRecontracted.TYPE | SupportRecontracted.TYPE:
            yield _told("RECONTRACTED", data.get("provider_id", hearers.holder), messages.Recontracted, data)
        case allocated.OfferWithdrawn.TYPE:
            yield _told("OFFER_WITHDRAWN", data["provider_id"], messages.OfferWithdrawn, data)
        case allocated.OfferLapsed.TYPE:
            yield _told("OFFER_LAPSED", data["provider_id"], messages.OfferLapsed, data)
        case _:
            yield from _endings(hearers, type_name, data)


def _endings(hearers: Hearers, type_name: str, data: Mapping[str, Any]) -> Iterator[Row]:
    """Whoever has the case hears what became of it; those who lost it hear less (ruling 95)."""
    match type_name:
        case allocated.StartFailed.TYPE:
            yield _closed(data["provider_id"], "START_FAILED", data)
        case allocated.HandoverCompleted.TYPE:
            yield _closed(data["provider_id"], "COMPLETED", data)
            yield from _lost(hearers, "PLACED", data)
        case allocated.HandoverWithdrawn.TYPE:
            if hearers.holder is not None:
                yield _closed(hearers.holder, "WITHDRAWN", data)
            yield from _lost(hearers, "WITHDRAWN", data)


def _lost(hearers: Hearers, outcome: str, data: Mapping[str, Any]) -> Iterator[Row]:
    for provider_id in hearers.unsuccessful:
        if provider_id != hearers.holder:
            yield _closed(provider_id, outcome, data)


def _closed(provider_id: str, outcome: str, data: Mapping[str, Any]) -> Row:
    return {**_told("HANDOVER_CLOSED", provider_id, messages.HandoverClosed, data), "outcome": outcome}


def _told(what: str, provider_id: str | None, message: type[Word], data: Mapping[str, Any]) -> Row:
    return {
        "what": what,
        "provider_id": provider_id,
        "offer_id": data.get("offer_id") if "offer_id" in message.model_fields else None,
        "outcome": None,
        "fields": _fields(message, data),
        "details": data.get("fields") or [],
        "ciphertext_hash": data.get("ciphertext_hash"),
    }


def _fields(message: type[Word], data: Mapping[str, Any]) -> list[str]:
    """The names of a message's clear fields; of those that may be absent, the ones that are there."""
    named = {name: field.is_required() for name, field in message.model_fields.items() if name not in _SEALING}
    return [name for name, always in named.items() if always or name in data]
