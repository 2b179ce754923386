from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.log.record import Draft
from services.words.topics import EPISODES_INBOX
from tests.log.engine_county import (
    EngineCounty,
    Event,
    adopted,
    an_id,
    contact,
    corrected,
    day,
    days,
    died,
    episode,
    event,
    months_of,
    moved,
    person,
    registered,
)
from tests.memory_county import feed_of

ADA, BEN = person("ada"), person("ben")
ID = an_id("the one id")
LATER = "2031-01-01"
SHORT_FEED: list[Event] = [
    *days("2012-08-01", "2012-08-03"),
    moved(ADA, "2012-08-01"),
    registered(ADA, 0),
    *episode(ADA, "a", "2012-08-01"),
    contact(ADA, "a", 1, "2012-08-02T10:00:00+01:00"),
    contact(ADA, "a", 1, "2012-08-02T10:00:00+01:00"),
    registered(BEN, 0),
    corrected(ADA, 1),
    day("2012-08-04"),
    registered(BEN, 0, an_id("again")),
    event("Unheard", ADA, {"x": [1]}),
    moved(ADA, "2012-08-04", ID),
    moved(ADA, LATER, ID),
    died(BEN, "2012-08-04"),
    moved(BEN, "2012-08-05"),
    *days("2012-08-05", "2012-09-20"),
]


@pytest.fixture
def county(tmp_path: Path) -> Iterable[EngineCounty]:
    """A county in August 2012 in which one person is registered."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(adopted(), *days("2012-08-01", "2012-08-04"), registered(ADA, 0))
    yield county
    county.close()


def answers(county: EngineCounty) -> list[tuple[Any, ...]]:
    """What the county has made of all that it was told: types and data of facts, codes of refusals, by subject."""
    facts = [(kept.subject, kept.type, kept.causation_id, kept.data.get("code")) for kept in county.ledger()]
    return facts + [(kept.subject, kept.type, kept.causation_id, kept.data["code"]) for kept in county.refused()]


recorded = moved(ADA, "2012-08-02", ID)
refused = moved(ADA, LATER, ID)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("said", [recorded, refused, day("2012-08-04"), registered(ADA, 0), corrected(ADA, 1)])
def test_same_content_again_does_nothing(county: EngineCounty, said: Event, restarted: bool) -> None:
    """Ruling 3: an event said again in the same words does nothing, recorded or refused, restarted or not."""
    county.tell(said)
    before = county.raw()
    if restarted:
        county.start()

    county.tell(said, said)

    assert county.raw() == before
    assert county.engines[0].counts.repeated >= 2


@pytest.mark.parametrize("restarted", [False, True])
def test_same_content_in_one_turn_does_nothing(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: the second of two within one turn is a repeat like any later one."""
    if restarted:
        county.start()

    county.tell(recorded, recorded, refused, refused)

    assert (county.types()[-1], county.codes()) == ("AccommodationChanged", ["ID_REUSED"])


@pytest.mark.parametrize("restarted", [False, True])
def test_other_content_under_a_recorded_id_is_reused(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: a recorded id is taken for ever; other content is ID_REUSED, once for each content."""
    county.tell(recorded)
    if restarted:
        county.start()

    county.tell(moved(ADA, "2012-08-03", ID), moved(ADA, "2012-08-04", ID), moved(ADA, "2012-08-03", ID), recorded)

    assert county.codes() == ["ID_REUSED", "ID_REUSED"]
    assert county.refused()[0].data["parameters"] == {"what": "event"}
    assert county.types()[-1] == "AccommodationChanged"


@pytest.mark.parametrize("restarted", [False, True])
def test_mended_content_under_a_refused_id_is_decided(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: a refused id is not taken; mended content is recorded, and each refused content stays refused."""
    worse = moved(ADA, "2031-02-02", ID)
    county.tell(refused, worse)
    if restarted:
        county.start()

    county.tell(recorded, refused, worse, recorded)

    assert county.codes() == ["IN_THE_FUTURE", "IN_THE_FUTURE"]
    assert county.types().count("AccommodationChanged") == 1


def test_ids_are_remembered_per_subject(county: EngineCounty) -> None:
    """Ruling 9: two persons' events may have one id."""
    county.tell(registered(BEN, 1), recorded, moved(BEN, "2012-08-03", ID))

    assert county.codes() == []
    assert county.types().count("AccommodationChanged") == 2


def test_reused_id_goes_before_every_other_refusal(county: EngineCounty) -> None:
    """Ruling 8: whatever else is wrong with it, other content under a recorded id is ID_REUSED."""
    county.tell(recorded)

    county.tell(
        event("Unheard", ADA, {}, ID), event("CapReached", ADA, {}, ID), event("PersonDied", ADA, {"on": 1}, ID)
    )

    assert county.codes() == ["ID_REUSED"] * 3


def _unreadable(county: EngineCounty) -> Draft:
    (good,) = county.draft(recorded)
    return Draft(good.topic, good.partition, good.key, good.headers, b"\0\0\0\0\1 no more")


def _misrouted(county: EngineCounty) -> Draft:
    (good,) = county.draft(recorded)
    return Draft(good.topic, good.partition, BEN.encode(), good.headers, good.value)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("made", "code"), [(_unreadable, "UNREADABLE"), (_misrouted, "MISROUTED")])
