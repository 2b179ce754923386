"""Dates and instants as they are written in events, and the London day of an instant.

Knows the two forms that are taken (ruling 16) and Europe/London. Never knows what time it is.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date:
    """Read a civil date written exactly YYYY-MM-DD; no other ISO 8601 form is taken.

    ValueError says why, without repeating the value.
    """
    if not _DATE.fullmatch(text):
        raise ValueError("a date is written YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("no such day in the calendar") from None


@lru_cache(maxsize=4096)
def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant, such as 2012-07-02T09:30:00+01:00; the result keeps its offset.

    Seconds and offset are mandatory. A fraction of a second may stand; beyond microseconds it is cut. The letters T
    and Z are capitals only: RFC 3339 lets an application say so. A leap second (:60) is not taken, for no datetime can
    hold one, and the years 0001 and 9999 are not, for another zone's day could fall off the calendar.
    ValueError says why, without repeating the value.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError("an instant is written YYYY-MM-DDThh:mm:ss with Z or an offset +hh:mm")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("no such day in the calendar") from None
    if not date.min.year < instant.year < date.max.year:
        raise ValueError("an instant lies in the years 0002 to 9998")
    return instant


def london_day(instant: datetime) -> date:
    """Return the civil date in Europe/London at that instant; ValueError if it has no offset."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return instant.astimezone(LONDON).date()
