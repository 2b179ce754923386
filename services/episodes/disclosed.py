"""Who was told what of a handover and when: which fields an offer, a pack or a re-contracting gave to which provider.

Knows what each fact sent out (H4, H5, H8), by the names of its fields alone. Must never know their values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from services.words import messages
from services.words.allocated import OfferMade, PackReleased
from services.words.commissioning import ExternalCssRecontracted, SupportRecontracted
from services.words.word import Word

Row: TypeAlias = dict[str, object]
_SEALING = ("key", "blob")


def disclosure(type_name: str, data: Mapping[str, Any], supporter: str | None) -> Row | None:
    """What a fact of the handover ledger disclosed; None if it disclosed nothing. `supporter`: who supports now.

    `fields` are the names of those told in clear, `details` those of the person's that a pack holds sealed,
    `ciphertext_hash` is the SHA-256 of the sealed ones, as hexadecimal digits.
    """
    match type_name:
        case OfferMade.TYPE:
            return _told("OFFER", data["provider_id"], data, _fields(messages.Offer, data))
        case PackReleased.TYPE if "ciphertext_hash" in data:
            kind = messages.Pack if data["issue"] == 1 else messages.PackReissued
            what = "PACK" if data["issue"] == 1 else "PACK_REISSUED"
            return _told(what, data["provider_id"], data, _fields(kind, data))
        case ExternalCssRecontracted.TYPE | SupportRecontracted.TYPE:
            # a provider is never changed while it supports, so whoever supports now heard it
            provider_id = data.get("provider_id", supporter)
            return _told("RECONTRACTED", provider_id, data, _fields(messages.Recontracted, data))
        case _:
            return None


def _told(what: str, provider_id: str | None, data: Mapping[str, Any], fields: list[str]) -> Row:
    return {
        "what": what,
        "provider_id": provider_id,
        "offer_id": data.get("offer_id"),
        "fields": fields,
        "details": data.get("fields") or [],
        "ciphertext_hash": data.get("ciphertext_hash"),
    }


def _fields(message: type[Word], data: Mapping[str, Any]) -> list[str]:
    """The names of a message's clear fields; of those that may be absent, the ones that are there."""
    named = {name: field.is_required() for name, field in message.model_fields.items() if name not in _SEALING}
    return [name for name, always in named.items() if always or name in data]
