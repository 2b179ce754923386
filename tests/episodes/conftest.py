"""The last story of every test of the rules is told again, twice over, to an engine with its vault."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from services.episodes.view_database import ViewDatabase
from services.episodes.view_folder import ViewFolder
from services.episodes.views import Views
from services.log.memory import MemoryLog
from services.words.topics import catalogue
from tests.episodes.retelling import retell
from tests.episodes.story import TOLD, Story
from tests.memory_county import MemoryCounty
from tests.postgres import Postgres, let_go_of


@pytest.fixture(params=["sqlite", "postgresql"])
def views(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Views]:
    """Where views can be kept, none there yet: a folder, and a database of its own."""
    if request.param == "sqlite":
        yield ViewFolder(tmp_path / "data" / "view")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with let_go_of():
        yield ViewDatabase(postgres.new_database())


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory where the machine has such a place, for a vault waits for its disk."""
    place = Path("/dev/shm")  # noqa: S108  # a fresh folder in it, removed at once
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as path:
        yield Path(path)


@pytest.fixture
def county() -> Iterator[MemoryCounty]:
    """A county of four partitions with its recorders running."""
    with in_memory() as folder:
        county = MemoryCounty(folder)
        county.start()
        yield county


@pytest.fixture(autouse=True)
def _told_again() -> Iterator[None]:
    """An engine writes what the story says, and the same inputs again decide nothing (design section 4)."""
    TOLD.clear()
    yield
    for story in TOLD:
        with in_memory() as folder:
            retell(story, county_for(story, folder))


def county_for(story: Story, folder: Path) -> MemoryCounty:
    """A county of one partition, whose broker's clock stands still on the day that the story says."""
    noon = datetime.combine(story.received_on, time(12), UTC)
    log = MemoryLog(clock=lambda: int(noon.timestamp() * 1000))
    for topic in catalogue(1):
        log.create(topic.name, topic.partitions)
    return MemoryCounty(folder, 1, log)
