"""A row of the handovers and a row of the contracts: what was folded, read on a day.

Knows the shapes that `sis handover` and `sis contracts` print (design §9) and ruling 97. Must never know where the fold
is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TypeAlias

from services.episodes.contract_shown import ContractShown, ProviderShown
from services.episodes.handover_case import HandoverCase, OfferShown

Row: TypeAlias = dict[str, object]
"""One row as JSON values: texts, whole numbers, true and false, null; dates as YYYY-MM-DD."""


def handover_row(case: HandoverCase) -> Row:
    """One handover; provider, contract and `respond_by` only while there is such an offer or support (ruling 97)."""
    return {
        "handover_id": case.handover_id,
        "person_id": case.person_id,
        "episode_id": case.episode_id,
        "lot": case.lot,
        "district": case.district,
        "state": case.state,
        "weekly_minutes": case.weekly_minutes,
        "provider_id": case.provider_id if case.is_held else None,
        "contract_id": case.contract_id if case.is_held else None,
        "requested_on": case.requested_on.isoformat(),
        "respond_by": _iso(case.respond_by),
        "started_on": _iso(case.started_on),
        "wave_id": case.wave_id,
        "offers": [_offer(offer) for offer in case.offers],
    }


def contract_row(contract: ContractShown, provider: ProviderShown | None, taken: Mapping[str, int], today: date) -> Row:
    """One contract; `declared` are the minutes of a week that count today (ruling 72), `taken` those of them by use.

    `free` falls below 0 after a lowering (ruling 61).
    """
    declared = contract.declared_on(today)
    reserved, used = taken.get("reserved", 0), taken.get("used", 0)
    return {
        "contract_id": contract.contract_id,
        "provider_id": contract.provider_id,
        "lot": contract.lot,
        "districts": list(contract.districts),
        "tier": contract.tier,
        "weekly_minutes": contract.weekly_minutes,
        "declared": declared,
        "reserved": reserved,
        "used": used,
        "free": declared - reserved - used,
        "from_on": contract.from_on.isoformat(),
        "to_on": contract.to_on.isoformat(),
        "suspended": provider is not None and provider.suspended,
        "connected": provider is not None and provider.connected,
        "dspt_valid_to": _iso(provider.dspt_valid_to if provider else None),
    }


def _offer(offer: OfferShown) -> Row:
    return {name: _iso(value) if isinstance(value, date) else value for name, value in asdict(offer).items()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
