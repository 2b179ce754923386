"""How long the records of a person are kept: 20 years after support has ended, or 10 years after death.

Knows the Records Management Code of Practice 2021 (NHS England) for mental-health records, whichever is earlier. Must
never destroy anything: what is due is asked for, approved and erased like any other erasure.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

YEARS_AFTER_SUPPORT = 20
YEARS_AFTER_DEATH = 10


class Kept(NamedTuple):
    """What the retention of one person's records follows from.

    `last_on`: the last day of support, or of anything recorded of somebody who never had any; `open`: support goes on.
    """

    person_id: str
    last_on: date
    died_on: date | None = None
    open: bool = False
    held: bool = False

    @property
    def due_on(self) -> date | None:
        """The first day after the years of retention; None while support goes on."""
        if self.open:
            return None
        ends = [_years_after(self.last_on, YEARS_AFTER_SUPPORT)]
        if self.died_on is not None:
            ends.append(_years_after(self.died_on, YEARS_AFTER_DEATH))
        return min(ends) + timedelta(days=1)

    def is_due(self, on: date) -> bool:
        """Whether the records may go by a day; a legal hold keeps them whatever their age."""
        return self.due_on is not None and self.due_on <= on and not self.held


def _years_after(day: date, years: int) -> date:
    """The same day of a later year; after 29 February the 28th, as contracts and limitation periods are counted."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
