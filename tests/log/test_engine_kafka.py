from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from services.episodes.recording import County
from services.log import kafka_admin
from services.log.chain import record_hash
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.kafka_turns import KafkaTurns
from services.log.kept import Kept, read_kept
from services.log.posting import posted
from services.log.record import Draft, Record
from services.log.sealing import PublicKey
from services.log.turns import Fenced
from services.vault.key_files import door_key, door_keys
from services.vault.vault import Vault
from services.words.calendar import CALENDAR_KEY
from services.words.topics import Flow, Topic
from tests.conftest import Kafka
from tests.log.engine_county import RULES, Event, adopted, an_id, days, months_of, moved, person, registered
from tests.memory_county import DOORS, feed_of

ADA = person("ada")
PROJECT = Path(__file__).parents[2]
DATA = PROJECT / "tests" / "data"
SMALL = 25
"""Inputs a turn of an engine in a process of its own, so that there are many turns to be killed in."""

PROCESS = """
import asyncio, os, signal, sys, threading
from pathlib import Path
from tests.log.test_engine_kafka import KafkaCounty, SmallTurns

bootstrap, run, folder, kicks, delay = sys.argv[1:]
county, left = KafkaCounty(bootstrap, Path(folder), 1, run), int(kicks)

def kick(step):
    global left
    left -= 1
    if left == 0:  # at this step the process dies, or so many seconds into it
        threading.Timer(float(delay), os.kill, (os.getpid(), signal.SIGKILL)).start()

async def own():
    engine = county.engine(0, SmallTurns(bootstrap, county.flow, 0), kick)
    await engine.start()
    print("started", flush=True)
    await engine.run()

try:
    asyncio.run(own())
except BaseException as fault:
    print(type(fault).__name__, flush=True)
    os._exit(75)
"""


class SmallTurns(KafkaTurns):
    """Turns that read few inputs at a time."""

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next inbox records."""
        return await super().read(min(at_most, SMALL), wait)


class KafkaCounty:
    """A county on a broker, with topics that no other test has."""

    def __init__(self, bootstrap: str, folder: Path, partitions: int, run: str) -> None:
        self.bootstrap = bootstrap
        self.folder = folder
        self.partitions = partitions
        self.run = run
        self.flow = Flow(f"county.{run}.inbox", f"county.{run}.ledger", f"county.{run}.refused", f"county.{run}")
        self.vault = Vault(folder)

    def make_topics(self) -> None:
        """Make the three topics."""
        names = (self.flow.inbox, self.flow.ledger, self.flow.refused)
        kafka_admin.apply(self.bootstrap, [Topic(name, "key", self.partitions, -1, "test") for name in names])

    def engine(self, number: int, turns: KafkaTurns | None = None, kick: object = None) -> Engine[County]:
        """An engine that was not started yet."""
        desk = Desk(RULES, self.partitions, {door: door_keys(self.folder, door) for door in DOORS}, _no_alarm)
        port = turns or KafkaTurns(self.bootstrap, self.flow, number)
        return Engine(desk, self.flow, number, port, self.vault, kick or _unwatched)  # type: ignore[arg-type]

    async def emit(self, events: Iterable[Event]) -> dict[int, int]:
        """Append events to the inbox as a plain emitter does; the end of each partition it wrote to."""
        sender = BatchSender(self.bootstrap)
        await sender.start()
        for said in events:
            for draft in self._drafts(said):
                await sender.add(draft)
        runs = await sender.flush()
        await sender.close()
        return {number: offsets[-1].stop for (_, number), offsets in runs.items()}

    async def records(self, topic: str) -> list[list[Record]]:
        """Every committed record, partition by partition."""
        places = [(topic, number) for number in range(self.partitions)]
        found: dict[tuple[str, int], list[Record]] = {place: [] for place in places}
        async with KafkaReader(self.bootstrap, dict.fromkeys(places, 0)) as reader:
            while not all([await reader.at_end(place) for place in places]):
                for place, records in (await reader.read(5_000, 0.2)).items():
                    found[place] += records
        return list(found.values())

    def _drafts(self, said: Event) -> list[Draft]:
        month = self.vault.public_key_of_month()
        draft = posted({"subject": "", **said}, self.flow.inbox, self.partitions, PublicKey(month.key_id, month.key))
        if said.get("subject"):
            return [draft]
        key, door = CALENDAR_KEY.encode(), RULES.doors[said["type"]]
        drafts = [Draft(draft.topic, number, key, draft.headers, draft.value) for number in range(self.partitions)]
        return [signed(one, door, door_key(self.folder, door)) for one in drafts]


@pytest.fixture
def county(kafka: Kafka, tmp_path: Path) -> Iterator[KafkaCounty]:
    """A county of one partition."""
    made = KafkaCounty(kafka.bootstrap, tmp_path, 1, uuid4().hex[:8])
    made.make_topics()
    yield made
    made.vault.close()


def a_feed(many: int) -> list[Event]:
    """So many events of one person of which each, once decided, is one fact or one refusal."""
    told = [adopted(), *days("2012-08-01", "2012-08-02"), registered(ADA, 0)]
    rest = range(len(told), many)
    return told + [moved(ADA, "2031-01-01" if n % 9 == 0 else "2012-08-02", an_id(f"event {n}")) for n in rest]


async def decided_once(county: KafkaCounty, many: int) -> tuple[list[Kept], list[Kept]]:
    """Facts and refusals of a feed, after a look that every input is decided once, in order, in unbroken chains."""
    both = []
    for topic in (county.flow.ledger, county.flow.refused):
        (records,) = await county.records(topic)
        _must_chain(records)
        both.append([read_kept(record) for record in records])
    facts, refusals = both
    assert sorted(kept.inbox_offset for kept in facts + refusals) == list(range(many))
    for partition in both:
        assert [kept.inbox_offset for kept in partition] == sorted(kept.inbox_offset for kept in partition)
        assert [kept.sequence for kept in partition if kept.key == ADA] == list(
            range(1, 1 + sum(kept.key == ADA for kept in partition))
        )
    return facts, refusals


async def test_years_feed_is_refused_as_expected(kafka: Kafka, tmp_path: Path) -> None:
    """Sentence 3 on a real broker: four engines refuse of a year's feed exactly what the expected file says."""
    county = KafkaCounty(kafka.bootstrap, tmp_path, 4, uuid4().hex[:8])
    county.make_topics()
    engines = [county.engine(number) for number in range(4)]
    await asyncio.gather(*(engine.start() for engine in engines))

    for month in months_of(feed_of("maidstone-2012.ndjson")):
        ends = await county.emit(month)
        await asyncio.gather(*(_decide_up_to(engines[number], end) for number, end in ends.items()))

    expected = json.loads((DATA / "maidstone-2012.refused.json").read_text("utf-8"))
    refused = [read_kept(record) for records in await county.records(county.flow.refused) for record in records]
    assert sorted((kept.causation_id, kept.data["code"]) for kept in refused) == sorted(
        (row["event_id"], row["code"]) for row in expected
    )
    for records in await county.records(county.flow.ledger):
        _must_chain(records)
    await asyncio.gather(*(engine._turns.close() for engine in engines))
    county.vault.close()


