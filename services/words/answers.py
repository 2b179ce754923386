"""A provider's replies as the replies door brings them into the handover inbox, `kmpt.handover.v1.*`.

Knows the words alone. They carry the door's HMAC; their subject is the provider's id, which is that of the topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, get_args

from services.words import replies
from services.words.fields import Closure, Day, Id, Text
from services.words.provider_fields import Change, DeclineReason
from services.words.word import Sealed, Word


class Answer(Word, prefix="kmpt.handover.v1"):
    """A provider's reply inside the trust: another type than outside, for it has crossed a boundary."""


class Acknowledge(Answer):
    """The provider has seen an offer and considers it."""

    offer_id: Id


class Accept(Answer):
    """The provider takes the case of an offer and means to start on that day."""

    offer_id: Id
    start_on: Day


class Decline(Answer):
    """The provider does not take the case of an offer."""

    SEALED: ClassVar = ("text",)
    FILLED: ClassVar = ("sealed",)

    offer_id: Id
    reason: DeclineReason
    text: Text | None = None
    sealed: Sealed | None = None


class BookFirstVisit(Answer):
    """The provider has agreed the day of its first visit; it may be rebooked until the start (ruling 84)."""

    handover_id: Id
    on: Day


class ConfirmStart(Answer):
    """The provider's support has begun; `on` was its first day (ruling 82)."""

    handover_id: Id
    on: Day


class ReportStartFailure(Answer):
    """The provider cannot start after all; the trust stays accountable and asks the next (H6)."""

    handover_id: Id
    reason: DeclineReason


class ReportChange(Answer):
    """Something happened to the person; recorded and shown, it changes nothing (ruling 86)."""

    handover_id: Id
    change: Change


class EndSupport(Answer):
    """The provider's support is over; `on` was its last day (ruling 84)."""

    handover_id: Id
    on: Day
    reason: Closure


class ReplyUnreadable(Answer):
    """Something lies in the provider's topic that cannot be read as a reply (decision 0029).

    `reply` is what it says it is, else "Unknown"; `reply_id` its id if that is a UUID, else the place where it lies.
    Nothing else of it crosses.
    """

    reply_id: Text
    reply: Text


AnswerWord = (
    Acknowledge | Accept | Decline | BookFirstVisit | ConfirmStart | ReportStartFailure | ReportChange | EndSupport
)
"""Every reply of a provider, inside the trust."""
INWARD: Mapping[str, type[Answer]] = {getattr(replies, word.__name__).TYPE: word for word in get_args(AnswerWord)}
"""Full name of each reply outside to its word inside; both have the same fields."""
