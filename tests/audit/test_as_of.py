"""As of a day, by what was known at an instant: the past as it was shown then, or as we know it now (decision 0019)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services.audit.as_of_asked import Points, Standing, standing_of
from services.audit.as_of_stored import StoredFolds
from services.audit.diff import Difference, diff
from services.audit.new_folder import NotWritten
from services.audit.own_day import DATED
from services.audit.point import NoSuchPoint, Point
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.log.memory import MemoryLog
from services.log.record import Draft
from services.words.calendar import DayBegan
from services.words.catalogue import GUARD_WORDS, OUTCOME_WORDS, RECORDER_WORDS, TEAM_WORDS
from services.words.handover_catalogue import HANDOVER_WORDS
from services.words.topics import EPISODES_LEDGER, catalogue
from tests.audit.exported import reader_of
from tests.memory_county import MemoryCounty, feed_of

PARTITIONS = 2
NOW = Point(None, None)
MONDAY, THURSDAY = "20260736-4a9f-5303-b7ce-706c0e5508e0", "279da2d5-83e1-5c30-8ec2-88bc576e5399"


class Told(NamedTuple):
    """A county's year; `shown`: by day, the append time of its last fact and what the live view showed then."""

    county: MemoryCounty
    shown: Mapping[str, tuple[int, Standing]]
    live: Standing


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The feed is told day by day, and at the end of each day the live view is kept as it is shown."""
    folder = tmp_path_factory.mktemp("as-of")
    county = MemoryCounty(folder / "county", PARTITIONS)
    county.start()
    view, shown, day = View(url_of(folder / "live.sqlite")), {}, ""
    for event in feed_of("maidstone-2012.ndjson"):
        if event["type"] == DayBegan.TYPE and day:
            shown[day] = _shown(county, view, folder)
        day = event["data"]["date"] if event["type"] == DayBegan.TYPE else day
        county.tell(event)
    shown[day] = _shown(county, view, folder)
    view.close()
    return Told(county, shown, shown[day][1])


def _shown(county: MemoryCounty, view: View, folder: Path) -> tuple[int, Standing]:
    known = 0
    for number in range(PARTITIONS):
        records, _ = county.log.seen((EPISODES_LEDGER, number), 0, 10**9)
        view.apply(EPISODES_LEDGER, number, records)
        known = max([known, *(record.timestamp for record in records)])
    return known, read(folder / "live.sqlite")


def read(path: Path) -> Standing:
    """What a view shows, ended episodes too."""
    reading = Reading(url_of(path))
    try:
        return standing_of(reading, NOW, ended_too=True)
    finally:
        reading.close()


class Asking:
    """Points of a log, with what was said meanwhile."""

    def __init__(
        self, log: MemoryLog, folder: Path, partitions: int = PARTITIONS, *, from_scratch: bool = False
    ) -> None:
        self.said: list[str] = []
        folds = StoredFolds(folder)
        self.points = Points(reader_of(log), partitions, folds, self.said.append, from_scratch=from_scratch)

    def __call__(self, point: Point) -> Standing:
        """How things stood, ended episodes too."""
        return asyncio.run(self.points.standing(point, ended_too=True))


@pytest.fixture
def asking(year: Told, tmp_path: Path) -> Asking:
    """Points of the year."""
    return Asking(year.county.log, tmp_path)


def instant(ms: int) -> datetime:
    """An append time as an instant."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def rows(standing: Standing) -> dict[tuple[str, str], dict[str, Any]]:
    """The caseload by episode and person."""
    return {(row["episode_id"], row["person_id"]): row for row in standing["caseload"]}


def test_as_of_now_is_what_the_live_view_shows(year: Told, asking: Asking) -> None:
    """Issue 3, point 2: field by field."""
    assert len(year.live["caseload"]) > 25
    assert asking(NOW) == year.live


def test_a_day_as_it_was_known_at_its_end_is_what_was_shown_then(year: Told, asking: Asking) -> None:
    """For every seventh day of the year: the day, by what was known when it ended, is what people saw that evening."""
    for day, (known, shown) in sorted(year.shown.items())[::7]:
        point = Point.read(day, instant(known).isoformat())
        assert {**asking(point), "known_at": None} == shown, day


