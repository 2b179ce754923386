"""The numbers and dates that the county decided and may decide again.

Knows which values hold on which day, and under what version name. Never knows the rules that use them, nor today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.county.packaged import table


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the county's decisions; a fact that depends on one of them names `version`.

    `from_on` is its first day; it holds until the next version begins.
    """

    version: str
    from_on: date

    # The clock of an STR episode, in days and calendar months
    enablement_days: int
    cap_months: int
    cap_warning_days: int
    same_clock_gap_days: int
    protect_full_six_weeks: bool

    # The first day of STR, and the first on which no in-house CSS or SIS may begin
    str_from: date
    css_closed_from: date

    # A handover: England working days to answer an offer and to confirm a start, days a start may lie ahead
    respond_working_days: int
    start_ahead_days: int
    not_confirmed_working_days: int


def policy_on(day: date) -> Policy:
    """Return the policy in force on that day."""
    return in_force(POLICIES, day)


def in_force(policies: Sequence[Policy], day: date) -> Policy:
    """Return the latest of these policies, given oldest first, that had begun by that day.

    ValueError if none had begun.
    """
    for policy in reversed(policies):
        if policy.from_on <= day:
            return policy
    raise ValueError("no policy had begun by that day")


POLICIES = tuple(Policy(**row) for row in table("policy")["policy"])
