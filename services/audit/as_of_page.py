"""The pages of a fold as of a point: those of the live view, without timeline, of the facts that count there.

Knows which facts count (decision 0019). Must never know where records come from.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, select

from services.audit.own_day import ERASURES, own_day
from services.audit.point import Point
from services.episodes.handover_page import HandoverPage
from services.episodes.view import Page, Pages, View
from services.episodes.view_page import EpisodesPage
from services.log.kept import UNLIKE_A_HOST, Kept, altered
from services.log.ports import Place
from services.words.calendar import DayBegan
from services.words.topics import EPISODES_LEDGER, HANDOVER_LEDGER

_OWN = MetaData()
_PASSED = Table(
    "passed", _OWN, Column("topic", String, primary_key=True), Column("partition", Integer, primary_key=True)
)
"""The partitions in which a day after the point's has begun: from there on a fact's own day is asked for."""


class Selection:
    """Which facts of a partition count at a point; `passed`: a day after the point's has begun in it."""

    def __init__(self, point: Point, *, passed: bool = False) -> None:
        self._day = point.day or date.max
        self._known_ms = point.known_ms
        self.passed = passed

    def counts(self, fact: Kept) -> bool:
        """Whether the next fact, in the order of the ledger, counts."""
        if self._known_ms is not None and fact.known_ms > self._known_ms:
            return fact.type in ERASURES
        if fact.type == DayBegan.TYPE:
            self.passed = self.passed or own_day(fact) > self._day
        return not self.passed or own_day(fact) <= self._day


class _EpisodesState(EpisodesPage):
    __slots__ = ()

    def _note(self, kept: Kept) -> None:
        """No timeline: nobody asks for it as of a day."""


class _HandoverState(HandoverPage):
    def _note(self, kept: Kept) -> None:
        """No timeline: nobody asks for it as of a day."""


class _Selected:
    """A page that takes what counts, and notes in the same transaction that the day has passed."""

    def __init__(self, page: Page, place: Place, selection: Selection) -> None:
        self._page = page
        self._place = place
        self._selection = selection
        self._before = selection.passed

    @property
    def today(self) -> date | None:
        return self._page.today

    def add(self, kept: Kept) -> None:
        """Raises `Altered` if it says what no host would have written."""
        try:
            if self._selection.counts(kept):
                self._page.add(kept)
        except UNLIKE_A_HOST as fault:
            raise altered(kept) from fault

    def fold(self, connection: Connection) -> None:
        self._page.fold(connection)

    def write(self, connection: Connection) -> None:
        self._page.write(connection)
        if self._selection.passed and not self._before:
            topic, partition = self._place
            connection.execute(_PASSED.insert().values(topic=topic, partition=partition))


def view_at(url: str, point: Point) -> View:
    """A view at this URL, new or stored, that goes on folding what counts at the point."""
    selections: dict[Place, Selection] = {}

    def pages_of(topic: str, kind: Any) -> Any:
        def page(partition: int, today: date | None) -> Page:
            selection = selections.setdefault((topic, partition), Selection(point))
            return _Selected(kind(partition, today), (topic, partition), selection)

        return page

    pages: Pages = {
        EPISODES_LEDGER: pages_of(EPISODES_LEDGER, _EpisodesState),
        HANDOVER_LEDGER: pages_of(HANDOVER_LEDGER, _HandoverState),
    }
    view = View(url, pages)
    _OWN.create_all(view.engine)
    with view.engine.begin() as connection:
        for topic, partition in connection.execute(select(_PASSED.c.topic, _PASSED.c.partition)):
            selections[topic, partition] = Selection(point, passed=True)
    return view
