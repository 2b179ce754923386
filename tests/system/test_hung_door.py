"""A door that hangs hides nobody's events, and loses none of what it has to carry."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest

from tests.faults.system import DATA, FEED, System, running_system

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this test's own."""
    with running_system(tmp_path_factory.mktemp("county") / "data") as running:
        yield running


async def test_while_the_doors_hang_everything_else_goes_on(system: System) -> None:
    """The year is recorded, refused and shown while the doors are frozen; woken, they carry every request across."""
    doors = system.pid("doors")
    os.kill(doors, signal.SIGSTOP)
    try:
        emitted = system.sis("emit", "--wait", str(DATA / FEED))
        shown = json.loads(system.sis("caseload", "--all", "--json").stdout)
        waiting = json.loads(system.sis("handover", "list", "--all", "--json").stdout)
    finally:
        os.kill(doors, signal.SIGCONT)

    expected = json.loads((DATA / FEED.replace(".ndjson", ".caseload.json")).read_text("utf-8"))
    asked = sum(row["handover"] is not None for row in expected)
    assert emitted.returncode == 1, "some of the year is refused"
    assert [row["episode_id"] for row in shown] == [row["episode_id"] for row in expected]
    assert [row["phase"] for row in shown] == [row["phase"] for row in expected]
    assert waiting == []

    await system.settle()

    carried = json.loads(system.sis("handover", "list", "--all", "--json").stdout)
    assert len(carried) == asked > 0