def test_what_is_known_by_an_instant_does_not_change_when_more_is_told(year: Told, asking: Asking) -> None:
    """Known at the end of September, September stands as it stood, whatever was corrected in October."""
    (known, shown) = year.shown["2012-09-28"]

    assert asking(Point(None, instant(known)))["caseload"] == shown["caseload"]


def test_a_late_fact_counts_for_its_own_day_once_it_is_known(tmp_path: Path) -> None:
    """A visit of Monday that is told on Friday is in Monday's caseload as it is known now, and not as it was then."""
    told = Late(tmp_path)
    monday = told.by_friday(Point.read("2012-07-02"))
    as_then = told.by_friday(Point.read("2012-07-02", instant(told.monday_ended).isoformat()))

    assert [row["contacts"] for row in monday["caseload"]] == [1]
    assert [row["contacts"] for row in as_then["caseload"]] == [0]
    assert monday["as_of"] == as_then["as_of"] == "2012-07-02"


def test_a_later_day_s_fact_does_not_count_on_a_day_before(tmp_path: Path) -> None:
    """On Wednesday the visit of Thursday has not been, however early it is asked."""
    told = Late(tmp_path)

    assert [row["contacts"] for row in told.by_friday(Point.read("2012-07-04"))["caseload"]] == [1]
    assert [row["contacts"] for row in told.by_friday(NOW)["caseload"]] == [2]


def test_a_correction_counts_for_the_day_of_what_it_corrects(tmp_path: Path) -> None:
    """The visit of Monday that was corrected on Friday is corrected on Monday, as it is known now."""
    told = Late(tmp_path)

    assert told.by_friday(Point.read("2012-07-02"))["caseload"][0]["minutes"] == 45


class Late:
    """Monday 2 to Friday 6 July 2012: on Friday a visit of Monday and one of Thursday are told, the first wrongly."""

    def __init__(self, folder: Path) -> None:
        county = MemoryCounty(folder / "county", 1)
        county.start()
        feed = feed_of("first-offer.ndjson")
        born = next(event for event in feed if event["type"].endswith("PersonRegistered"))
        person, at = born["subject"], "2012-07-02T09:00:00+01:00"
        self._events = 0

        def event(name: str, data: dict[str, Any], subject: str | None = person, time: str = at) -> dict[str, Any]:
            self._events += 1
            head = {"specversion": "1.0", "id": f"late-{self._events}", "source": "/kmpt/recovery-east", "time": time}
            named = {} if subject is None else {"subject": subject}
            return {**head, **named, "type": name, "data": data}

        def day(date: str) -> dict[str, Any]:
            return event(DayBegan.TYPE, {"date": date}, None, f"{date}T00:00:00+01:00")

        episode = "c1788a12-ca51-5d72-bf0a-d5d57d75f5ba"
        begun = {"episode_id": episode, "on": "2012-07-02"}
        county.tell(day("2012-07-02"), {**born, "time": at})
        referred = next(one for one in feed if one["type"].endswith("ReferralReceived"))["data"]
        county.tell(event("kmpt.episodes.v1.ReferralReceived", {**referred, **begun}))
        county.tell(event("kmpt.episodes.v1.ReferralAccepted", begun))
        county.tell(event("kmpt.episodes.v1.EnablementStarted", begun))
        self.monday_ended = max(record.timestamp for record in county.log.seen((EPISODES_LEDGER, 0), 0, 10**9)[0])
        county.tell(*(day(f"2012-07-0{number}") for number in (3, 4, 5, 6)))
        friday = "2012-07-06T16:00:00+01:00"
        for name, began in ((MONDAY, "2012-07-02T14:00:00+01:00"), (THURSDAY, "2012-07-05T14:00:00+01:00")):
            visit = {"episode_id": episode, "contact_id": name, "started_at": began, "minutes": 30, **_VISIT}
            county.tell(event("kmpt.episodes.v1.ContactRecorded", visit, time=friday))
        corrected = {"episode_id": episode, "contact_id": MONDAY, "minutes": 45, "reason": "typing error"}
        county.tell(event("kmpt.episodes.v1.ContactCorrected", corrected, time=friday))
        assert not county.refused(), [fact.data for fact in county.refused()]
        self.by_friday = Asking(county.log, folder / "folds", 1)


