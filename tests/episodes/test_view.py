"""The read view: each fact once, in order, whatever the batches and whoever else writes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from services.episodes.asked import Asked, SharedId
from services.episodes.reading import Reading
from services.episodes.rebuild import rebuild
from services.episodes.view import TOPICS, ChainBroken, PositionMoved, View, retire
from services.episodes.view_folder import url_of
from services.episodes.view_tables import METADATA, open_engine
from services.episodes.views import Views
from services.log.codec import Undecodable
from services.log.memory import MemoryLog, MemoryRecord
from services.log.memory_clients import MemoryReader
from services.log.ports import Place
from services.log.record import Draft, Record
from services.words.calendar import DayBegan
from services.words.keeping import Refused
from services.words.topics import EPISODES_LEDGER, EPISODES_REFUSED, HANDOVER_LEDGER, HANDOVER_REFUSED, catalogue
from tests.episodes import words_said as say
from tests.episodes.words_said import EPISODE, PERSON, SECOND, an_id, d
from tests.ledgers import Ledger
from tests.shown_caseload import ShownCaseload, dossier_changed, handover_requested, sis_started

HANDOVER, SIS = an_id("a handover"), an_id("a sis episode")
NEIGHBOUR = an_id("a neighbour")


def a_year() -> Ledger:
    """A ledger partition in which nearly everything that can be said is said, of two people."""
    ledger = Ledger()
    for today, facts in (
        ("2012-09-01", [say.registered(), say.referred("2012-09-01"), say.accepted("2012-09-01")]),
        ("2012-10-01", [say.started("2012-10-01"), say.worker("2012-10-01"), say.contact("2012-10-01")]),
        ("2012-10-05", [say.contact("2012-10-04", an_id("c2")), say.contact_corrected(), say.rehoused("2012-10-05")]),
        (
            "2012-10-06",
            [say.contact("2012-10-05", an_id("c3")), say.contact_in_error(an_id("c2")), say.checked("2012-10-06")],
        ),
        ("2012-11-01", [say.reviewed("2012-11-01", "LONG_TERM_SUPPORT"), handover_requested(HANDOVER, "2012-11-01")]),
        ("2012-11-12", [say.enablement_ended("2012-11-11"), say.charged_from("2012-11-12"), say.corrected()]),
        ("2012-11-13", [dossier_changed(HANDOVER), say.held("2012-11-13"), say.exempted("2012-11-01")]),
        ("2012-12-03", [say.ended("2012-12-02", reason="08"), sis_started(HANDOVER, SIS, "2012-12-03")]),
        ("2012-12-05", [say.referred("2012-12-05", SECOND), say.accepted("2012-12-05", SECOND)]),
        ("2012-12-06", [say.started("2012-12-06", SECOND), say.moved_to_team("2012-12-06", "eip-west", SECOND)]),
        (
            "2012-12-07",
            [say.in_error(SECOND), say.sis_ended(HANDOVER, SIS, "2012-12-07", "06"), say.died("2012-12-07")],
        ),
    ):
        ledger.day(d(today))
        for fact in facts:
            ledger.add(fact)
            ledger.add(say.registered(), person=NEIGHBOUR)
    return ledger


YEAR = a_year()


def content(view: View) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with view.engine.begin() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


@pytest.fixture
def view(views: Views) -> View:
    """An empty view."""
    return View(views.current())


def whole_year(folder: str) -> View:
    """The year, folded in one batch."""
    view = View(url_of(Path(folder) / "whole.sqlite"))
    view.apply(EPISODES_LEDGER, 0, YEAR.records)
    return view


@settings(max_examples=40)
@given(cuts=st.lists(st.integers(0, len(YEAR.records)), max_size=12), back=st.integers(0, 5))
def test_the_batches_make_no_difference(cuts: list[int], back: int) -> None:
    """However the log is cut into batches, and however far a batch reaches back, the view is the same."""
    with TemporaryDirectory() as folder:
        view = View(url_of(Path(folder) / "cut.sqlite"))
        edges = [0, *sorted(cuts), len(YEAR.records)]

        for start, end in pairwise(edges):
            view.apply(EPISODES_LEDGER, 0, YEAR.records[max(0, start - back) : end])

        assert content(view) == content(whole_year(folder))


def test_what_was_applied_is_passed_over(view: View) -> None:
    """A batch that comes again changes nothing and counts nothing."""
    assert view.apply(EPISODES_LEDGER, 0, YEAR.records) == len(YEAR.records)
    before = content(view)

    assert view.apply(EPISODES_LEDGER, 0, YEAR.records) == 0
    assert content(view) == before


def test_it_goes_on_where_it_stands(view: View, views: Views, tmp_path: Path) -> None:
    """Opened again, a view says where each partition is to be read on, and folds on as if never closed."""
    view.apply(EPISODES_LEDGER, 0, YEAR.records[:20])
    view.close()

    again = View(views.current())
    assert again.reload() == {(EPISODES_LEDGER, 0): 20}
    again.apply(EPISODES_LEDGER, 0, YEAR.records[20:])

    assert content(again) == content(whole_year(str(tmp_path)))


def altered(record: Record, **changes: Any) -> Record:
    """A record that somebody has altered."""
    assert isinstance(record, MemoryRecord)
    return replace(record, **changes)


def test_an_altered_record_breaks_the_chain_at_the_next(view: View) -> None:
    """A record that was altered does not have the hash that the next one carries: nothing of the batch is written."""
    records = list(YEAR.records[:10])
    records[4] = altered(records[4], value=records[3].value)
    view.apply(EPISODES_LEDGER, 0, records[:3])
    before = content(view)

    with pytest.raises(ChainBroken, match=f"{EPISODES_LEDGER} partition 0 offset 5 does not follow"):
        view.apply(EPISODES_LEDGER, 0, records[3:])

    assert content(view) == before


@pytest.mark.parametrize("where", [0, 5, 9])
def test_a_missing_record_breaks_the_chain(view: View, where: int) -> None:
    """A record that was taken away leaves a gap in the chain, at its beginning and between two batches too."""
    records = [*YEAR.records[:where], *YEAR.records[where + 1 : 12]]

    view.apply(EPISODES_LEDGER, 0, records[:where])

    with pytest.raises(ChainBroken, match=f"offset {where + 1} "):
        view.apply(EPISODES_LEDGER, 0, records[where:])


def test_a_batch_is_written_whole_or_not_at_all(view: View) -> None:
    """A record in a batch that cannot be read leaves the view as it was before the batch."""
    log, records = Ledger(), list(YEAR.records[:6])
    view.apply(EPISODES_LEDGER, 0, records[:2])
    before = content(view)
    unreadable = altered(log.day(d("2012-09-01"))[0], value=b"\x00\x00\x00\x00\x01nonsense", offset=6)

    with pytest.raises((Undecodable, ChainBroken)):
        view.apply(EPISODES_LEDGER, 0, [*records[2:], unreadable])

    assert content(view) == before
    assert view.apply(EPISODES_LEDGER, 0, records) == 4


@pytest.mark.parametrize("first", [0, 20])
def test_a_second_owner_finds_the_position_moved(view: View, views: Views, first: int) -> None:
    """Of two who fold the same view one is first; the other writes nothing and is told to end."""
    if first:
        view.apply(EPISODES_LEDGER, 0, YEAR.records[:first])
    other = View(views.current())
    other.apply(EPISODES_LEDGER, 0, YEAR.records[first : first + 5])
    before = content(view)

    with pytest.raises(PositionMoved, match=f"in {EPISODES_LEDGER} partition 0"):
        view.apply(EPISODES_LEDGER, 0, YEAR.records[first : first + 9])

    assert content(view) == before


def test_owners_of_different_partitions_do_not_meet(view: View, views: Views) -> None:
    """Each partition has a position of its own, so two may fold different partitions of one view."""
    other, elsewhere = View(views.current()), Ledger(partition=1)
    elsewhere.add(say.registered(), person=an_id("somebody else"))

    view.apply(EPISODES_LEDGER, 0, YEAR.records[:20])
    other.apply(EPISODES_LEDGER, 1, elsewhere.records)
    view.apply(EPISODES_LEDGER, 0, YEAR.records[20:])

    assert view.reload() == {(EPISODES_LEDGER, 0): len(YEAR.records), (EPISODES_LEDGER, 1): 1}


def test_a_retired_view_is_read_and_moved_on_by_nobody(view: View, views: Views) -> None:
    """When a newer view takes its place, the owner of the old one is told to end; who reads it still may."""
    url = views.current()
    view.apply(EPISODES_LEDGER, 0, YEAR.records[:20])
    retire(url, [(EPISODES_LEDGER, 0), (EPISODES_LEDGER, 1)])

    with pytest.raises(PositionMoved):
        view.apply(EPISODES_LEDGER, 0, YEAR.records[20:])
    with pytest.raises(PositionMoved):
        view.apply(EPISODES_LEDGER, 1, Ledger(partition=1).day(d("2012-10-01")))
    with pytest.raises(PositionMoved, match="replaced by a newer one"):
        View(url)
    assert Reading(url).caseload(Asked())


def test_the_timeline_holds_clear_fields_only(tmp_path: Path) -> None:
    """What identifies a person is sealed in the ledger, and not even sealed in the view."""
    view = View(url_of(tmp_path / "view.sqlite"))
    view.apply(EPISODES_LEDGER, 0, YEAR.records)
    view.close()

    assert b"sealed" not in (tmp_path / "view.sqlite").read_bytes()


def test_a_timeline_tells_of_one_episode_and_its_person(tmp_path: Path) -> None:
    """Both sides of a handover tell it; what happened in another episode is not told."""
    shown = ShownCaseload(tmp_path)
    shown.ledger = YEAR

    home, away, other = (shown.episode(episode) for episode in (EPISODE, SIS, SECOND))

    started = "Provider weald-support supports the person from 3 December 2012: long-term support is needed."
    died = "The person died on 7 December 2012."
    told = [[fact["sentence"] for fact in found["timeline"]] for found in (home, away, other)]
    assert [started in sentences for sentences in told] == [True, True, False]
    assert [died in sentences for sentences in told] == [True, True, True]
    assert [len(sentences) for sentences in told] == [23, 8, 10]
    assert home["timeline"][0] == {
        "type": "kmpt.episodes.v1.PersonRegistered",
        "happened": "2012-10-01T09:30:00+01:00",
        "recorded": "2026-11-02T09:00:30.000Z",
        "source": "/kmpt/maidstone-cmht",
        "sentence": "The person was registered, living in Maidstone.",
    }


def test_ruling_10_two_people_may_have_an_episode_and_a_contact_of_one_id(tmp_path: Path) -> None:
    """Ids are judged within the person: each has a row of their own, and a correction reaches its own contact only."""
    shown = ShownCaseload(tmp_path)
    begun = [say.registered(), say.referred("2012-10-01"), say.accepted("2012-10-01"), say.started("2012-10-01")]
    shown.tell("2012-10-01", *begun, say.contact("2012-10-01"))
    shown.tell("2012-10-02", *begun, say.contact("2012-10-01", minutes=20), person=NEIGHBOUR)
    shown.tell("2012-10-03", say.contact_corrected(minutes=45), say.held("2012-10-03"))
    shown.tell("2012-10-04", say.contact("2012-10-04", an_id("c2")), say.contact_in_error(), person=NEIGHBOUR)
    reading = shown.reading()

    rows = reading.caseload(Asked())

    told = {row["person_id"]: (row["on_hold"], row["contacts"], row["minutes"]) for row in rows}
    assert told == {PERSON: (True, 1, 45), NEIGHBOUR: (False, 1, 30)}
    assert [row["person_id"] for row in rows] == sorted([PERSON, NEIGHBOUR])
    with pytest.raises(SharedId, match="2 people have an episode with this id") as shared:
        reading.episode(EPISODE)
    assert shared.value.people == sorted([PERSON, NEIGHBOUR])
    found = [reading.episode(EPISODE, person) for person in (PERSON, NEIGHBOUR, an_id("nobody"))]
    assert [one and len(one["timeline"]) for one in found] == [7, 7, None]
    reading.close()


def test_ruling_10_a_persons_own_caseload_counts_their_own_contacts(tmp_path: Path) -> None:
    """A filter that shows only one of two episodes with one id counts nobody else's contacts."""
    shown = ShownCaseload(tmp_path)
    for team, person in (("cjld", PERSON), ("eip-west", NEIGHBOUR)):
        begun = (say.registered(), say.referred("2012-10-01", team=team), say.accepted("2012-10-01"))
        shown.tell("2012-10-01", *begun, say.started("2012-10-01"), person=person)
    shown.tell("2012-10-02", say.contact("2012-10-01"), person=NEIGHBOUR)
    reading = shown.reading()

    counts = {team: [row["contacts"] for row in reading.caseload(Asked(team=team))] for team in ("cjld", "eip-west")}

    assert counts == {"cjld": [0], "eip-west": [1]}
    reading.close()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([], "Nothing is chargeable: enablement has not ended, and nothing is forecast (S4)."),
        ([say.enablement_ended("2012-11-11")], "Nothing is chargeable: no review has agreed further support (S4)."),
        (
            [say.reviewed("2012-11-01", "GOALS_MET"), say.enablement_ended("2012-11-11")],
            "Nothing is chargeable: the review of 1 November 2012 says that the goals are met (S4).",
        ),
        (
            [say.reviewed("2012-11-20"), say.enablement_ended("2012-11-11"), say.charged_from("2012-11-20")],
            (
                "The later of the day after enablement's last day (11 November 2012) and the day of the review that "
                "agreed further support (20 November 2012): 20 November 2012 (S4)."
            ),
        ),
        (
            [
                *(say.reviewed("2012-11-20"), say.enablement_ended("2012-11-11"), say.charged_from("2012-11-20")),
                say.ended("2012-11-19"),
            ],
            "Nothing is chargeable: the episode ended before 20 November 2012, when it would have begun (S4).",
        ),
    ],
)
def test_s4_an_episode_says_why_it_is_charged_or_not(tmp_path: Path, facts: list[Any], why: str) -> None:
    """Who asks why a date falls where it does gets the rule and its numbers."""
    shown = ShownCaseload(tmp_path)
    begun = [say.registered(), say.referred("2012-10-01"), say.accepted("2012-10-01"), say.started("2012-10-01")]
    shown.tell("2012-11-20", *begun, *facts)

    assert shown.episode()["why"]["chargeable_from"] == why


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("2012-08-28", "the day before the same day of the month 6 months later, 27 February 2013 (S2)."),
        ("2012-08-31", "that month has no day 31, so its last day, 28 February 2013 (S2)."),
    ],
)
def test_s2_an_episode_says_why_its_cap_is_that_day(tmp_path: Path, start: str, why: str) -> None:
    """The cap is explained by the corresponding-date rule, and by its exception where that applies."""
    shown = ShownCaseload(tmp_path)
    shown.tell(start, say.registered(), say.referred(start), say.accepted(start), say.started(start))

    assert shown.episode()["why"]["cap_on"].endswith(why)


