"""The twelve behaviours of a provider's program, each with what to mend where it fails.

Knows their order and their words. Must never know how a trouble is made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.sandbox import troubles
from services.sandbox.trial import Trial
from services.sandbox.troubles import Seen


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One of the twelve: its name, what to mend where it fails, and how it is tried."""

    name: str
    mend: str
    attempt: Callable[[Trial], Awaitable[Seen]]


_FIRST_PACK = "Go on with a case only when its pack has come; an acceptance may cross with a withdrawal or a lapse."
BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("late offer", _FIRST_PACK, troubles.late_offer),
    Behaviour("withdrawal between offer and answer", _FIRST_PACK, troubles.withdrawal),
    Behaviour(
        "repeat of an offer",
        "Derive a reply's id from the id of the message that it answers, so that the same answer is one reply.",
        troubles.repeat,
    ),
    Behaviour(
        "restart in the middle",
        "Keep the position only after the answers have arrived, and begin there; derive ids from the message.",
        troubles.restart,
    ),
    Behaviour(
        "unknown fields in a message",
        "Read what a newer schema wrote by your own, and leave out the fields that you do not know.",
        troubles.unknown_fields,
    ),
    Behaviour(
        "unknown message type",
        "Pass over a type that you do not know, note it, and go on with the next message.",
        troubles.unknown_type,
    ),
    Behaviour(
        "pack that does not open",
        "Say nothing of a case whose pack does not open; tell your people, who ask for it to be sent again.",
        troubles.sealed_to_another,
    ),
    Behaviour("two offers at once", "Answer every message that has come, not only the newest.", troubles.two_at_once),
    Behaviour(
        "acceptance answered not taken",
        "After ReplyNotTaken the case is not yours: wait for a pack before you book or begin.",
        troubles.not_taken,
    ),
    Behaviour(
        "key change and pack sent again",
        "Treat PackReissued as the pack: open it, and go on with the case.",
        troubles.key_changed,
    ),
    Behaviour(
        "suspension",
        "After HandoverClosed or OfferWithdrawn leave the case alone; further offers may come after a suspension.",
        troubles.suspension,
    ),
    Behaviour(
        "end of support",
        "Confirm the start when its day has come, and say EndSupport with the last day; in the sandbox, at once.",
        troubles.end_of_support,
    ),
)
"""In the order in which they are tried; the first needs days that the later ones have behind them."""
