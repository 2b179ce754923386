"""The read view on PostgreSQL: it answers as on SQLite, whatever was said, and says in plain words when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from services.audit.as_of_asked import standing_of
from services.audit.point import Point
from services.episodes.postgres import WORDS, ViewAway, as_said, storable
from services.episodes.reading import Reading
from services.episodes.view import TOPICS, PositionMoved, View, retire
from services.episodes.view_database import ViewDatabase
from services.episodes.view_folder import ViewFolder
from services.episodes.view_tables import METADATA, POSITION, open_engine
from services.log.memory import MemoryLog, MemoryRecord
from services.stack.ports import free_port
from services.words.commissioning import ContractActivated
from services.words.keeping import Refused
from services.words.topics import EPISODES_LEDGER, EPISODES_REFUSED, HANDOVER_LEDGER
from tests.audit.golden_inboxes import golden, restored
from tests.episodes import words_said as say
from tests.episodes.words_said import an_id, d
from tests.ledgers import Ledger
from tests.postgres import PASSWORD, Postgres, let_go_of

NOW = Point(None, None)
ODD_TEXTS = ["a\0b", "\0", "\x1a", "\x1a0", "\0\x1a1\0", "␀", "x" * 4_000, "".join(map(chr, range(256, 2256))), ""]


@pytest.fixture
def database(postgres: Postgres) -> Iterator[ViewDatabase]:
    """A database without views."""
    with let_go_of():
        yield ViewDatabase(postgres.new_database())


def told(log: MemoryLog, url: str) -> View:
    """A view that folded all that lies in a log, in batches of forty."""
    view = View(url)
    for topic in TOPICS:
        for number in range(log.partitions_of(topic) or 0):
            records, _ = log.seen((topic, number), 0, 10**9)
            for start in range(0, len(records), 40):
                view.apply(topic, number, records[start : start + 40])
    return view


def rows(view: View) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of its key."""
    with view.engine.begin() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in METADATA.sorted_tables
        }


def answers(url: str) -> dict[str, Any]:
    """All that can be asked of a view without naming anybody, and of each that is named in it."""
    reading = Reading(url)
    everything = {
        **standing_of(reading, NOW, ended_too=True),
        "refused": reading.refused(),
        "kept": reading.kept(),
        "due": reading.due(),
        "waves": reading.waves(),
        "burn-down": reading.burn_down(),
        "still in house": reading.still_in_house(),
        "today": reading.today(),
    }
    everything["episodes"] = [reading.episode(row["episode_id"], row["person_id"]) for row in everything["caseload"]]
    everything["people"] = [reading.person_facts(row["person_id"]) for row in everything["caseload"]]
    everything["told"] = [reading.handover(row["handover_id"]) for row in everything["handovers"]]
    everything["refusals"] = [reading.refusal(row["event_id"]) for row in everything["refused"]]
    reading.close()
    return everything


@pytest.mark.parametrize("golden_inbox", golden(), ids=lambda path: path.name)
def test_both_databases_answer_alike(database: ViewDatabase, tmp_path: Path, golden_inbox: Path) -> None:
    """A golden year and a golden handover are the same rows and the same answers in SQLite and in PostgreSQL."""
    log = restored(golden_inbox, tmp_path)
    here, there = ViewFolder(tmp_path / "view").current(), database.current()

    assert rows(told(log, there)) == rows(told(log, here))
    assert answers(there) == answers(here)
    assert answers(there)["caseload"]
    assert answers(there)["refused" if golden_inbox.name.endswith("year") else "handovers"]


def test_whatever_strangers_say_is_given_back_as_said(database: ViewDatabase, tmp_path: Path) -> None:
    """Names, sources and subjects of refused records may hold anything, NUL too, and be long: neither view stops."""
    refused = Ledger(EPISODES_REFUSED)
    for odd in ODD_TEXTS:
        sentence = Refused(type=odd, source=odd, code="INVALID_DATA", parameters={"field": odd, "problem": odd})
        refused.refuse(sentence, odd, person=odd)
    here, there = ViewFolder(tmp_path / "view").current(), database.current()
    for url in (here, there):
        View(url).apply(EPISODES_REFUSED, 0, refused.records)

    reading = Reading(there)

    assert reading.refused() == Reading(here).refused()
    for name in ("event_id", "type", "subject", "source"):
        assert [one[name] for one in reading.refused()] == ODD_TEXTS
    for odd in ODD_TEXTS:
        assert [one["event_id"] for one in reading.refusal(odd)] == [odd]


@given(said=st.text(), other=st.text())
def test_two_texts_are_stored_as_two(said: str, other: str) -> None:
    """What PostgreSQL stores holds no NUL, is read as it was said, and no other text is stored as the same."""
    assert "\0" not in storable(said)
    assert as_said(storable(said)) == said
    assert (storable(said) == storable(other)) == (said == other)


def test_a_long_name_of_a_contract_stops_nothing(database: ViewDatabase) -> None:
    """A contract's id is a text of up to 4,000 characters, longer than PostgreSQL's sorted indexes hold."""
    name = "".join(map(chr, range(20_000, 24_000)))
    contract = ContractActivated(
        contract_id=name,
        provider_id="weald-bridge",
        lot="WEST_KENT",
        districts=["maidstone"],
        tier=1,
        weekly_minutes=600,
        pence_per_hour=2000,
        from_on=d("2012-10-01"),
        to_on=d("2013-09-30"),
    )
    ledger = Ledger(HANDOVER_LEDGER)
    ledger.add(contract, person="WEST_KENT")
    url = database.current()

    View(url).apply(HANDOVER_LEDGER, 0, ledger.records)

    assert [one["contract_id"] for one in Reading(url).contracts()] == [name]