def refused(code: str, type_name: str = "kmpt.episodes.v1.PersonDied", **parameters: str) -> Refused:
    """A refusal."""
    return Refused(type=type_name, source="/kmpt/cjld", code=code, parameters=parameters)


def test_ruling_60_every_refusal_is_listed_once_in_order(view: View, views: Views) -> None:
    """Refusals come in the order of refusal over all partitions; a day refused in several partitions is one."""
    days = [Ledger(EPISODES_REFUSED, 0), Ledger(EPISODES_REFUSED, 1), Ledger(HANDOVER_REFUSED, 0)]
    tomorrow = refused("IN_THE_FUTURE", DayBegan.TYPE, limit="2012-10-01")
    for partition in days:
        partition.refuse(tomorrow, an_id("tomorrow"), person="")
    days[1].refuse(refused("PERSON_DIED", died_on="2012-10-01"), an_id("late"))
    days[0].refuse(refused("UNKNOWN_PERSON"), an_id("unknown"))
    days[1].refuse(refused("PERSON_DIED", died_on="2012-10-01"), an_id("late"))
    for partition in random.Random(1).sample(days, 3):
        view.apply(partition.records[0].topic, partition.records[0].partition, partition.records)
    reading = Reading(views.current())

    listed = reading.refused()

    assert [one["event_id"] for one in listed] == [an_id(n) for n in ("tomorrow", "unknown", "late", "late")]
    assert listed[1] == {
        "event_id": an_id("unknown"),
        "type": "kmpt.episodes.v1.PersonDied",
        "subject": PERSON,
        "code": "UNKNOWN_PERSON",
        "sentence": "Nobody is registered under this id; register the person first.",
        "source": "/kmpt/cjld",
        "refused_at": "2026-11-02T09:00:30.000Z",
    }
    assert [(one["partition"], one["offset"]) for one in reading.refusal(an_id("late"))] == [(1, 1), (1, 2)]
    assert reading.refusal(an_id("late"))[0]["sentence"].startswith("The person died on 2012-10-01")


