"""Second reading: the shapes of what teams say (design §7, rulings 14 to 18), written from the page.

Shares nothing with the program that is tested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)

Check = Callable[[Any], bool]


def is_id(value: Any) -> bool:
    """A UUID in canonical lower case."""
    return type(value) is str and _ID.fullmatch(value) is not None


def is_day(value: Any) -> bool:
    """YYYY-MM-DD, and a day that exists."""
    if type(value) is not str or re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is None:
        return False
    return _is_read_by(date.fromisoformat, value)


def is_instant(value: Any) -> bool:
    """RFC 3339 with seconds and offset."""
    if type(value) is not str or _INSTANT.fullmatch(value) is None:
        return False
    return _is_read_by(datetime.fromisoformat, value)


def is_text(value: Any) -> bool:
    """Between 1 and 4,000 characters."""
    return type(value) is str and 1 <= len(value) <= 4000


def is_list(value: Any) -> bool:
    """Between 1 and 100 texts."""
    return type(value) is list and 1 <= len(value) <= 100 and all(map(is_text, value))


def is_yes_or_no(value: Any) -> bool:
    """True or false."""
    return type(value) is bool


def whole(highest: int) -> Check:
    """A whole number from 1 to `highest`."""
    return lambda value: type(value) is int and 1 <= value <= highest


def fits(value: Any, fields: Mapping[str, Check]) -> bool:
    """An object with these fields and no other; a name with ? may be absent; null counts as absent."""
    if type(value) is not dict:
        return False
    given = {name: inner for name, inner in value.items() if inner is not None}
    known = {name.rstrip("?"): check for name, check in fields.items()}
    needed = {name for name in fields if not name.endswith("?")}
    return needed <= given.keys() <= known.keys() and all(known[name](inner) for name, inner in given.items())


def _is_read_by(read: Callable[[str], Any], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _are_details(value: Any) -> bool:
    return fits(value, _DETAILS)


_DETAILS = {
    **dict.fromkeys(("nhs_number", "family_name", "given_names", "postcode", "telephone?", "gp_practice?"), is_text),
    "birth_date": is_day,
    "address_lines": is_list,
}
_OF = {"episode_id": is_id}
_DATED = {**_OF, "on": is_day}
_ASKED = {"weekly_minutes": whole(10080), "needs": is_list, "risk": is_text}

SHAPES: Mapping[str, Mapping[str, Check]] = {
    "PersonRegistered": {"district": is_text, "details": _are_details},
    "PersonDetailsCorrected": {"details": _are_details, "district?": is_text, "reason": is_text},
    "PersonDied": {"on": is_day},
    "AccommodationChanged": {"on": is_day, "accommodation": is_text, "settled": is_text, "moved": is_yes_or_no},
    "MoveCheckDone": {"check": is_text, "on": is_day},
    "ReferralReceived": {**_DATED, "team": is_text, "source": is_text, "reason": is_text, "priority": is_text},
    "ReferralRejected": {**_DATED, "reason": is_text},
    "ReferralAccepted": _DATED,
    "WorkerAssigned": {**_DATED, "worker_id": is_id},
    "NeedsAssessed": {**_DATED, "needs": is_list, "risk": is_text},
    "SupportPlanAgreed": {**_DATED, "activities": is_list, "weekly_minutes": whole(10080)},
    "EnablementStarted": _DATED,
    "ContactRecorded": {
        **_OF,
        **dict.fromkeys(("contact_id", "worker_id"), is_id),
        **dict.fromkeys(("place", "mechanism", "attendance"), is_text),
        "started_at": is_instant,
        "minutes": whole(1440),
        "activities": is_list,
    },
    "ContactCorrected": {
        **_OF,
        "contact_id": is_id,
        "minutes?": whole(1440),
        "attendance?": is_text,
        "reason": is_text,
    },
    "ContactEnteredInError": {**_OF, "contact_id": is_id, "reason": is_text},
    "EpisodeMovedToTeam": {**_DATED, "team": is_text},
    "HandoverDeclinedByPerson": {**_DATED, "reason": is_text},
    "IndirectActivityRecorded": {
        **_DATED,
        "minutes": whole(1440),
        "worker_id": is_id,
        "agency?": is_text,
        "activity": is_text,
    },
    "OnwardReferralMade": {**_DATED, "agency": is_text},
    "EnablementCompleted": {**_OF, "last_day": is_day, "reason": is_text},
    "ReviewHeld": {**_DATED, "outcome": is_text, **{f"{name}?": check for name, check in _ASKED.items()}},
    "ChargeExemptionRecorded": {**_OF, "exemption": is_text, "from_on": is_day},
    "EpisodePlacedOnHold": {**_DATED, "reason?": is_text},
    "EpisodeResumed": {**_DATED, "reason?": is_text},
    "EpisodeEnded": {**_DATED, "reason": is_text},
    "EpisodeEnteredInError": {**_OF, "reason": is_text},
    "LegacyCssCaseIdentified": {**_OF, "team": is_text, "since": is_day, **_ASKED},
}
"""What each word of a team must look like."""

LISTS: Mapping[str, Mapping[str, str]] = {
    "PersonRegistered": {"district": "district"},
    "PersonDetailsCorrected": {"district": "district"},
    "AccommodationChanged": {"accommodation": "accommodation", "settled": "settled"},
    "MoveCheckDone": {"check": "check"},
    "ReferralReceived": {"source": "source", "reason": "reason", "priority": "priority"},
    "ReferralRejected": {"reason": "rejection"},
    "NeedsAssessed": {"needs": "need", "risk": "risk"},
    "SupportPlanAgreed": {"activities": "activity"},
    "ContactRecorded": {
        "place": "place",
        "mechanism": "mechanism",
        "attendance": "attendance",
        "activities": "activity",
    },
    "ContactCorrected": {"attendance": "attendance"},
    "IndirectActivityRecorded": {"agency": "agency", "activity": "activity"},
    "OnwardReferralMade": {"agency": "agency"},
    "EnablementCompleted": {"reason": "completion"},
    "ReviewHeld": {"outcome": "outcome", "needs": "need", "risk": "risk"},
    "ChargeExemptionRecorded": {"exemption": "exemption"},
    "EpisodeEnded": {"reason": "closure"},
    "LegacyCssCaseIdentified": {"needs": "need", "risk": "risk"},
}
"""Which field is of which code list."""


OWN = (
    *("EnablementEnded", "ChargeablePeriodStarted", "CapApproaching", "CapReached", "HandoverRequested"),
    *("DossierChanged", "HandoverRequestWithdrawn", "SisSupportStarted", "SisSupportEnded"),
    *("HandoverOutcomeSetAside", "StartConfirmed", "SupportEndReported"),
)
"""What no team may say: facts of the recorder, outcomes of the handover's door."""


def is_shaped(name: str, data: Any) -> bool:
    """Whether a word's data have its shape (rulings 14 to 17, and what a LONG_TERM_SUPPORT review needs)."""
    if not fits(data, SHAPES[name]):
        return False
    given = {field for field, inner in data.items() if inner is not None}
    if name == "ContactCorrected":
        return bool(given & {"minutes", "attendance"})
    return name != "ReviewHeld" or data["outcome"] != "LONG_TERM_SUPPORT" or given >= _ASKED.keys()
