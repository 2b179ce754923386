"""What the outcomes door brings from the handover ledger to the recorder: two words (ruling 94).

Knows the words alone. They carry the door's HMAC, and nobody else may say them.
"""

from __future__ import annotations

from services.words.fields import Day, Id, Text, WeeklyMinutes
from services.words.word import Word


class OutcomeWord(Word, prefix="kmpt.episodes.v1"):
    """An outcome of a handover; its subject is the person's id."""


class StartConfirmed(OutcomeWord):
    """The provider has confirmed the first day of support, or running external support was re-contracted.

    `cause` is LONG_TERM_SUPPORT, LEGACY_CSS or RECONTRACTED; a re-contracted episode keeps its own id (ruling 93).
    """

    handover_id: Id
    episode_id: Id
    provider_id: Text
    contract_id: Text
    lot: Text
    weekly_minutes: WeeklyMinutes
    on: Day
    cause: Text


class SupportEndReported(OutcomeWord):
    """The provider has reported the last day of its support."""

    handover_id: Id
    lot: Text
    on: Day
    reason: Text
