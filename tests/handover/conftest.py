"""A vault waits for its disk, so tests of the engine put theirs into memory where the machine has such a place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory_handover import MemoryAllocator


@pytest.fixture
def allocator() -> Iterator[MemoryAllocator]:
    """An allocator on a log in memory, started, with a vault of its own."""
    place = Path("/dev/shm")  # noqa: S108  # a fresh folder in it, removed at once
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as folder:
        made = MemoryAllocator.at(Path(folder))
        yield made
        made.county.vault.close()