def test_the_handover_ledger_keeps_its_place(view: View) -> None:
    """Both ledgers are followed link by link; the handover's changes no row of the episodes."""
    handovers = Ledger(HANDOVER_LEDGER)
    handovers.day(d("2012-10-01"))

    view.apply(HANDOVER_LEDGER, 0, handovers.records)

    assert view.reload() == {(HANDOVER_LEDGER, 0): 1}
    assert content(view)["timeline"] == []


def test_there_is_one_view_from_the_first_look(views: Views) -> None:
    """Whoever asks first makes the first view; whoever asks later finds the same."""
    assert views.current() == views.current()


PLACES: list[Place] = [(topic, 0) for topic in TOPICS]


def a_log(records: Sequence[Record]) -> MemoryLog:
    """A log that holds these records of the episodes ledger."""
    log = MemoryLog()
    for topic in catalogue(1):
        log.create(topic.name, topic.partitions)
    for record in records:
        log.append(Draft(record.topic, record.partition, record.key, record.headers, record.value))
    return log


def unheard(folded: int) -> None:
    """Nobody listens to the progress."""


async def test_a_rebuilt_view_takes_the_place_of_the_old_one(views: Views) -> None:
    """A new view is filled beside the old one; when it is level the old owner must end and the new one is read."""
    heard = list[int]()
    old = View(views.current())
    old.apply(EPISODES_LEDGER, 0, YEAR.records[:30])
    reader = MemoryReader(a_log(YEAR.records), dict.fromkeys(PLACES, 0))

    folded = await rebuild(reader, views, PLACES, heard.append)

    assert (folded, heard) == (len(YEAR.records), [len(YEAR.records)])
    with pytest.raises(PositionMoved):
        old.apply(EPISODES_LEDGER, 0, YEAR.records[30:])
    new = View(views.current())
    assert new.reload()[EPISODES_LEDGER, 0] == len(YEAR.records)
    assert Reading(views.current()).caseload(Asked(ended_too=True))