_VISIT = next(
    {
        name: value
        for name, value in event["data"].items()
        if name in ("place", "mechanism", "attendance", "worker_id", "activities")
    }
    for event in feed_of("maidstone-2012.ndjson")
    if event["type"].endswith("ContactRecorded")
)


def test_a_stored_fold_goes_on_where_it_stands(year: Told, tmp_path: Path) -> None:
    """Asked again, and after more was told, the answer is that of a fold from the first record."""
    copy = MemoryLog(clock=iter(range(1, 10**9)).__next__)
    copied(year.county.log, copy, share=0.5)
    asking = Asking(copy, tmp_path)
    for point in (NOW, Point.read("2012-08-01")):
        asking(point)
    copied(year.county.log, copy, share=1.0)
    asking.said.clear()

    stored = [asking(point) for point in (NOW, Point.read("2012-08-01"))]

    assert asking.said == [], "nothing was folded from the first record"
    afresh = Asking(copy, tmp_path / "afresh")
    assert stored == [afresh(point) for point in (NOW, Point.read("2012-08-01"))]


def test_a_stored_fold_of_another_ledger_is_not_gone_on_with(year: Told, tmp_path: Path) -> None:
    """What was stored of one ledger says nothing of another: it is said, and folded from the first record."""
    Asking(year.county.log, tmp_path)(NOW)
    other = MemoryCounty(tmp_path / "other", PARTITIONS)
    other.start()
    other.tell(*feed_of("maidstone-2012.ndjson"))
    asking = Asking(other.log, tmp_path)

    standing = asking(NOW)

    assert "not of this ledger" in asking.said[0]
    assert standing["caseload"]


@pytest.mark.parametrize(
    "damage", [b"no database", b"\0" * 9_000, None], ids=["another file", "zeros", "a table is missing"]
)
def test_a_damaged_stored_fold_is_named_and_folded_anew(year: Told, tmp_path: Path, damage: bytes | None) -> None:
    """It can be made again from the ledgers, so the answer is that of a fold from the first record."""
    asking = Asking(year.county.log, tmp_path)
    whole = asking(NOW)
    (stored,) = (path for path in tmp_path.rglob("as-of-*.sqlite"))
    if damage is None:
        with closing(sqlite3.connect(stored)) as insider:
            insider.execute("DROP TABLE position")
    else:
        stored.write_bytes(damage)
    asking.said.clear()

    assert asking(NOW) == whole
    assert asking.said[0] == f"the stored fold {stored.name} is damaged; folding from the first record"


def test_whoever_trusts_no_stored_fold_has_it_made_anew(year: Told, tmp_path: Path) -> None:
    """Somebody took rows out of it, which no position tells: from scratch the ledgers alone are heard."""
    asking, sceptical = (Asking(year.county.log, tmp_path, from_scratch=fresh) for fresh in (False, True))
    true = asking(NOW)
    (stored,) = (path for path in tmp_path.rglob("as-of-*.sqlite"))
    with closing(sqlite3.connect(stored)) as insider:
        insider.execute("DELETE FROM episodes")
        insider.commit()
    assert asking(NOW) != true

    assert sceptical(NOW) == true
    assert sceptical.said[0] == "folding every ledger from its first record"
    assert asking(NOW) == true