def test_unreadable_and_misrouted_are_settled_by_nothing(
    county: EngineCounty, made: Any, code: str, restarted: bool
) -> None:
    """Ruling 3: each such record is refused under its own place, and the id that it bears is not taken."""
    draft = made(county)
    first = county.put(draft)
    county.settle()
    if restarted:
        county.start()

    second, third = county.put(draft), county.put(draft)
    county.settle()
    county.tell(recorded)

    assert county.codes() == [code] * 3
    assert [kept.key for kept in county.refused()] == [f"0/{offset}" for offset in (first, second, third)]
    assert [kept.causation_id for kept in county.refused()] == [ID] * 3
    assert county.types()[-1] == "AccommodationChanged"


@pytest.mark.parametrize("restarted", [False, True])
def test_whole_feed_twice_gives_the_same_answer(tmp_path: Path, restarted: bool) -> None:
    """Ruling 3: a year's feed emitted once more, month by month, changes nothing."""
    county = EngineCounty(tmp_path / "data", 4)
    county.start()
    months = months_of(feed_of("maidstone-2012.ndjson"))
    for month in months:
        county.tell(*month)
    before = county.raw()
    if restarted:
        county.start()

    for month in months:
        county.tell(*month)

    assert county.raw() == before
    county.close()


@settings(max_examples=20, phases=(Phase.explicit, Phase.generate))
@given(cuts=st.lists(st.integers(0, len(SHORT_FEED)), min_size=1, max_size=3), restarted=st.booleans())
def test_feed_cut_anywhere_and_emitted_from_the_start_gives_the_same_answer(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], restarted: bool
) -> None:
    """Ruling 3: however often emitting breaks off and begins again from the start, every answer is the same."""
    whole = EngineCounty(tmp_path_factory.mktemp("whole") / "data")
    whole.start()
    whole.tell(*SHORT_FEED)
    broken = EngineCounty(tmp_path_factory.mktemp("broken") / "data")
    broken.start()

    for cut in cuts:
        broken.tell(*SHORT_FEED[:cut])
        if restarted:
            broken.start()
    broken.tell(*SHORT_FEED)

    assert answers(broken) == answers(whole)
    whole.close()
    broken.close()


def test_short_feed_holds_what_it_must(tmp_path: Path) -> None:
    """The feed of the trials with cuts leads to facts that fall due, to freed numbers and to refusals."""
    county = EngineCounty(tmp_path / "data")
    county.start()

    county.tell(*SHORT_FEED)

    assert {"UNKNOWN_PERSON", "DUPLICATE_PERSON", "UNKNOWN_TYPE", "ID_REUSED", "PERSON_DIED"} == set(county.codes())
    assert "EnablementEnded" in county.types()
    assert [kept.subject for kept in county.ledger() if kept.type.endswith("PersonRegistered")] == [ADA, BEN]
    county.close()


def test_inbox_keeps_every_repeat(county: EngineCounty) -> None:
    """Design §2: repeats lie in the inbox like all else; only the ledger does not know them."""
    before = county.log.end_offset((EPISODES_INBOX, 0))

    county.tell(recorded, recorded)

    assert county.log.end_offset((EPISODES_INBOX, 0)) == before + 2
