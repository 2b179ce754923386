"""A vault of its own for each test, under a clock that stands until it is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.vault.vault import Vault


@pytest.fixture
def clock() -> list[datetime]:
    """The moments the wall clock was set to; the last one is now. It starts on 2 July 2012, half past nine."""
    return [datetime(2012, 7, 2, 9, 30, tzinfo=UTC)]


@pytest.fixture
def open_vault(tmp_path: Path, clock: list[datetime]) -> Iterator[Callable[[], Vault]]:
    """Opens the test's vault as another process, or the same after a restart, would."""
    opened: list[Vault] = []

    def opener() -> Vault:
        opened.append(Vault(tmp_path, lambda: clock[-1]))
        return opened[-1]

    yield opener
    for vault in opened:
        vault.close()


@pytest.fixture
def vault(open_vault: Callable[[], Vault]) -> Vault:
    """The test's vault, open."""
    return open_vault()
