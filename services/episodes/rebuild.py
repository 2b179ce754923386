"""Fills a new view beside the old one and switches when it is level with the log (`sis view rebuild`).

Knows the order that lets no fact fall between the two. Must never alter the view that is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from services.episodes.view import View, retire
from services.episodes.views import Views
from services.log.collector import spare_the_collector
from services.log.ports import Place, Reader
from services.log.record import Record

_READ_AT_ONCE = 8_000
_FOLD_AT_ONCE = 40_000
"""Records in one transaction: ten times a live batch, for each page of the database is then written less often."""
_WAIT_SECONDS = 0.2


async def rebuild(reader: Reader, views: Views, places: Collection[Place], progress: Callable[[int], None]) -> int:
    """Fold all that lies in these partitions, which `reader` reads from 0 on; returns how many records it was.

    `progress` hears the number folded so far. The old view is retired before the last records are read: its owner ends,
    begins again, and finds the new one. Raises `ChainBroken`, `ViewAway`.
    """
    spare_the_collector()
    url = views.new()
    view = View(url)
    try:
        folded = await _level(reader, view, places, 0, progress)
        retire(views.current(), places)
        folded = await _level(reader, view, places, folded, progress)
    finally:
        view.close()
    views.switch(url)
    return folded


async def _level(
    reader: Reader, view: View, places: Collection[Place], folded: int, progress: Callable[[int], None]
) -> int:
    waiting: dict[Place, list[Record]] = {}
    while True:
        batches = await reader.read(_READ_AT_ONCE, _WAIT_SECONDS)
        for place, records in batches.items():
            waiting.setdefault(place, []).extend(records)
        level = not batches and await _at_the_end(reader, places)
        for place in [place for place, records in waiting.items() if level or len(records) >= _FOLD_AT_ONCE]:
            folded += view.apply(*place, waiting.pop(place))
            progress(folded)
        if level:
            return folded


async def _at_the_end(reader: Reader, places: Collection[Place]) -> bool:
    """One question for all partitions: a broker answers each only after the fetch that waits before it."""
    ends = await reader.end_offsets(places)
    return all([await reader.position(place) >= ends[place] for place in places])
