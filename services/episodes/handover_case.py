"""What is shown of one handover: the state that the handover ledger's fold keeps.

Knows only what a row or its explanation needs. Must never know how it came about, nor today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

_ASKED = frozenset({"OFFERED", "ACKNOWLEDGED"})
_ACCEPTED = frozenset({"ACCEPTED", "VISIT_BOOKED"})
_SUPPORTED = frozenset({"STARTED", "COMPLETED"})
_CLOSED = frozenset({"WITHDRAWN", "NOT_POSSIBLE"})


@dataclass(frozen=True, slots=True)
class OfferShown:
    """One offer. `answer` is ACCEPTED, DECLINED, LAPSED, WITHDRAWN, START_FAILED, or None while it is open.

    `answered_on` is the day of the provider's own answer (none for LAPSED and WITHDRAWN), `start_on` the day on which
    it meant to start when it accepted; `reason` says why it was declined, withdrawn, or not started after all.
    """

    offer_id: str
    provider_id: str
    contract_id: str
    offered_on: date
    respond_by: date
    answer: str | None = None
    answered_on: date | None = None
    reason: str | None = None
    start_on: date | None = None


@dataclass(frozen=True, slots=True)
class HandoverCase:
    """One handover; `state` is that of design §8.

    `provider_id` and `contract_id` are those of the latest offer or of the support; whether there is one still is for
    `is_held` to say. `ended` is whether the support is over. `why` says what it waits for, or why nothing came of it.
    """

    handover_id: str
    person_id: str
    episode_id: str
    lot: str
    weekly_minutes: int
    requested_on: date
    cause: str
    district: str | None = None
    state: str = "REQUESTED"
    why: str | None = None
    wave_id: str | None = None
    offers: tuple[OfferShown, ...] = ()
    provider_id: str | None = None
    contract_id: str | None = None
    visit_on: date | None = None
    started_on: date | None = None
    ended: bool = False

    @property
    def takes(self) -> Literal["reserved", "used"] | None:
        """How it takes minutes of its contract: reserved by an open offer, used from acceptance on (H3)."""
        if self.state in _ASKED:
            return "reserved"
        return "used" if self.state in _ACCEPTED or self.is_supported else None

    @property
    def is_supported(self) -> bool:
        """Whether a provider supports the person now."""
        return self.state in _SUPPORTED and not self.ended

    @property
    def is_held(self) -> bool:
        """Whether a provider has an offer of it or supports the person (ruling 97)."""
        return self.takes is not None

    @property
    def is_over(self) -> bool:
        """Whether it is listed on demand only: withdrawn, not possible, or its support has ended (ruling 97)."""
        return self.state in _CLOSED or self.ended

    @property
    def respond_by(self) -> date | None:
        """The last day for the answer to an open offer."""
        return self.offers[-1].respond_by if self.state in _ASKED else None

    def with_latest(self, answer: str | None, **said: date | str | None) -> HandoverCase:
        """The handover with the answer to its latest offer, if it ever had one."""
        if not self.offers:
            return self
        latest = replace(self.offers[-1], answer=answer, **said)  # type: ignore[arg-type]  # callers write the names out
        return replace(self, offers=(*self.offers[:-1], latest))
