"""What a provider answers on its own topic, `kmpt.sis.v1.*`.

Knows the words alone. A sealed text is bound to the inward form of its word (`answers.INWARD`: its type, the provider's
id as subject, id and source as sent), so that the replies door passes it on unopened.
"""

from __future__ import annotations

from typing import ClassVar

from services.words.fields import Closure, Day, Id, Text
from services.words.provider_fields import Change, DeclineReason
from services.words.word import Sealed, Word


class Reply(Word, prefix="kmpt.sis.v1"):
    """What a provider says on its replies topic; the topic is its identity."""


class Acknowledge(Reply):
    """The provider has seen an offer and considers it."""

    offer_id: Id


class Accept(Reply):
    """The provider takes the case of an offer and means to start on that day."""

    offer_id: Id
    start_on: Day


class Decline(Reply):
    """The provider does not take the case of an offer."""

    SEALED: ClassVar = ("text",)
    FILLED: ClassVar = ("sealed",)

    offer_id: Id
    reason: DeclineReason
    text: Text | None = None
    sealed: Sealed | None = None


class BookFirstVisit(Reply):
    """The provider has agreed the day of its first visit; it may be rebooked until the start (ruling 84)."""

    handover_id: Id
    on: Day


class ConfirmStart(Reply):
    """The provider's support has begun; `on` was its first day (ruling 82)."""

    handover_id: Id
    on: Day


class ReportStartFailure(Reply):
    """The provider cannot start after all; the trust stays accountable and asks the next (H6)."""

    handover_id: Id
    reason: DeclineReason


class ReportChange(Reply):
    """Something happened to the person; recorded and shown, it changes nothing (ruling 86)."""

    handover_id: Id
    change: Change


class EndSupport(Reply):
    """The provider's support is over; `on` was its last day (ruling 84)."""

    handover_id: Id
    on: Day
    reason: Closure