def kept(views: Views) -> int:
    """How many views there are."""
    engine = open_engine(views.current())
    if engine.dialect.name == "postgresql":
        return len([name for name in inspect(engine).get_schema_names() if name.startswith("view_")])
    assert engine.url.database is not None
    return len(list(Path(engine.url.database).parent.glob("*.sqlite")))


async def test_a_rebuild_that_died_half_way_is_done_again(views: Views) -> None:
    """A rebuild that ended after the old view was retired leaves it readable; the next rebuild makes all well."""
    View(views.current()).apply(EPISODES_LEDGER, 0, YEAR.records)
    views.new()
    retire(views.current(), PLACES)

    for _ in range(2):
        reader = MemoryReader(a_log(YEAR.records), dict.fromkeys(PLACES, 0))
        await rebuild(reader, views, PLACES, unheard)

    assert View(views.current()).reload()[EPISODES_LEDGER, 0] == len(YEAR.records)
    assert kept(views) == 2, "the view that is read, and the former one"


async def test_a_rebuild_of_a_broken_log_changes_nothing(views: Views) -> None:
    """If the log does not hang together the old view stays in its place."""
    before = views.current()
    reader = MemoryReader(a_log([*YEAR.records[:5], *YEAR.records[6:]]), dict.fromkeys(PLACES, 0))

    with pytest.raises(ChainBroken):
        await rebuild(reader, views, PLACES, unheard)

    assert views.current() == before
    assert View(before).apply(EPISODES_LEDGER, 0, YEAR.records) == len(YEAR.records)
