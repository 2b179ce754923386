"""Why a provider's reply changed nothing, in plain words: one for each reason that is given (H5, rulings 68 to 85).

Knows reasons alone. Must never say of a foreign case more than its sender may hear.
"""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "UNKNOWN": "nothing with this id was ever sent to this provider",
    "FOREIGN": "it is about a case or offer that never was this provider's",
    "CLOSED": "the case is closed for this provider",
    "ID_REUSED": "its id was used before, for something else",
    "REPEATED": "it was said before",
    "ALREADY_ACCEPTED": "the provider has accepted the case already",
    "ALREADY_DECLINED": "the provider has declined the offer already",
    "ALREADY_STARTED": "the provider's support has begun already",
    "NOT_ACCEPTED": "the provider has not accepted the case",
    "NOT_STARTED": "the provider's support has not begun",
    "DSPT_EXPIRED": "the provider's security toolkit is out of date",
    "START_IN_THE_PAST": "the start lies before today, or not after the day of the request",
    "START_TOO_FAR": "the start lies further ahead than is allowed",
    "START_OUTSIDE_CONTRACT": "the start lies outside the contract",
    "VISIT_TOO_FAR": "the visit lies further ahead than is allowed",
    "BEFORE_ACCEPTANCE": "the day lies before the acceptance",
    "BEFORE_START": "the day lies before the start of the support",
    "IN_THE_FUTURE": "the day lies after the county's today",
    "UNKNOWN_CODE": "a code in it is in no list",
    "UNREADABLE": "it could not be read as a reply",
    "INVALID_DATA": (
        "it has not the form that was agreed: a field is missing, is unknown, or does not hold what it should, "
        "such as a text of more than 4,000 characters"
    ),
    "UNKNOWN_PROVIDER": "no provider is registered under this id",
}
"""Reason to words; UNKNOWN_CODE and INVALID_DATA are the codes of refusals that a sender hears too."""


def in_words(why: str) -> str:
    """The reason in plain words; one of another release is said as it stands."""
    return REASONS.get(why, why)
