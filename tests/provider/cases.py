"""Cases that are handed over in a whole county: a person registered by a team, and long-term support needed."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from tests.doors.whole_county import WholeCounty
from tests.memory_handover import an_id

DETAILS: dict[str, Any] = {
    "nhs_number": "9990079471",
    "family_name": "Relf",
    "given_names": "Sheila",
    "birth_date": "1973-06-05",
    "address_lines": ["79 Hop Row", "Dover"],
    "postcode": "CT17 9ZZ",
    "gp_practice": "Synthetic Practice 30",
}


ANOTHER_NUMBER = "9990079404"
"""The NHS number of somebody else."""


def request(county: WholeCounty, case: str, number: str = DETAILS["nhs_number"]) -> str:
    """Somebody of Dover needs long-term support, asked for on 1 October 2012, today; the handover's id."""
    person, episode_id = an_id(f"person {case}"), an_id(f"episode {case}")
    episode = {"episode_id": episode_id, "on": "2012-10-01"}
    asked = {"team": "recovery-east", "source": "A1", "reason": "01", "priority": "1"}
    review = {"outcome": "LONG_TERM_SUPPORT", "weekly_minutes": 240, "needs": ["BASIC_SKILLS"], "risk": "LOW"}
    county.tell("PersonRegistered", person, {"district": "dover", "details": {**DETAILS, "nhs_number": number}})
    county.tell("ReferralReceived", person, {**episode, **asked})
    county.tell("ReferralAccepted", person, episode)
    county.tell("EnablementStarted", person, episode)
    county.tell("ReviewHeld", person, {**episode, **review})
    return str(uuid5(UUID(episode_id), "handover"))
