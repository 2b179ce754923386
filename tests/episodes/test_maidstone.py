"""The sample of Maidstone, worked out by hand: what is refused, and that a second telling changes nothing."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import pytest

from tests.memory_county import MemoryCounty, feed_of

FEED = "maidstone-2012.ndjson"
REFUSED = Path(__file__).parents[1] / "data" / "maidstone-2012.refused.json"


def tell_by_months(county: MemoryCounty, first: int | None = None) -> None:
    """Tell the feed, or its first events, as `sis emit` does, settling at each month's first day."""
    for _, events in groupby(feed_of(FEED)[:first], key=lambda event: event["time"][:7]):
        county.tell(*events)


def test_maidstone_is_refused_what_the_county_expects(county: MemoryCounty) -> None:
    """49 events are refused, each for the reason that was worked out without this program."""
    tell_by_months(county)
    found = sorted((kept.causation_id, kept.data["code"]) for kept in county.refused())
    assert found == sorted((row["event_id"], row["code"]) for row in json.loads(REFUSED.read_text("utf-8")))
    assert county.alarms == []


@pytest.mark.parametrize("restarted", [False, True])
def test_r3_maidstone_told_twice(county: MemoryCounty, restarted: bool) -> None:
    """Ruling 3: a whole feed emitted again changes nothing, before and after a restart."""
    tell_by_months(county)
    written = county.raw()
    if restarted:
        county.start()
    county.tell(*feed_of(FEED))
    assert county.raw() == written
    recorded, refused, repeated = (
        sum(getattr(engine.counts, name) for engine in county.engines) for name in ("recorded", "refused", "repeated")
    )
    days = sum(event["type"].endswith("DayBegan") for event in feed_of(FEED))
    told = (len(feed_of(FEED)) - days) + days * county.partitions
    assert recorded + refused + repeated == told * (1 if restarted else 2)


@pytest.mark.parametrize("cut", [1, 57, 200, 400, 650])
def test_r3_maidstone_cut_anywhere(county: MemoryCounty, cut: int) -> None:
    """Ruling 3: a feed cut anywhere, the recorders restarted, and all of it emitted again, gives the same answer."""
    tell_by_months(county, cut)
    county.start()
    tell_by_months(county)
    found = sorted((kept.causation_id, kept.data["code"]) for kept in county.refused())
    assert found == sorted((row["event_id"], row["code"]) for row in json.loads(REFUSED.read_text("utf-8")))
