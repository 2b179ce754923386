"""The rules were read twice: by the program, and by a small one beside these tests that shares nothing with it.

Whatever is told, both must refuse the same events for the same reasons and show the same caseload.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.words.topics import EPISODES_LEDGER
from tests.memory_county import MemoryCounty, feed_of
from tests.second_reading.county import REFUSALS, County, Event
from tests.second_reading.hearsay import Hearsay

DATA = Path(__file__).parents[1] / "data"
SEEDS = range(24)
NOW = date(2026, 11, 2)
"""The day on which the county in memory receives what is told."""
Answer = tuple[list[dict[str, Any]], list[tuple[str, str]]]


def by_the_program(events: Iterable[Event], folder: Path) -> Answer:
    """Caseload and refusals of the real engine, rules, vault and view."""
    county = MemoryCounty(folder, partitions=1)
    county.start()
    county.tell(*events)
    assert county.alarms == []
    view = View(url_of(folder / "view.sqlite"))
    view.apply(EPISODES_LEDGER, 0, county.log.seen((EPISODES_LEDGER, 0), 0, 10**9)[0])
    view.close()
    reading = Reading(url_of(folder / "view.sqlite"))
    rows = [without_handover(row) for row in reading.caseload(Asked(ended_too=True))]
    reading.close()
    return in_order(rows), sorted((kept.causation_id, kept.data["code"]) for kept in county.refused())


def by_the_page(events: Iterable[Event]) -> Answer:
    """Caseload and refusals of the second reading."""
    county = County(NOW)
    for event in events:
        county.hear(event)
    return county.rows(), sorted(county.refused)


def without_handover(row: dict[str, Any]) -> dict[str, Any]:
    """The row alone: what becomes of handovers is not read here."""
    return {name: value for name, value in row.items() if name != "handover"}


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By episode, then person: two people may have lines under one id (ruling 10)."""
    return sorted(rows, key=lambda row: (row["episode_id"], row["person_id"]))


def test_the_second_reading_answers_the_sample() -> None:
    """The second reading itself gives the answers to the sample of Maidstone that were worked out by others."""
    rows, refused = by_the_page(feed_of("maidstone-2012.ndjson"))
    expected = json.loads((DATA / "maidstone-2012.caseload.json").read_text("utf-8"))
    assert rows == [without_handover(row) for row in expected]
    listed = json.loads((DATA / "maidstone-2012.refused.json").read_text("utf-8"))
    assert refused == sorted((row["event_id"], row["code"]) for row in listed)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_readings_agree_whatever_is_told(seed: int, tmp_path: Path) -> None:
    """S1 to S12 and rulings 3 to 60: lives told late, twice, wrongly and out of turn get the same answers twice."""
    events = Hearsay(seed).tell(days=240)
    rows, refused = by_the_program(events, tmp_path)
    expected_rows, expected_refused = by_the_page(events)
    assert refused == expected_refused
    assert rows == expected_rows


def test_hearsay_gets_everywhere() -> None:
    """The feeds compared reach every refusal of a team's word, and every phase, flag and way in which a clock runs."""
    answers = [by_the_page(Hearsay(seed).tell(days=240)) for seed in SEEDS]
    codes = Counter(code for _, refused in answers for _, code in refused)
    assert {code for code, _ in REFUSALS} | {"INVALID_DATA", "NOT_YOURS", "UNKNOWN_TYPE"} == codes.keys()
    rows = [row for rows, _ in answers for row in rows]
    phases = {"REFERRED", "ACCEPTED", "ENABLEMENT", "AWAITING_REVIEW", "CHARGEABLE", "CAP_REACHED", "LEGACY_CSS"}
    assert phases | {"ENDED"} == {row["phase"] for row in rows}
    flags = {"RE_REFERRAL", "CLOCK_CONTINUED", "ENTERED_IN_ERROR", "CAP_APPROACHING", "TO_BE_ENDED", "MOVE_CHECKS_OPEN"}
    assert flags == {flag for row in rows for flag in row["flags"]}
