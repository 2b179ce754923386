"""The redrive door's own part: which content of an event is meant, and that asking twice is asking once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from services.log.memory import all_seen
from services.log.memory_clients import MemoryReader
from services.log.record import Draft
from services.log.redriving import Redrivable, content_offset, records_at, redrivable
from services.vault.key_files import door_key
from services.words.topics import EPISODES_INBOX
from tests.log.engine_county import (
    EngineCounty,
    adopted,
    an_id,
    corrected,
    day,
    days,
    moved,
    person,
    redriven,
    registered,
)

ADA, BEN = person("ada"), person("ben")


@pytest.fixture
def county(tmp_path: Path) -> Iterable[EngineCounty]:
    """A county in August 2012 in which nobody is registered."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(adopted(), *days("2012-08-01", "2012-08-04"))
    yield county
    county.close()


def found(county: EngineCounty) -> list[Redrivable]:
    """Every refused event of the county."""
    inbox = {record.offset: record for record in county.inbox()}
    return redrivable((kept, content_offset(kept, inbox)) for kept in county.refused())


def draft(county: EngineCounty, one: Redrivable) -> Draft:
    """The redrive as the door says it."""
    return one.draft(county.partitions, county.public, door_key(county.folder, "redrive"))


def test_the_door_has_a_refused_event_decided_again(county: EngineCounty) -> None:
    """Ruling 3: under the key and subject of the refused event, signed by its door, what was too early is recorded."""
    county.tell(moved(ADA, "2012-08-02"), registered(ADA, 0))
    (one,) = found(county)
    said = draft(county, one)

    county.put(said)
    county.settle()

    assert (one.event_id, one.why_not) == (moved(ADA, "2012-08-02")["id"], None)
    assert said.key == county.inbox()[one.offset].key == ADA.encode()
    assert (county.codes(), county.types()[-1]) == (["UNKNOWN_PERSON"], "AccommodationChanged")


def test_asking_twice_about_one_refusal_is_asking_once(county: EngineCounty) -> None:
    """Ruling 5: the redrive of one refusal is the same whenever it is said, so the second changes nothing."""
    county.tell(moved(ADA, "2012-08-02"), registered(ADA, 0))
    (one,) = found(county)
    county.put(draft(county, one))
    county.settle()
    before = county.raw()

    (again,) = found(county)
    county.put(draft(county, again))
    county.settle()

    assert draft(county, again) == draft(county, one)
    assert county.raw() == before


def test_what_is_refused_again_can_be_redriven_anew(county: EngineCounty) -> None:
    """Ruling 3: each refusal can be asked about; every redrive is another, of the content that was first refused."""
    county.tell(corrected(ADA, 0))
    offsets, ids = [], []
    for _ in range(3):
        (one,) = found(county)
        offsets.append(one.offset)
        ids.append(dict(draft(county, one).headers)["ce_id"])
        county.put(draft(county, one))
        county.settle()

    assert county.codes() == ["UNKNOWN_PERSON"] * 4
    assert len(set(ids)) == 3
    assert len(set(offsets)) == 1


def test_the_newest_content_of_an_event_is_meant(county: EngineCounty) -> None:
    """Ruling 3: where a mended content was refused too, a redrive is of that, whatever was redriven before."""
    county.tell(moved(ADA, "2012-08-02", an_id("one")), moved(ADA, "2012-08-03", an_id("one")))
    first, mended = (kept.inbox_offset for kept in county.refused())
    county.tell(redriven(ADA, first))

    assert [one.offset for one in found(county)] == [mended]


def test_one_id_of_two_people_is_two_events(county: EngineCounty) -> None:
    """Ruling 9: ids are remembered per subject, and so redriven."""
    county.tell(moved(ADA, "2012-08-02", an_id("one")), moved(BEN, "2012-08-02", an_id("one")))

    assert [one.refusal.subject for one in found(county)] == [ADA, BEN]


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("unreadable", "send it again"),
        ("misrouted", "send it again"),
        ("a redrive", "redrive the event that it was about"),
        ("a day", "a day is not redriven"),
    ],
)
def test_what_cannot_be_redriven_says_what_to_do(county: EngineCounty, which: str, words: str) -> None:
    """What nobody could read or find is sent again; calendar and redrives are not redriven."""
    (good,) = county.draft(moved(ADA, "2012-08-02"))
    match which:
        case "unreadable":
            county.put(Draft(good.topic, 0, good.key, good.headers, None))
        case "misrouted":
            county.put(Draft(good.topic, 0, BEN.encode(), good.headers, good.value))
        case "a redrive":
            county.put(redriven(ADA, 10**6))
        case _:
            county.put(day("2999-01-01"))
    county.settle()

    (one,) = found(county)
    assert words in (one.why_not or "")


async def test_records_are_found_wherever_they_lie(county: EngineCounty) -> None:
    """Single records are read by offset, near or far from each other."""
    for number in range(40):
        county.put(moved(ADA, "2012-08-02", an_id(f"move {number}")))
    every = {record.offset: record for record in all_seen(county.log, EPISODES_INBOX, 0)}
    wanted = {3, 4, 30, max(every)}
    reader = MemoryReader(county.log, {(EPISODES_INBOX, 0): min(wanted)})
    await reader.start()

    assert await records_at(reader, (EPISODES_INBOX, 0), wanted) == {offset: every[offset] for offset in wanted}
