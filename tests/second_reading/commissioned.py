"""Second reading: what the commissioner has agreed, and what has become of each case (design §8, rulings 61 to 90).

Written from the page; shares nothing with the program but the words that are said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

ONE = timedelta(days=1)
_HOLIDAYS = """
2012-08-27 2012-12-25 2012-12-26 2013-01-01 2013-03-29 2013-04-01 2013-05-06 2013-05-27 2013-08-26 2013-12-25 2013-12-26
2014-01-01 2014-04-18 2014-04-21 2014-05-05 2014-05-26 2014-08-25 2014-12-25 2014-12-26
"""
BANK_HOLIDAYS = frozenset(map(date.fromisoformat, _HOLIDAYS.split()))
"""Of England, as long as the stories last."""

ASKED = ("OFFERED", "ACKNOWLEDGED")
TAKEN_ON = ("ACCEPTED", "VISIT_BOOKED")
RUNNING = ("STARTED", "COMPLETED")
OVER = ("WITHDRAWN", "NOT_POSSIBLE", "ENDED")


def fifth_working_day_after(day: date) -> date:
    """H2, ruling 77: Monday to Friday without bank holidays; the day itself does not count."""
    left = 5
    while left:
        day += ONE
        left -= day.weekday() < 5 and day not in BANK_HOLIDAYS
    return day


@dataclass
class Provider:
    """Somebody who can be asked once its topics exist."""

    dspt_valid_to: date
    connected: bool = False
    suspended: bool = False

    def can_be_asked(self, day: date) -> bool:
        """H1: connected, not suspended, its toolkit in date."""
        return self.connected and not self.suspended and day <= self.dspt_valid_to


@dataclass
class Contract:
    """A contract; `raised` is when its capacity was last raised, counted in inputs (ruling 62)."""

    id: str
    provider_id: str
    lot: str
    districts: list[str]
    tier: int
    minutes: int
    from_on: date
    to_on: date
    declared: list[tuple[date, int]] = field(default_factory=list)
    raised: int = 0

    def active(self, day: date) -> bool:
        """Ruling 73: its first and last day belong to it."""
        return self.from_on <= day <= self.to_on

    def capacity(self, day: date) -> int:
        """Ruling 72: what was declared with the latest day not after this one; of equal days the later recorded."""
        known = [(on, place, minutes) for place, (on, minutes) in enumerate(self.declared) if on <= day]
        return min(self.minutes, max(known)[2]) if known else self.minutes


@dataclass
class Wave:
    """A wave; `frozen` are its cases at the freeze, `deferred` those of them that move with it no more."""

    lot: str
    freeze_on: date
    start_on: date
    frozen: list[str] | None = None
    deferred: set[str] = field(default_factory=set)
    started: bool = False
    closed: bool = False


@dataclass
class Offer:
    """One offer of a case; `end` is empty while it stands, as an offer or as the support that came of it."""

    id: str
    provider_id: str
    contract_id: str
    respond_by: date
    accepted_on: date | None = None
    start_on: date | None = None
    visit_on: date | None = None
    packs: int = 0
    end: str = ""


@dataclass
class Case:
    """A handover. `holder` is the contract whose minutes it takes; `refused` is who was asked in vain, and when."""

    id: str
    person_id: str
    episode_id: str
    lot: str
    minutes: int
    cause: str
    requested_on: date
    district: str = ""
    wanted_on: date | None = None
    needs: list[str] = field(default_factory=list)
    risk: str = ""
    age_band: str = ""
    papers: bytes = b""
    state: str = "REQUESTED"
    why: str = ""
    wave_id: str | None = None
    holder: str | None = None
    offers: list[Offer] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    started_on: date | None = None
    recontracted_on: date | None = None
    recontracted_with: str = ""
    changes: list[str] = field(default_factory=list)
    end_reported: bool = False
    to_be_replaced: bool = False

    @property
    def offer(self) -> Offer | None:
        """The offer that stands; none while nobody has it, or of support that was contracted without one."""
        return self.offers[-1] if self.offers and not self.offers[-1].end else None

    @property
    def looks_for_somebody(self) -> bool:
        """Whether it is to be tried: it was requested from short-term support, or waits (H7, H10)."""
        return self.state == "WAITING" or (self.state == "REQUESTED" and self.cause == "LONG_TERM_SUPPORT")


def share(contract: Contract, taken: int, day: date) -> Fraction:
    """Ruling 74: what is taken of what is declared, before this case; without any capacity nothing is asked anyway."""
    return Fraction(taken, contract.capacity(day) or 1)
