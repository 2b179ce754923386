"""The projector on a real broker: what it passes over, what it survives, who may not stand beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_database import ViewDatabase
from services.episodes.view_folder import url_of
from services.episodes.views import Views
from services.log.kafka_admin import apply, wait_until_ready
from services.log.kafka_reader import KafkaReader
from services.log.record import Record
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.words import course, people, work
from services.words.catalogue import EpisodesFact
from services.words.topics import EPISODES_LEDGER, catalogue
from tests.episodes.words_said import an_id
from tests.ledgers import Ledger

FIRST_DAY = date(2012, 8, 1)
PARTITION = 1
CONTACTS = 21_000


class County:
    """A broker with one ledger partition that is written in transactions, and projectors that read it.

    In `folder` they have one of their own, and one that is the system's temporary folder to them.
    """

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.bootstrap = broker.bootstrap
        self.folder = folder
        self.ledger = Ledger(partition=PARTITION)
        self.ledger.day(FIRST_DAY)
        self._sent = 0

    async def write(self) -> None:
        """Write what the ledger has gained, in one transaction."""
        await self._send(self.ledger.records[self._sent :], commit=True)
        self._sent = len(self.ledger.records)

    async def write_and_abort(self, *facts: EpisodesFact) -> None:
        """Write facts in a transaction that is aborted: they lie in the partition and were never said."""
        await self._send(deepcopy(self.ledger).add(*facts), commit=False)

    async def _send(self, records: Sequence[Record], *, commit: bool) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id="recorder-1") as producer:
            await producer.begin_transaction()
            for record in records:
                place = {"partition": record.partition, "headers": list(record.headers)}
                await producer.send(record.topic, record.value, record.key, **place)
            await producer.flush()
            await (producer.commit_transaction() if commit else producer.abort_transaction())

    @contextmanager
    def projector(self, url: str, instance: str = "projector-0") -> Iterator[subprocess.Popen[str]]:
        """A projector as a process of its own, killed at the end if it still runs."""
        named = f"{self.bootstrap!r}, {url!r}, Path({str(self.folder / 'own')!r}), {instance!r}"
        program = f"from pathlib import Path; from services.episodes.projector import run; run({named})"
        settings = {**os.environ, "TMPDIR": str(self.folder / "temporary")}
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=settings) as process:
            try:
                yield process
            finally:
                process.kill()

    def sis(self, *arguments: str, view: str = "") -> subprocess.CompletedProcess[str]:
        """A command line that finds this broker by its settings, and the view in a database if one is named."""
        program = [sys.executable, "-c", "from services.cli import main; main()", *arguments]
        environment = {**os.environ, "SIS_BOOTSTRAP": self.bootstrap, "SIS_VIEW": view}
        return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def folded(self, tmp_path: Path) -> Reading:
        """What a view shows that folded the whole ledger in one batch, without Kafka."""
        url = url_of(tmp_path / "whole.sqlite")
        view = View(url)
        view.apply(EPISODES_LEDGER, PARTITION, self.ledger.records)
        view.close()
        return Reading(url)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """A broker for these tests alone, for the names of topics are the county's own."""
    folder = tmp_path_factory.mktemp("projectors")
    (folder / "temporary").mkdir()
    with Broker(tmp_path_factory.mktemp("kafka"), libs=broker_jars()) as broker:
        wait_until_ready(broker.bootstrap, 30)
        apply(broker.bootstrap, catalogue())
        yield County(broker, folder)


def a_referral(name: str) -> tuple[EpisodesFact, ...]:
    """A person, registered and referred."""
    referred = course.ReferralReceived(
        episode_id=an_id(f"episode of {name}"),
        team="maidstone-cmht",
        on=FIRST_DAY,
        source="A1",
        reason="02",
        priority="3",
    )
    return people.PersonRegistered(district="maidstone"), referred, started(name)


def started(name: str) -> course.EnablementStarted:
    """Support begins."""
    return course.EnablementStarted(episode_id=an_id(f"episode of {name}"), on=FIRST_DAY)


def a_contact(name: str, number: int) -> work.ContactRecorded:
    """An hour with a person."""
    return work.ContactRecorded(
        episode_id=an_id(f"episode of {name}"),
        contact_id=an_id(f"contact {number} of {name}"),
        started_at="2012-08-01T10:00:00+01:00",
        minutes=60,
        worker_id=an_id("worker"),
        place="HOME",
        mechanism="01",
        attendance="5",
        activities=["DAILY_LIVING"],
    )


def shown(url: str) -> list[dict[str, object]]:
    """The whole caseload of a view."""
    reading = Reading(url)
    try:
        return reading.caseload(Asked(ended_too=True))
    finally:
        reading.close()


def said(process: subprocess.Popen[str]) -> str:
    """All that an ended process said on its standard error stream."""
    assert process.stderr is not None
    return process.stderr.read()


def wait_for_rows(url: str, wanted: list[dict[str, object]], process: subprocess.Popen[str], seconds: float) -> float:
    """Wait until a view shows these rows; the seconds that it took."""
    began = time.monotonic()
    while shown(url) != wanted:
        assert process.poll() is None, f"the projector ended: {said(process)}"
        assert time.monotonic() - began < seconds, "the view never showed these rows"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.kafka
