"""The county's days.

Knows that a day began. Must never know what is due on it.
"""

from __future__ import annotations

from services.words.fields import Day
from services.words.word import Word


class CalendarWord(Word, prefix="kmpt.calendar.v1"):
    """What is said to every partition of both inboxes; it has no subject, and its key is `calendar`."""


class DayBegan(CalendarWord):
    """A day has begun in the county; from here on it is today."""

    date: Day


CALENDAR_KEY = "calendar"
"""Key of the words that are said to every partition alike."""