def test_of_a_fold_for_which_the_disk_has_no_room_nothing_is_left(
    year: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a fold would fill the disk further: where room is needed is said, and the files are gone."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("services.audit.as_of._fresh", full)

    with pytest.raises(NotWritten, match="the disk is full: a fold needs room in "):
        Asking(year.county.log, tmp_path)(NOW)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def copied(source: MemoryLog, copy: MemoryLog, share: float) -> None:
    """Let a log hold this share of another's ledgers."""
    for topic in catalogue(PARTITIONS):
        if copy.partitions_of(topic.name) is None:
            copy.create(topic.name, topic.partitions)
    for number in range(PARTITIONS):
        records = source.seen((EPISODES_LEDGER, number), 0, 10**9)[0]
        there = len(copy.seen((EPISODES_LEDGER, number), 0, 10**9)[0])
        for record in records[there : int(len(records) * share)]:
            copy.append(Draft(record.topic, record.partition, record.key, record.headers, record.value))


@pytest.mark.parametrize(
    ("point", "words"),
    [
        (Point.read("1999-01-01"), "before the first day on record, 2012-0.-..; the first fact was recorded at"),
        (Point.read("2112-01-01"), "had not begun: the last day on record is 20"),
        (Point.read("now", "1999-01-01T00:00:00Z"), "before the first day on record; the first fact was recorded at"),
    ],
    ids=str,
)
def test_a_point_where_nothing_is_on_record_is_refused_in_words(asking: Asking, point: Point, words: str) -> None:
    """Bad input: a date before the first fact, one that has not come, an instant before anything was known."""
    with pytest.raises(NoSuchPoint, match=words):
        asking(point)


@pytest.mark.parametrize("text", ["yesterday", "2012-02-30", "2012-07-02@noon", "2012-07-02@", "@", "02/07/2012", ""])
def test_what_is_no_point_says_how_one_is_written(text: str) -> None:
    """Bad input: nonsense for a date."""
    with pytest.raises(NoSuchPoint, match="a point is now, 2012-10-05 or"):
        Point.read(text)


def test_an_instant_is_given_once() -> None:
    """Behind the @ and as an option too: neither is passed over in silence."""
    with pytest.raises(NoSuchPoint, match="the instant is given twice"):
        Point.read("2012-10-05@2012-10-09T12:00:00Z", "2012-10-08T12:00:00Z")


def test_nothing_recorded_at_all_is_said(tmp_path: Path) -> None:
    """The empty state."""
    empty = MemoryCounty(tmp_path / "county", PARTITIONS)
    with pytest.raises(NoSuchPoint, match="nothing was recorded yet"):
        Asking(empty.log, tmp_path)(NOW)


def differences(year: Told, asking: Asking, one: Point, other: Point) -> list[Difference]:
    """What changed between two points."""
    standings = asking(one), asking(other)
    return asyncio.run(diff(reader_of(year.county.log), PARTITIONS, (one, other), standings))


def test_a_diff_names_what_changed_and_the_facts_that_did_it(year: Told, asking: Asking) -> None:
    """Every changed row has a cause, and adding the changes to the former rows gives the latter."""
    one, other = Point.read("2012-09-03"), Point.read("2012-09-17")

    found = differences(year, asking, one, other)

    assert found
    assert all(difference.facts or set(difference.fields) <= {"flags", "day", "days_to_cap"} for difference in found)
    before, after = rows(asking(one)), rows(asking(other))
    for difference in found:
        key = (difference.id, difference.person_id or "")
        changed = {name: pair[1] for name, pair in difference.fields.items()}
        assert {**dict.fromkeys(after[key]), **before.get(key, {}), **changed} == after[key]


def test_the_same_point_twice_differs_in_nothing(year: Told, asking: Asking) -> None:
    """The empty state of a diff."""
    assert differences(year, asking, Point.read("2012-09-03"), Point.read("2012-09-03")) == []


TELLS_OF_ANOTHER_DAY = {"Accept", "OfferLapsed", "WavePlanned", "ProviderRegistered", "MessageNotCollected"}
"""Their dates are of a day to come, or of one before which nothing can be said: they are of the day they happened."""


def test_no_fact_s_own_date_is_overlooked() -> None:
    """A word of a ledger whose date is not called `on` stands in the table of days, or its date is of another day."""
    undecided = {
        name.rpartition(".")[2]
        for name, word in {**TEAM_WORDS, **RECORDER_WORDS, **OUTCOME_WORDS, **GUARD_WORDS, **HANDOVER_WORDS}.items()
        if not name.startswith("kmpt.sis.")
        and "on" not in word.model_fields
        and name not in DATED
        and any(field.annotation is date for field in word.model_fields.values())
    }
    assert undecided == TELLS_OF_ANOTHER_DAY
