"""Second reading: an allocator that hears the handover inbox word by word (design §8, rulings 61 to 96).

It says which facts follow, who is told what, and why a word is refused. Where the page leaves a reason open, `AnyOf`
names all that would do; where it leaves a choice open, a comment says so. Written from the page; shares nothing with
the program but the words that are said and the county's code lists.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.words.answers import Answer
from services.words.calendar import DayBegan
from services.words.word import Word
from tests.second_reading.desk import Desk, Told
from tests.second_reading.due import settle
from tests.second_reading.inadmissible import codes
from tests.second_reading.replied import reply
from tests.second_reading.taken import take


class Heard(NamedTuple):
    """All that follows from one word; `refused` holds every code that may be given."""

    facts: list[Told]
    messages: list[Told]
    refused: frozenset[str] = frozenset()


class Allocator(Desk):
    """Hears word by word, and knows no more than the inbox has said."""

    def hear(self, word: Word, subject: str, id: str, *, received_on: date, reused: bool = False) -> Heard:
        """What follows from one word."""
        if isinstance(word, DayBegan) and self.today is not None and word.date <= self.today:
            return Heard([], [])
        # ruling 8 has ID_REUSED first, and ruling 68 sets a reply aside for it
        if not reused and (refused := codes(self, word, subject, received_on)):
            return Heard([], [], refused)
        self.time, self.facts, self.messages = self.time + 1, [], []
        if isinstance(word, Answer):
            reply(self, word, subject, id, reused=reused)
        else:
            self.copy(word, subject)
            take(self, word)
        settle(self)
        return Heard(self.facts, self.messages)
