"""A whole system as a process of its own, started as a user starts it, and what can be done to it.

Knows the command line, process ids and signals. Reads topics and the view to see what came of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from services.episodes.view_folder import ViewFolder
from services.episodes.view_tables import POSITION, open_engine
from services.log.chain import ZEROS
from services.log.errors import BrokerAway, UnknownTopic
from services.log.kafka_log import KafkaLog
from services.log.kafka_reader import KafkaReader
from services.log.ports import Place
from services.log.record import Record
from services.log.settling import Onlooker, Settling, outputs
from services.log.system import Running, find
from services.words.topics import DOOR_READS, EPISODES, HANDOVER, Flow, door_group
from tests.faults.checker import Account, Books, account_of, examine
from tests.memory_county import feed_of

FEED = "maidstone-2012.ndjson"
DATA = Path(__file__).parents[1] / "data"
_POLL = 0.02
_STARTED_WITHIN = 60.0


@dataclass(slots=True)
class System:
    """A system on a data folder."""

    data: Path
    partitions: int = 4
    kills: Counter[str] = field(default_factory=Counter)

    def sis(self, *arguments: str, stdin: bytes | None = None, within: float = 200) -> subprocess.CompletedProcess[str]:
        """Run one command about it to its end."""
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            timeout=within,
            check=False,
            env=self.environment,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def command(self, *arguments: str) -> list[str]:
        """A command line about it."""
        program = "from services.cli import main; main()"
        return [sys.executable, "-c", program, "--data", str(self.data), *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """This test's environment, without settings that are meant for another system."""
        return {name: value for name, value in os.environ.items() if name == "SIS_CACHE" or not name.startswith("SIS_")}

    def up(self) -> None:
        """Start it and wait until it answers."""
        started = self.sis("up", "--detach")
        assert started.returncode == 0, started.stderr

    def down(self) -> None:
        """Stop it, and see that nothing of it is left."""
        pids = [*self.running.services.values(), self.running.pid]
        stopped = self.sis("down")
        assert stopped.returncode == 0, stopped.stderr
        assert [pid for pid in pids if lives(pid)] == []

    @property
    def running(self) -> Running:
        """Its own word of itself."""
        return find(self.data)

    @property
    def services(self) -> list[str]:
        """The names of its processes, the broker among them."""
        return sorted(self.running.services)

    def pid(self, service: str) -> int:
        """The process id of a service that lives now; waits until it has been started again if it has ended."""
        return self.started_again(service, 0)

    def started_again(self, service: str, former: int) -> int:
        """The process id of a service that lives now and is not the former one; waits for it."""
        until = time.monotonic() + _STARTED_WITHIN
        while time.monotonic() < until:
            pid = self.running.services[service]
            if pid != former and lives(pid):
                return pid
            time.sleep(_POLL)
        raise AssertionError(f"{service} was not started again within {_STARTED_WITHIN:.0f} s")

    def kill(self, *services: str) -> Mapping[str, int]:
        """SIGKILL these at once; the process ids that they had."""
        pids = {service: self.pid(service) for service in services}
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        self.kills.update(services)
        return pids

    def beside(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A second process of a service that is supervised already, with the same settings."""
        given = {"SIS_DATA": str(self.data), "SIS_BOOTSTRAP": self.running.bootstrap}
        with (self.data / "logs" / f"beside-{arguments[-1]}.log").open("ab") as log:
            command = [sys.executable, "-m", *arguments]
            return subprocess.Popen(command, env={**self.environment, **given}, stdout=log, stderr=log)

    # What came of it

    def positions(self) -> Mapping[Place, tuple[int, bytes]]:
        """Where the view stands in each partition: the next offset, and the hash of the last record that it folded."""
        with closing(_View(self.data)) as view:
            return view.positions()

    async def progress(self, service: str) -> int:
        """A number that grows when this service, and all that it needs, has done anything new."""
        match service:
            case "doors":
                return await self._carried()
            case "allocator":
                return self._shown((HANDOVER.ledger, HANDOVER.refused))
            case "recorder":
                return self._shown((EPISODES.ledger, EPISODES.refused))
            case "broker" | "projector" | "notary":  # the notary signs what the others have written
                return self._shown((EPISODES.ledger, EPISODES.refused, HANDOVER.ledger, HANDOVER.refused))
        raise AssertionError(f"how is it seen that {service} has done anything?")

    def _shown(self, topics: Sequence[str]) -> int:
        return sum(offset for (topic, _), (offset, _) in self.positions().items() if topic in topics)

    async def _carried(self) -> int:
        ledgers = {(topic, n) for topic in DOOR_READS.values() for n in range(self._partitions_of(topic))}
        try:
            async with KafkaReader(self.running.bootstrap, dict.fromkeys(ledgers, 0)) as reader:
                stored = [
                    await reader.group_offset(door_group(door), topic, n)
                    for door, topic in DOOR_READS.items()
                    for n in range(self._partitions_of(topic))
                ]
        except (BrokerAway, UnknownTopic):
            return -1
        return sum(at or 0 for at in stored)

    def _partitions_of(self, topic: str) -> int:
        return self.partitions if topic == EPISODES.ledger else 1

    def flows(self) -> list[tuple[Flow, int]]:
        """The flows of a county, with their partitions."""
        return [(EPISODES, self.partitions), (HANDOVER, 1)]

    async def settle(self, within: float = 200) -> None:
        """Wait until all that was emitted is decided, carried and shown, and nothing moves any more."""
        async with asyncio.timeout(within):
            while True:
                with suppress(BrokerAway):
                    return await self._settle_once()

    async def _settle_once(self) -> None:
        offsets = KafkaLog(self.running.bootstrap).offsets()
        try:
            await offsets.start()
            await Settling(offsets, self.partitions).until_settled()
        finally:
            await offsets.close()
        shown = [place for flow, partitions in self.flows() for place in outputs(flow, partitions)]
        starts = {place: self.positions().get(place, (0, ZEROS))[0] for place in shown}
        bootstrap = self.running.bootstrap
        async with KafkaReader(bootstrap, starts) as reader, KafkaLog(bootstrap).offsets() as offsets:
            onlooker = Onlooker(reader, offsets, starts, lambda _: None)
            await onlooker.until_visible(lambda: {place: at for place, (at, _) in self.positions().items()})

    async def books(self) -> dict[str, Books]:
        """Every partition of every flow, and as witness of the ends of its chains the view."""
        heads = {place: head for place, (_, head) in self.positions().items()}
        found = {}
        for flow, partitions in self.flows():
            topics = (flow.inbox, flow.ledger, flow.refused)
            records = await read_whole(
                self.running.bootstrap, [(topic, n) for topic in topics for n in range(partitions)]
            )
            for n in range(partitions):
                inbox, ledger, refused = (records[topic, n] for topic in topics)
                ends = (heads.get((topic, n), ZEROS) for topic in topics[1:])
                found[f"{flow.engine} {n}"] = Books(inbox, ledger, refused, *ends)
        return found

    async def must_be_exact(self) -> list[Account]:
        """What every campaign ends with: the expected answers, sound books, and an account that adds up."""
        assert self.caseload() == expected_caseload()
        assert self.refusals() == expected_refusals()
        books = await self.books()
        assert {name: wrong for name, book in books.items() if (wrong := examine(book))} == {}
        accounts = [account_of(book) for book in books.values()]
        assert all(one.recorded + one.refused + one.repeated == one.inputs for one in accounts)
        return accounts

    def caseload(self) -> list[dict[str, Any]]:
        """The rows of `sis caseload --all`, without the handovers."""
        return _without_handover(self._json("caseload", "--all"))

    def refusals(self) -> list[tuple[str, str]]:
        """Event and code of each row of `sis refused list`."""
        return sorted((row["event_id"], row["code"]) for row in self._json("refused", "list"))

    def _json(self, *arguments: str) -> Any:
        shown = self.sis(*arguments, "--json")
        assert shown.returncode == 0, shown.stderr
        return json.loads(shown.stdout)


class _View:
    """A look at the view's positions."""

    def __init__(self, data: Path) -> None:
        self._engine = open_engine(ViewFolder(data / "view").current())

    def positions(self) -> Mapping[Place, tuple[int, bytes]]:
        """Next offset and last hash by partition."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(POSITION)).all()
        return {(row.topic, row.partition): (row.next_offset, row.last_hash) for row in rows}

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


@contextmanager
def running_system(data: Path) -> Iterator[System]:
    """A system, started; at the end it is stopped in order, and if that fails killed with all that belongs to it."""
    system = System(data)
    try:
        system.up()
        yield system
        system.down()
    finally:
        _end_all_of(data)


def _end_all_of(data: Path) -> None:
    """Kill what still runs on a data folder: its processes have their claims in it open."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                any(Path(file.path).is_relative_to(data) for file in process.open_files())
                and process.pid != os.getpid()
            ):
                process.kill()


async def read_whole(bootstrap: str, places: Sequence[Place]) -> dict[Place, list[Record]]:
    """Every committed record of these partitions."""
    found: dict[Place, list[Record]] = {place: [] for place in places}
    async with KafkaReader(bootstrap, dict.fromkeys(places, 0)) as reader:
        for place in places:
            while not await reader.at_end(place):
                for at, records in (await reader.read(20_000, 0.1)).items():
                    found[at[0], at[1]] += records
    return found


def lives(pid: int) -> bool:
    """Whether a process runs, and is not only waiting to be buried."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def expected_caseload() -> list[dict[str, Any]]:
    """The rows that were worked out by hand, without the handovers."""
    return _without_handover(json.loads((DATA / "maidstone-2012.caseload.json").read_text("utf-8")))


def expected_refusals() -> list[tuple[str, str]]:
    """Event and code of each refusal that was worked out by hand."""
    rows = json.loads((DATA / "maidstone-2012.refused.json").read_text("utf-8"))
    return sorted((row["event_id"], row["code"]) for row in rows)


def the_feed() -> list[dict[str, Any]]:
    """The events of Maidstone's year."""
    return feed_of(FEED)


def _without_handover(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "handover"} for row in rows]
