"""One handover as the allocator sees it: what is needed, where it stands, who was asked.

Knows only what a later decision needs; of the person no more than an opaque id and sealed bytes.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from services.words.recorded import Dossier

LEGACY, RECONTRACTED = "LEGACY_CSS", "RECONTRACTED"
"""Causes that are dealt with in their own way; all others are offered at once."""


class State(StrEnum):
    """Where a handover stands (design §8). COMPLETED goes on to be so when the support has ended."""

    REQUESTED = "REQUESTED"
    IN_WAVE = "IN_WAVE"
    WAITING = "WAITING"
    OFFERED = "OFFERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ACCEPTED = "ACCEPTED"
    VISIT_BOOKED = "VISIT_BOOKED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"
    NOT_POSSIBLE = "NOT_POSSIBLE"


OPEN_OFFER = frozenset({State.OFFERED, State.ACKNOWLEDGED})
"""A provider is asked and has not answered; its minutes are reserved."""
TO_START = frozenset({State.ACCEPTED, State.VISIT_BOOKED})
"""A provider has accepted and has not started; its minutes are used."""
DUE = OPEN_OFFER | TO_START
"""Something falls due by itself: a lapse, or a start that was not confirmed."""
RUNNING = frozenset({State.STARTED, State.COMPLETED})
"""A provider supports the person, or did."""
CLOSED = frozenset({State.WITHDRAWN, State.NOT_POSSIBLE})
"""Nothing can become of it any more."""


class Offer(NamedTuple):
    """The offer under which a provider is asked or supports; the id is empty for re-contracted support.

    `due_on`: the first day on which it lapses, or on which its start counts as failed. `issue`: packs sent. `visit_on`:
    the day of the first visit as it was said last.
    """

    id: str
    provider_id: str
    contract_id: str
    respond_by: date | None = None
    due_on: date | None = None
    accepted_on: date | None = None
    start_on: date | None = None
    issue: int = 0
    visit_on: date | None = None


class Past(NamedTuple):
    """An offer that led to nothing; `end` is DECLINED, LAPSED, FAILED or WITHDRAWN."""

    offer_id: str
    provider_id: str
    end: str


class Handover(NamedTuple):
    """A handover; `order` is its place among all requests. `asked`: who declined, lapsed or failed, and when.

    That *when* is the book's count of raises, for they may be asked again once capacity was raised after it (H2).
    `contracted_on`: since when its support is under its contract, if that was agreed without an offer (H8).
    """

    id: str
    order: int
    person_id: str
    episode_id: str
    lot: str
    district: str
    minutes: int
    requested_on: date
    cause: str
    wanted_on: date | None = None
    age_band: str = ""
    needs: tuple[str, ...] = ()
    risk: str = ""
    dossier: Dossier | None = None
    state: State = State.REQUESTED
    offer: Offer | None = None
    ordinal: int = 0
    past: tuple[Past, ...] = ()
    asked: tuple[tuple[str, int], ...] = ()
    why: str = ""
    wave_id: str | None = None
    started_on: date | None = None
    contracted_on: date | None = None
    end_reported: bool = False
    ended: bool = False
    to_be_replaced: bool = False

    @property
    def is_running(self) -> bool:
        """Whether a provider supports the person now."""
        return self.state in RUNNING and not self.ended

    @property
    def is_to_be_placed(self) -> bool:
        """Whether it is requested and is offered at once; a legacy case waits for its wave (H7)."""
        return self.state is State.REQUESTED and self.cause != LEGACY

    @property
    def due_on(self) -> date | None:
        """The day on which something falls due by itself."""
        return self.offer.due_on if self.offer and self.state in DUE else None

    def had_by(self, provider_id: str) -> bool:
        """Whether this provider ever had an offer of it, or supports the person (ruling 85)."""
        now = self.offer is not None and self.offer.provider_id == provider_id
        return now or any(past.provider_id == provider_id for past in self.past)

    def without_offer(self, end: str, raises: int) -> Handover:
        """The handover after its offer came to nothing; all but a withdrawn one count as asked (rulings 74 and 83)."""
        assert self.offer is not None
        provider_id = self.offer.provider_id
        asked = self.asked
        if end != "WITHDRAWN":
            asked = (*(entry for entry in asked if entry[0] != provider_id), (provider_id, raises))
        past = (*self.past, Past(self.offer.id, provider_id, end))
        return self._replace(state=State.REQUESTED, offer=None, asked=asked, past=past)
