"""What can go wrong between a service and its log, in plain words.

Knows positions, names and counts. Must never know or say what a record holds.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.log.ports import Place
from services.log.record import Draft


class BrokerAway(Exception):
    """The broker did not answer within the limit; `undelivered` may or may not lie in the log and can be sent again."""

    def __init__(self, words: str, undelivered: Sequence[Draft] = ()) -> None:
        super().__init__(words)
        self.undelivered = tuple(undelivered)


class DraftTooLarge(Exception):
    """A draft is larger than any record that the log keeps; nothing of it was written."""


class Spent(Exception):
    """This connection has failed once and is never used again: end the process, or open a new one."""


class NotAllowed(Exception):
    """A principal may not do this, or is not let in; the text says who, what and whom to ask."""


class UnknownTopic(Exception):
    """A topic is not there, or this principal may not see it."""


class LogDamaged(Exception):
    """A partition's files are not as the broker wrote them, so it cannot be read on; `what` says in which way."""

    def __init__(self, place: Place, what: str) -> None:
        super().__init__(place, what)
        self.place = place
        self.what = what

    def __str__(self) -> str:
        return f"{self.place[0]} partition {self.place[1]} cannot be read: {self.what}. sis audit verify says the rest"


class LogCut(LogDamaged):
    """The records from which reading begins are gone."""
