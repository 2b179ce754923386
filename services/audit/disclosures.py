"""What was disclosed of a person, to whom and when: offers, packs, re-identifications, release outside the trust.

Knows the rows and facts of the ledgers. Openings inside the trust stand in the vault's log, which names no person. Must
never know what a disclosed field said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from services.episodes.fact_reading import Past
from services.words.guarding import DisclosureApproved, DisclosureRequested, ReleasedOutside

Row: TypeAlias = dict[str, object]

COLUMNS = ("recorded", "to", "what", "by", "fields", "details", "purpose", "legal_basis", "handover_id")
"""`fields` are the names of those told in clear, `details` of those that a pack held sealed to the provider's key."""


def disclosures(facts: Sequence[Past], handovers: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Every disclosure in the order of recording; `facts` are a person's, `handovers` each with what was `told`."""
    rows = [*_of_handovers(handovers), *_of_facts(facts)]
    return sorted(rows, key=lambda row: str(row["recorded"]))


def _of_handovers(handovers: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """An offer identifies nobody (H4), but it is told as well: a district and an age band are of a person."""
    for handover in handovers:
        for told in handover["told"]:
            yield _row(
                recorded=told["recorded"],
                to=told["provider_id"],
                what=told["what"],
                by="allocator",
                fields=told["fields"],
                details=told["details"],
                handover_id=handover["handover_id"],
            )


def _of_facts(facts: Sequence[Past]) -> Iterator[Row]:
    """Whoever approved tells the requester; whoever released told somebody outside the trust."""
    asked = {past.data["request_id"]: past for past in facts if past.type == DisclosureRequested.TYPE}
    for past in facts:
        if past.type not in (DisclosureApproved.TYPE, ReleasedOutside.TYPE):
            continue
        request = asked[past.data["request_id"]]
        outside = past.type == ReleasedOutside.TYPE
        yield _row(
            recorded=past.recorded,
            to=past.data["recipient"] if outside else request.data["by"],
            what="RELEASED_OUTSIDE" if outside else "REIDENTIFIED",
            by=past.data["by"],
            purpose=request.data["purpose"],
            legal_basis=request.data["legal_basis"],
        )


def _row(**known: object) -> Row:
    return {column: known.get(column, [] if column in ("fields", "details") else None) for column in COLUMNS}
