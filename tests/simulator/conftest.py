"""The synthetic county that most of these tests look at."""

from datetime import date

import pytest

from services.simulator.feed import tell
from services.simulator.seeded import County
from services.simulator.told import Told

YEAR = County(people=2000, first=date(2012, 8, 1), last=date(2013, 7, 31), seed=2012)


@pytest.fixture(scope="session")
def year() -> tuple[Told, ...]:
    """All that is told in a year of 2,000 people."""
    return tuple(tell(YEAR))