async def test_what_was_aborted_is_never_projected(county: County, tmp_path: Path) -> None:
    """Facts of a transaction that was aborted were never said, though they lie in the partition."""
    url = url_of(tmp_path / "view.sqlite")
    View(url).close()
    county.ledger.add(*a_referral("Ann"), person=an_id("Ann"))
    await county.write()
    await county.write_and_abort(a_contact("Ann", 999), a_contact("Ann", 998))
    county.ledger.add(a_contact("Ann", 1), person=an_id("Ann"))
    await county.write()

    with county.projector(url) as projector:
        wait_for_rows(url, county.folded(tmp_path).caseload(Asked(ended_too=True)), projector, 40)

    assert [row["contacts"] for row in shown(url) if row["person_id"] == an_id("Ann")] == [1]


@pytest.mark.kafka
async def test_a_killed_projector_comes_back_and_the_view_is_exact(county: County, tmp_path: Path) -> None:
    """Killed in the middle of its work, it goes on where the view stands: nothing twice, lost or left lying about."""
    url = url_of(tmp_path / "view.sqlite")
    View(url).close()
    county.ledger.add(*a_referral("Ben"), person=an_id("Ben"))
    for number in range(CONTACTS):
        county.ledger.add(a_contact("Ben", number), person=an_id("Ben"))
    await county.write()
    whole = county.folded(tmp_path).caseload(Asked(ended_too=True))

    with county.projector(url) as projector:
        wait_until_begun(url, projector)
        projector.send_signal(signal.SIGKILL)
        projector.wait()
    assert shown(url) != whole, "it was killed too late to show anything"
    with county.projector(url) as projector:
        took = wait_for_rows(url, whole, projector, 40)

    assert took < 30, f"back only after {took:.1f} s"
    assert [row["contacts"] for row in shown(url) if row["person_id"] == an_id("Ben")] == [CONTACTS]
    assert not list((county.folder / "temporary").iterdir())


def wait_until_begun(url: str, process: subprocess.Popen[str]) -> None:
    """Wait until the first rows are there."""
    while not shown(url):
        assert process.poll() is None, f"the projector ended: {said(process)}"
        time.sleep(0.002)


@pytest.mark.kafka
async def test_who_finds_the_view_moved_on_ends(county: County, tmp_path: Path) -> None:
    """A projector that slept while another moved its view on writes nothing more, says so in one line, and ends."""
    url = url_of(tmp_path / "view.sqlite")
    View(url).close()
    county.ledger.add(*a_referral("Cid"), person=an_id("Cid"))
    await county.write()
    with county.projector(url) as sleeper:
        wait_for_rows(url, county.folded(tmp_path).caseload(Asked(ended_too=True)), sleeper, 40)
        sleeper.send_signal(signal.SIGSTOP)
        county.ledger.add(a_contact("Cid", 1), person=an_id("Cid"))
        await county.write()
        await move_on(county, url)
        sleeper.send_signal(signal.SIGCONT)

        assert sleeper.wait(timeout=30) == 75
        place = f"{EPISODES_LEDGER} partition {PARTITION}"
        assert said(sleeper) == f"projector: somebody else has moved the view on in {place}; the process ends\n"
    assert [row["contacts"] for row in shown(url) if row["person_id"] == an_id("Cid")] == [1]


async def move_on(county: County, url: str) -> None:
    """Fold what the log holds and the view does not, as a second owner would."""
    view = View(url)
    place = (EPISODES_LEDGER, PARTITION)
    async with KafkaReader(county.bootstrap, {place: view.reload()[place]}) as reader:
        while not await reader.at_end(place):
            for records in (await reader.read(1_000, 0.5)).values():
                view.apply(*place, records)
    view.close()


@pytest.mark.kafka
async def test_a_view_is_made_anew_while_it_is_projected(county: County, views: Views, tmp_path: Path) -> None:
    """`sis view rebuild` fills a new view and switches; the projector of the old one ends and goes on with the new."""
    data, view = str(tmp_path / "data"), views.url if isinstance(views, ViewDatabase) else ""
    dot = f"Dot of {type(views).__name__}"
    (tmp_path / "data").mkdir(exist_ok=True)
    before = views.current()
    county.ledger.add(*a_referral(dot), person=an_id(dot))
    await county.write()
    whole = county.folded(tmp_path).caseload(Asked(ended_too=True))
    with county.projector(before) as projector:
        wait_for_rows(before, whole, projector, 40)

        rebuilt = county.sis("view", "rebuild", "--data", data, view=view)

        assert rebuilt.returncode == 0, rebuilt.stderr
        assert rebuilt.stdout.startswith(f"The view was made anew from {len(county.ledger.records):,} records in ")
        assert views.current() != before
        assert shown(views.current()) == whole
        county.ledger.add(a_contact(dot, 1), person=an_id(dot))
        await county.write()
        assert projector.wait(timeout=30) == 75
    with county.projector(views.current()) as projector:
        wait_for_rows(views.current(), county.folded(tmp_path / "data").caseload(Asked(ended_too=True)), projector, 40)
