"""A point of view on the past: a civil day, and the instant by which something had to be known to count.

Knows how points are written. Must never know a log.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple, Self

from services.county.civil_dates import parse_date, parse_instant


class NoSuchPoint(Exception):
    """A point cannot be read, or lies where nothing was recorded; the text says which and what to do."""


class Point(NamedTuple):
    """As things stood on `day`, None for the last day that has begun; by what was known at `known_at`, None for now."""

    day: date | None
    known_at: datetime | None

    @classmethod
    def read(cls, day: str, known_at: str | None = None) -> Self:
        """From a date or "now", and an RFC 3339 instant that may also stand behind an @. Raises `NoSuchPoint`."""
        day, at, behind = day.partition("@")
        if known_at is not None and at:
            raise NoSuchPoint("the instant is given twice, behind the @ and with --known-at: give one of them")
        instant = behind if at else known_at
        try:
            return cls(None if day == "now" else parse_date(day), None if instant is None else parse_instant(instant))
        except ValueError as fault:
            raise NoSuchPoint(f"{fault}; a point is now, 2012-10-05 or 2012-10-05@2012-10-09T12:00:00Z") from fault

    @property
    def known_ms(self) -> int | None:
        """`known_at` in milliseconds since 1970, as the log counts them."""
        return None if self.known_at is None else int(self.known_at.timestamp() * 1000)

    def __str__(self) -> str:
        known = "" if self.known_at is None else f"@{self.known_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        return f"{self.day or 'now'}{known}"