async def test_of_two_engines_the_first_dies_fenced(county: KafkaCounty) -> None:
    """Design §4: while a first engine runs, a second takes over; the first ends, and no input is lost or repeated."""
    many = 400
    first = county.engine(0, SmallTurns(county.bootstrap, county.flow, 0))
    second = county.engine(0, SmallTurns(county.bootstrap, county.flow, 0))
    await county.emit(a_feed(many))
    await first.start()
    running = asyncio.create_task(first.run())
    await _until_written(county, many // 8)

    await second.start()
    taken_over_at = second.memory.next_offset
    await county.emit([moved(ADA, "2012-08-02", an_id("one more"))])  # so that the first has something to write
    with pytest.raises(Fenced):
        await asyncio.wait_for(running, 30)
    await _decide_up_to(second, many + 1)

    assert taken_over_at >= many // 8
    await decided_once(county, many + 1)
    await first._turns.close()
    await second._turns.close()


async def test_engine_woken_after_another_took_over_writes_nothing(county: KafkaCounty) -> None:
    """Design §4: a process that was stopped, and wakes when its partition has another owner, ends without a word."""
    many = 1_500
    await county.emit(a_feed(many))
    with _process(county) as zombie:
        _wait_for(zombie, "started")
        await _until_written(county, SMALL)
        zombie.send_signal(signal.SIGSTOP)
        second = county.engine(0)
        await second.start()
        taken_over_at = second.memory.next_offset
        await _decide_up_to(second, many)
        before = [len(records) for records in await county.records(county.flow.ledger)]

        zombie.send_signal(signal.SIGCONT)
        await county.emit([moved(ADA, "2012-08-02", an_id("one more"))])
        assert await asyncio.to_thread(zombie.wait, 20) == 75

    assert 0 < taken_over_at < many
    assert [len(records) for records in await county.records(county.flow.ledger)] == before
    await _decide_up_to(second, many + 1)
    await decided_once(county, many + 1)
    await second._turns.close()


async def test_engine_killed_at_random_steps_decides_each_input_once(county: KafkaCounty) -> None:
    """Design sentence 3 on a real broker: whatever step a process is killed in, each input is decided exactly once."""
    many, chance = 1_000, random.Random(2012)
    await county.emit(a_feed(many))

    for _ in range(4):
        kicks, delay = chance.randint(4, 30), chance.choice((0.0, 0.002, 0.005, 0.02))
        with _process(county, kicks, delay) as doomed:
            assert await asyncio.to_thread(doomed.wait, 30) == -signal.SIGKILL
    last = county.engine(0)
    await last.start()
    survived = last.memory.next_offset
    await _decide_up_to(last, many)

    facts, refusals = await decided_once(county, many)
    assert 0 < survived < many
    assert {kept.data["code"] for kept in refusals} == {"IN_THE_FUTURE"}
    assert len(facts) > len(refusals) > 0
    await last._turns.close()


def _must_chain(records: Sequence[Record]) -> None:
    before = bytes(32)
    for record in records:
        assert record.headers[-1] == ("prevhash", before)
        before = record_hash(record.key, record.headers, record.value)


async def _decide_up_to(engine: Engine[County], end: int) -> None:
    async with asyncio.timeout(60):
        while engine.memory.next_offset < end:
            await engine.step(wait=0.5)


async def _until_written(county: KafkaCounty, many: int) -> None:
    place = (county.flow.ledger, 0)
    async with KafkaReader(county.bootstrap, {place: 0}) as reader, asyncio.timeout(30):
        while await reader.position(place) < many:
            await reader.read(1, 0.1)


@contextmanager
def _process(county: KafkaCounty, kicks: int = 0, delay: float = 0.0) -> Iterator[subprocess.Popen[str]]:
    """An engine in a process of its own, which dies at its `kicks`-th step if that is not 0."""
    arguments = (county.bootstrap, county.run, str(county.folder), str(kicks), str(delay))
    process = subprocess.Popen(
        (sys.executable, "-c", PROCESS, *arguments), stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    until = time.monotonic() + 30
    while (line := process.stdout.readline().strip()) != word:
        assert line == ""
        assert time.monotonic() < until


def _no_alarm(text: str) -> None:
    raise AssertionError(text)


def _unwatched(step: str) -> None:
    """No watchdog: the test has a limit of its own."""