def test_offsets_grow_beyond_two_thousand_millions(database: ViewDatabase) -> None:
    """An offset may be any that Kafka counts to."""
    (record,) = Ledger().day(d("2012-10-01"))
    assert isinstance(record, MemoryRecord)
    view = View(database.current())

    view.apply(EPISODES_LEDGER, 0, [replace(record, offset=2**40)])

    assert view.reload() == {(EPISODES_LEDGER, 0): 2**40 + 1}


def test_every_text_is_sorted_by_its_bytes(database: ViewDatabase) -> None:
    """Lists come in one order, whatever the language of the database."""
    found = inspect(open_engine(database.current()))
    for table in METADATA.sorted_tables:
        for column in found.get_columns(table.name):
            kind, name = column["type"], f"{table.name}.{column['name']}"
            sorted_so = getattr(kind, "collation", None)
            assert sorted_so == ("C" if table.c[column["name"]].type is WORDS else None), name


def test_an_answer_is_of_one_instant(database: ViewDatabase) -> None:
    """What is written while an answer is read is in the next one, not in half of this."""
    url, ledger = database.current(), Ledger()
    ledger.day(d("2012-10-01"))
    reader = open_engine(url, one_instant=True)
    with reader.begin() as connection:
        before = connection.execute(select(POSITION)).all()
        View(url).apply(EPISODES_LEDGER, 0, ledger.records)

        assert connection.execute(select(POSITION)).all() == before == []


def test_all_who_look_first_find_the_same(database: ViewDatabase) -> None:
    """Of several processes that start at once on an empty database, one makes the view and all use it."""
    with ThreadPoolExecutor(4) as starting:
        found = [asked.result() for asked in [starting.submit(database.current) for _ in range(4)]]

    assert len(set(found)) == 1
    assert View(found[0]).reload() == {}


def test_nobody_begins_a_partition_while_a_view_is_retired(database: ViewDatabase) -> None:
    """Retiring waits for who is just folding a partition for the first time, so that they too find the view retired."""
    url, place = database.current(), (EPISODES_LEDGER, 0)
    with ThreadPoolExecutor(1) as other, open_engine(url).begin() as owner:
        owner.execute(POSITION.insert().values(topic=place[0], partition=0, next_offset=1, last_hash=b""))
        retiring = other.submit(retire, url, [place])
        with pytest.raises(TimeoutError):
            retiring.result(timeout=0.5)
        owner.commit()
        retiring.result(timeout=10)

    with pytest.raises(PositionMoved):
        View(url)


def test_other_tenants_of_the_database_are_left_alone(database: ViewDatabase) -> None:
    """Switching removes old views of this shape, and no schema that only looks like one."""
    first = database.current()
    engine = open_engine(first)
    with engine.begin() as connection:
        for name in ("view_4_of_somebody", "view_3_0001", "view_40_0001"):
            connection.exec_driver_sql(f"create schema {name}")
    for _ in range(3):
        database.switch(database.new())

    kept = set(inspect(engine).get_schema_names())

    assert {"view_4_of_somebody", "view_3_0001", "view_40_0001", "views"} <= kept
    assert {name for name in kept if name.startswith("view_4_0")} == {"view_4_0003", "view_4_0004"}


def test_what_else_the_url_says_is_kept(postgres: Postgres) -> None:
    """What a URL says beside the database, such as a limit on statements, holds for the view too."""
    with let_go_of():
        url = ViewDatabase(f"{postgres.new_database()}?options=-cstatement_timeout%3D1234").current()
        with open_engine(url).begin() as connection:
            assert connection.exec_driver_sql("show statement_timeout").scalar() == "1234ms"
            assert connection.exec_driver_sql("show search_path").scalar() == "view_4_0001"


def test_whose_view_was_removed_is_told_to_begin_again(database: ViewDatabase) -> None:
    """An owner that had nothing to write while its view was replaced twice finds no schema, and is told why."""
    url, ledger = database.current(), Ledger()
    owner = View(url)
    for _ in range(2):
        database.switch(database.new())

    with pytest.raises(ViewAway, match="was removed, for a newer one took its place"):
        owner.apply(EPISODES_LEDGER, 0, ledger.day(d("2012-10-01")))
    with pytest.raises(ViewAway, match="was removed"):
        View(url)
    assert View(database.current()).apply(EPISODES_LEDGER, 0, ledger.records) == 1


@pytest.mark.parametrize("wrong", ["port", "database", "password"])
def test_a_database_that_is_away_is_told_without_its_password(postgres: Postgres, wrong: str) -> None:
    """Where nobody answers, or nobody is let in, the words name the place and neither user nor password."""
    url = postgres.url("elsewhere" if wrong == "database" else "sis")
    if wrong == "port":
        url = url.replace(str(postgres.port), str(free_port()))
    if wrong == "password":
        url = url.replace(PASSWORD, f"{PASSWORD}-any-more")

    with let_go_of(), pytest.raises(ViewAway) as away:
        ViewDatabase(url).current()

    assert PASSWORD not in f"{away.value!r}{away.value.__cause__!r}"
    assert str(away.value).startswith("the view's database 127.0.0.1:")


def test_a_database_that_goes_away_in_a_batch_is_told(database: ViewDatabase, postgres: Postgres) -> None:
    """A connection that is cut makes a fold fail as a whole; begun again, the view goes on where it stood."""
    url, ledger = database.current(), Ledger()
    view, records = View(url), ledger.day(d("2012-10-01"))
    ledger.add(say.registered(), person=an_id("somebody"))
    view.apply(EPISODES_LEDGER, 0, records)
    with postgres.connect() as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname like 'county%'")

    with pytest.raises(ViewAway):
        view.apply(EPISODES_LEDGER, 0, ledger.records)

    assert View(url).apply(EPISODES_LEDGER, 0, ledger.records) == 1
