"""One thing told: the event, when it reaches the county, and the day that it speaks of.

Knows CloudEvents in structured mode and how a moment is written. Must never know what an event means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from services.county.civil_dates import LONDON

Event = dict[str, Any]
"""A CloudEvents structured-mode JSON object, as a feed has one on each line."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that reaches the county on `day`, `minute` minutes after midnight.

    `on` is the day that it speaks of, None if it is undated. `movable`: a record of work that may come late or in
    another order without harm. `planted` is the code of the refusal that it must meet, None if it is to be recorded.
    """

    day: date
    minute: int
    on: date | None
    event: Event
    movable: bool = False
    planted: str | None = None

    @property
    def name(self) -> str:
        """The last part of the event's type, such as ContactRecorded."""
        return str(self.event["type"]).rpartition(".")[2]


def envelope(event_id: str, source: str, full_name: str, subject: str, moment: str, data: Event) -> Event:
    """The event as CloudEvents 1.0 has it; `moment` is an RFC 3339 instant."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": full_name,
        "subject": subject,
        "time": moment,
        "data": data,
    }


def moment_of(day: date, minute: int) -> datetime:
    """The moment so many minutes after that day's midnight in London; it has London's offset.

    Counted in minutes that pass, so that no such moment is missing or meant twice in the nights the clocks change.
    """
    return (_midnight(day) + timedelta(minutes=minute)).astimezone(LONDON)


@lru_cache(maxsize=1024)
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
