"""What is asked of an arrival before any rule sees it: does it lie right, is it known, its sender's, and in shape.

Knows ruling 8 from MISROUTED to INVALID_DATA. Must never know a state.
"""

from __future__ import annotations

from typing import Any

from services.log.arrival import Arrival
from services.log.desk import Desk
from services.log.doors import is_signed
from services.log.emitters import may_speak
from services.log.opening import Opened
from services.log.partition import partition_of
from services.log.shape import shaped
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.keeping import Redriven, RulesAdopted
from services.words.refusals import Refusal
from services.words.word import Word

_WITHOUT_SUBJECT = frozenset({DayBegan.TYPE, RulesAdopted.TYPE, Redriven.TYPE})
"""What may be about no person: what is said to all, and the redrive of it."""


def lies_right(arrival: Arrival, partitions: int) -> bool:
    """Whether the key is the subject and lies in its own partition; what is said to all has the calendar's key.

    So has the redrive of what was said to all, for its key and subject are those of what it is about.
    """
    key, subject, name = arrival.record.key, arrival.envelope.subject, arrival.envelope.type
    if key == CALENDAR_KEY.encode() and not subject:
        return name in _WITHOUT_SUBJECT
    if key is None or key != subject.encode() or name == DayBegan.TYPE:
        return False
    return partition_of(key, partitions) == arrival.record.partition


def word_of(arrival: Arrival, content: Opened, desk: Desk[Any]) -> Word | Refusal:
    """The word that arrived, or why it is none that this sender may say here."""
    rules = desk.rules
    name = arrival.envelope.type
    if name in rules.own:
        return Refusal("NOT_YOURS", {"who": "the service itself"})
    word = rules.words.get(name)
    if word is None:
        return Refusal("UNKNOWN_TYPE")
    door = rules.doors.get(name)
    if door is not None and not is_signed(arrival.record, door, desk.doors):
        return Refusal("NOT_YOURS", {"who": f"the {door} door"})
    if door is None and desk.emitters is not None and not may_speak(arrival, desk.emitters):
        return Refusal("NOT_YOURS", {"who": "an emitter whose key speaks for this source"})
    if door is None and not rules.is_subject(arrival.envelope.subject):
        return Refusal("INVALID_DATA", {"field": "subject", "problem": "NOT_AN_ID"})
    if content.erased and name not in rules.said_of_erased:
        return Refusal("PERSON_ERASED")
    made = shaped(word, content.data)
    if arrival.whole and not isinstance(made, Refusal):
        return Refusal("INVALID_DATA", {"field": "data", "problem": "NEEDLESSLY_SEALED"})
    return made
