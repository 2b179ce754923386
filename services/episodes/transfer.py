"""The transfer of long-term support as the commissioner watches it: the burn-down by month, and what is still in house.

Knows episodes as they are shown. Must never know where they are kept.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date

from services.county.places import Area, area_of
from services.episodes.handover_row import Row
from services.episodes.shown import EpisodeShown

FROM = date(2012, 9, 1)
"""The month before the contracts began (R24)."""


def burn_down(legacy: Iterable[tuple[EpisodeShown, str]], today: date) -> list[Row]:
    """In-house CSS by area at the end of each month, from the month before the contracts to today's.

    `legacy` are the episodes found in house that were not entered in error, each with the person's district. A case
    counts from its own beginning, whenever it was identified.
    """
    cases = [(episode.opened_on, episode.ended_on, area_of(district)) for episode, district in legacy]
    return [_month(day, cases) for day in _month_ends(today)]


def _month(day: date, cases: list[tuple[date, date | None, Area]]) -> Row:
    open_then = [area for since, ended_on, area in cases if since <= day and (ended_on is None or day <= ended_on)]
    counts = {area.value: open_then.count(area) for area in Area}
    return {"month": day.isoformat()[:7], **counts, "total": len(open_then)}


def _month_ends(today: date) -> Iterator[date]:
    day = FROM
    while day <= today:
        last = day.replace(day=monthrange(day.year, day.month)[1])
        yield min(last, today)
        day = date(last.year + last.month // 12, last.month % 12 + 1, 1)
