"""What somebody has to see to: each kind is listed from its day on, not a day before, and oldest first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.words import commissioning
from tests.handover.story import EAST, Story, day_of, handover, one_provider
from tests.shown_handovers import ledger_of, read


def due(folder: Path, story: Story) -> list[dict[str, Any]]:
    """All that is due."""
    with read(folder, ledger_of(story).records) as reading:
        return reading.handovers_due()


def county(day: str = "2012-10-01") -> Story:
    """A provider whose capacity was declared on the first day."""
    story = one_provider(day)
    story.declared("c-oak", 600, day)
    return story


def asked(today: str) -> Story:
    """`oak` was asked on the 1st, and has until the 8th."""
    story = county()
    story.request("ann")
    story.day(today)
    return story


def accepted(today: str) -> Story:
    """`oak` has accepted, to start on the 8th."""
    story = county()
    story.request("ann")
    story.accept("oak", "ann", "2012-10-08")
    story.day(today)
    return story


def declared(today: str) -> Story:
    """Nothing was declared since the 1st."""
    story = county()
    story.day(today)
    return story


def toolkit(today: str) -> Story:
    """The provider's toolkit ends on 30 November."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak", "2012-11-30")
    story.day(today)
    return story


@pytest.mark.parametrize(
    ("given", "before", "on", "expected"),
    [
        (
            asked,
            "2012-10-05",
            "2012-10-06",
            ("2012-10-01", "ANSWER_DUE", "2012-10-08", "oak has until 2012-10-08 to answer"),
        ),
        (
            accepted,
            "2012-10-05",
            "2012-10-06",
            ("2012-10-01", "START_DUE", "2012-10-08", "oak is to start on 2012-10-08"),
        ),
        (
            declared,
            "2012-10-08",
            "2012-10-09",
            ("2012-10-01", "STALE_CAPACITY", "2012-10-01", "its capacity was last declared for 2012-10-01"),
        ),
        (
            toolkit,
            "2012-11-01",
            "2012-11-02",
            (
                "2012-11-02",
                "TOOLKIT_ENDS",
                "2012-11-30",
                "its security toolkit ends on 2012-11-30; without one it is asked nothing",
            ),
        ),
    ],
)
def test_what_is_due_is_listed_from_its_day_on(
    tmp_path: Path, given: Callable[[str], Story], before: str, on: str, expected: tuple[str, ...]
) -> None:
    """The day before there is nothing to see to."""
    (row,) = due(tmp_path, given(on))
    (tmp_path / "view.sqlite").unlink()

    assert (row["since"], row["kind"], row["what"], row["sentence"]) == expected
    assert due(tmp_path, given(before)) == []


def test_a_start_that_was_not_confirmed_is_said_to_be_late(tmp_path: Path) -> None:
    """After the day of the start the sentence says so."""
    rows = {row["kind"]: row for row in due(tmp_path, accepted("2012-10-09"))}

    assert rows["START_DUE"]["sentence"] == "oak was to start on 2012-10-08 and has not confirmed it"
    assert rows["START_DUE"]["handover_id"] == handover("ann")


@pytest.mark.parametrize(
    ("minutes", "district", "why"),
    [
        (601, "ashford", "NO_ROOM"),
        (60, "sevenoaks", "NO_CONTRACT"),
    ],
)
def test_a_case_that_nobody_can_take_is_listed_with_the_reason(
    tmp_path: Path, minutes: int, district: str, why: str
) -> None:
    """It stays listed until somebody can."""
    story = county()
    story.request("ann", minutes, district=district)

    (row,) = due(tmp_path, story)

    assert (row["kind"], row["what"], row["handover_id"]) == ("NO_CANDIDATE", why, handover("ann"))
    assert row["sentence"].startswith("nobody can be asked: ")


def test_ruling_90_a_legacy_case_in_no_wave_is_listed(tmp_path: Path) -> None:
    """Until it is added to one."""
    story = county()
    story.request("ann", 60, cause="LEGACY_CSS")
    story.request("ben", 60, cause="LEGACY_CSS")
    plan = commissioning.WavePlanned(
        wave_id="w", lot=EAST, freeze_on=day_of("2012-10-05"), start_on=day_of("2012-10-08")
    )
    story.tell(plan, EAST)
    story.tell(commissioning.CaseAddedToWave(wave_id="w", handover_id=handover("ann")), EAST)

    (row,) = due(tmp_path, story)

    assert (row["kind"], row["handover_id"]) == ("IN_NO_WAVE", handover("ben"))


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    """What waits longest is seen first."""
    late = county()
    late.day("2012-10-10")
    late.request("ann", 601)

    assert [row["since"] for row in due(tmp_path, late)] == ["2012-10-01", "2012-10-10"]
