"""One episode as the recorder sees it: where it stands, its course, its request for a handover.

Knows only what a later decision needs. Must never know minutes, workers or anything else that is merely shown.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from services.episodes.str_clock import ONE_DAY, cap_on, chargeable_from, enablement_last_day, warning_on

AGREED = frozenset({"FURTHER_SUPPORT", "LONG_TERM_SUPPORT"})
"""Outcomes of a review that agree further support (S6)."""


class Standing(StrEnum):
    """Where an episode stands; OPEN is a legacy case, a SIS or an STR episode that has begun."""

    REFERRED = "REFERRED"
    ACCEPTED = "ACCEPTED"
    OPEN = "OPEN"
    ENDED = "ENDED"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"


RequestStanding = Literal["IN_BEING", "STARTED", "ENDED", "DIED", "ENTERED_IN_ERROR", "DECLINED_BY_PERSON"]
"""A request is in being until support has started, or until it was withdrawn for one of four reasons (ruling 46)."""


class Request(NamedTuple):
    """A request for a handover; an episode asks once (ruling 33)."""

    handover_id: str
    lot: str
    standing: RequestStanding = "IN_BEING"


class Course(NamedTuple):
    """The course of an STR episode that has begun.

    `s` is day 1 of its clock, which may be an earlier episode's (S9); `started_on` its own first day. The rest is what
    the ledger already says of it: facts once written are not written again (ruling 6).
    """

    started_on: date
    s: date
    completed_on: date | None = None
    enablement_ended: bool = False
    reviewed_on: date | None = None
    outcome: str = ""
    charged: bool = False
    warned: bool = False
    capped: bool = False

    def reviewed(self, on: date, outcome: str) -> Course:
        """Until charging begins the review with the latest day counts; of equal days the later recorded (ruling 34)."""
        if self.charged or (self.reviewed_on is not None and on < self.reviewed_on):
            return self
        return self._replace(reviewed_on=on, outcome=outcome)

    def chargeable_from(self) -> date | None:
        """First chargeable day as far as is known; None while no review has agreed further support."""
        if self.reviewed_on is None or self.outcome not in AGREED:
            return None
        return chargeable_from(self.s, self.completed_on, self.reviewed_on)

    def enablement_ends_on(self) -> date:
        """The last day of enablement as far as is known."""
        return enablement_last_day(self.s, self.completed_on)

    def next_due(self) -> date:
        """The day on which the next thing is due; `date.max` if nothing is."""
        days = [] if self.enablement_ended else [self.enablement_ends_on() + ONE_DAY]
        if not self.charged and (first := self.chargeable_from()):
            days.append(first)
        if not self.warned:
            days.append(warning_on(self.s))
        if not self.capped:
            days.append(cap_on(self.s) + ONE_DAY)
        return min(days, default=date.max)


class Episode(NamedTuple):
    """One line of support of a person. `opened_on` is the referral's day, a legacy case's `since`, a SIS's start.

    `handover_id` and `lot` are of the handover that a SIS came from; `contacts` and `struck`
    are the ids of contacts recorded, and of those entered in error, 16 bytes each.
    """

    id: str
    model: Literal["STR", "CSS", "SIS"]
    opened_on: date
    standing: Standing
    course: Course | None = None
    held: bool = False
    ended_on: date | None = None
    request: Request | None = None
    handover_id: str | None = None
    lot: str = ""
    contacts: bytes = b""
    struck: bytes = b""

    @property
    def is_open(self) -> bool:
        """Whether a further step can be taken in it."""
        return self.standing in (Standing.REFERRED, Standing.ACCEPTED, Standing.OPEN)

    @property
    def due_until(self) -> date:
        """The last day on which anything falls due in it: an end may lie ahead of today, and the clock runs on."""
        if self.is_open:
            return date.max
        return self.ended_on if self.ended_on and self.standing is Standing.ENDED else date.min

    @property
    def begins_on(self) -> date | None:
        """The episode's own first day of support; None if it has none yet (rulings 29 and 56)."""
        if self.model == "STR":
            return self.course.started_on if self.course else None
        return self.opened_on

    @property
    def in_being(self) -> Request | None:
        """The request for a handover, while it is in being."""
        return self.request if self.request and self.request.standing == "IN_BEING" else None

    def phase(self) -> str:
        """The phase of design §7, for a refusal's sentence."""
        if self.standing is not Standing.OPEN:
            return "ENDED" if not self.is_open else self.standing.value
        if self.course is None:
            return "SIS" if self.model == "SIS" else "LEGACY_CSS"
        if self.course.capped:
            return "CAP_REACHED"
        if self.course.charged:
            return "CHARGEABLE"
        return "AWAITING_REVIEW" if self.course.enablement_ended else "ENABLEMENT"

    def with_contact(self, contact: bytes) -> Episode:
        """The episode with one more contact; written out, for most facts are contacts and `_replace` takes its time."""
        return Episode(*self[:10], self.contacts + contact, self.struck)

    def has_contact(self, contact_id: str) -> bool:
        """Whether a contact with this id was ever recorded in it."""
        return _holds(self.contacts, contact_id)

    def has_live_contact(self, contact_id: str) -> bool:
        """Whether a contact with this id is recorded and was not entered in error (ruling 98)."""
        return _holds(self.contacts, contact_id) and not _holds(self.struck, contact_id)


def packed(contact_id: str) -> bytes:
    """An id as its 16 bytes."""
    return bytes.fromhex(contact_id.replace("-", ""))


def _holds(ids: bytes, contact_id: str) -> bool:
    sought = packed(contact_id)
    found = ids.find(sought)
    while found % 16 and found >= 0:
        found = ids.find(sought, found + 1)
    return found >= 0
