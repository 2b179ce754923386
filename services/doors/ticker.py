"""The ticker: a day begins, at midnight in London, where the county lives by the clock.

Knows the day of an instant. The instant is given: whoever runs the ticker asks the clock.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from services.county.civil_dates import LONDON, london_day
from services.doors.saying import Saying
from services.log.codec import encode
from services.words.calendar import DayBegan
from services.words.envelope import Envelope
from services.words.topics import EPISODES_INBOX, HANDOVER_INBOX

NAME = "ticker"
SOURCE = "/kmpt/ticker"
BEHIND = timedelta(seconds=2)
"""So far a broker's clock may be behind: a day later than its append time's would be refused for ever (design §4)."""
_DAYS = UUID("5b1b9a0c-8e0e-5a53-9d57-2c7f3a4e6b90")


def day_at(now: datetime) -> date:
    """The day that has surely begun at an instant."""
    return london_day(now - BEHIND)


def said(day: date) -> list[Saying]:
    """That a day began, to all partitions of both inboxes; for the same day always the same."""
    began = datetime.combine(day, time(), LONDON).isoformat()
    envelope = Envelope(str(uuid5(_DAYS, day.isoformat())), DayBegan.TYPE, SOURCE, "", began)
    return [Saying(inbox, envelope, encode(DayBegan(date=day))) for inbox in (EPISODES_INBOX, HANDOVER_INBOX)]
