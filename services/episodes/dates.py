"""The day that a word is dated with, if it is dated at all.

Knows which field holds it. Must never judge it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from operator import attrgetter

from services.county.civil_dates import london_day, parse_instant
from services.words import course, people, work
from services.words.catalogue import TEAM_WORDS
from services.words.word import Word


def dated(word: Word) -> date | None:
    """The day of a word (ruling 23); None for undated ones, and for an exemption, whose day may lie ahead."""
    day_of = _DAY_OF[type(word)]
    return None if day_of is None else day_of(word)


@lru_cache(maxsize=4096)
def contact_day(started_at: str) -> date:
    """The London day on which a contact began (ruling 53)."""
    return london_day(parse_instant(started_at))


def _contact(word: Word) -> date:
    assert isinstance(word, work.ContactRecorded)
    return contact_day(word.started_at)


_DAY_OF: dict[type[Word], Callable[[Word], date] | None] = {
    **{word: attrgetter("on") for word in TEAM_WORDS.values() if "on" in word.model_fields},
    course.EnablementCompleted: attrgetter("last_day"),
    course.LegacyCssCaseIdentified: attrgetter("since"),
    work.ContactRecorded: _contact,
    **dict.fromkeys(
        (
            people.PersonRegistered,
            people.PersonDetailsCorrected,
            course.ChargeExemptionRecorded,
            course.EpisodeEnteredInError,
            work.ContactCorrected,
            work.ContactEnteredInError,
        )
    ),
}
