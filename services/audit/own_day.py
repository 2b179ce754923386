"""The day of which a fact tells, for whoever asks how things stood on a day (decision 0019).

Knows the dates in the words. Must never know what a fact changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from services.county.civil_dates import london_day, parse_instant
from services.log.kept import Kept
from services.words import course, guarding, people, recorded, referred, work
from services.words.calendar import DayBegan
from services.words.commissioning import ContractActivated
from services.words.keeping import RulesAdopted


@lru_cache(maxsize=4096)
def _london(instant: str) -> date:
    return london_day(parse_instant(instant))


def _after(day: str | date) -> date:
    return _day(day) + timedelta(days=1)


def _day(day: str | date) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


ERASURES = frozenset({guarding.PersonErased.TYPE, referred.PersonErased.TYPE})
"""They count at every point, those before them too: what is forgotten is not told as it was then."""
UNDATED = frozenset(
    {
        *ERASURES,
        people.PersonRegistered.TYPE,
        people.PersonDetailsCorrected.TYPE,
        work.ContactCorrected.TYPE,
        work.ContactEnteredInError.TYPE,
        course.EpisodeEnteredInError.TYPE,
        RulesAdopted.TYPE,
    }
)
"""Who somebody is, and what is corrected: they tell of no day of their own, and count for every day once known."""
DATED: Mapping[str, Callable[[Mapping[str, Any]], date]] = {
    recorded.EnablementEnded.TYPE: lambda data: _after(data["last_day"]),
    recorded.CapReached.TYPE: lambda data: _after(data["last_day"]),
    course.EnablementCompleted.TYPE: lambda data: _after(data["last_day"]),
    course.ChargeExemptionRecorded.TYPE: lambda data: _day(data["from_on"]),
    course.LegacyCssCaseIdentified.TYPE: lambda data: _day(data["since"]),
    work.ContactRecorded.TYPE: lambda data: _london(data["started_at"]),
    ContractActivated.TYPE: lambda data: _day(data["from_on"]),
    DayBegan.TYPE: lambda data: _day(data["date"]),
}
"""Words whose own date is not called `on`; that of a last day is the day after, for only then is it over."""


def own_day(fact: Kept) -> date:
    """The day of which a fact tells: the date in its data, but never after the London day on which it happened.

    What announces a day to come, such as a first visit booked, is of the day on which it was said.
    """
    if fact.type in UNDATED:
        return date.min
    happened = _london(fact.time)
    if (dated := DATED.get(fact.type)) is not None:
        return min(dated(fact.data), happened)
    on = fact.data.get("on")
    return happened if on is None else min(_day(on), happened)
