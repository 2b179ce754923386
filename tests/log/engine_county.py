"""What is said to an engine in its tests, and a county on the log in memory to be copied, crashed and restarted."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from nhs_number.validate import calculate_checksum

from services.episodes.recorder import recorder_rules
from services.episodes.recording import County
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.kept import Kept
from services.log.memory import MemoryLog, all_seen
from services.log.memory_turns import Crash, CrashAt, MemoryTurns
from services.log.partition import partition_of
from services.log.posting import posted
from services.log.record import Draft, Record
from services.log.rules import Rules
from services.log.turns import Turns
from services.vault.key_files import door_key, door_keys
from services.vault.vault import Vault
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.keeping import Redriven, RulesAdopted
from services.words.release import RELEASE
from services.words.topics import EPISODES, EPISODES_INBOX, catalogue
from tests.memory_county import DOORS, MemoryCounty

TEAM = "/kmpt/maidstone-cmht"
TIME = "2012-07-02T09:30:00+01:00"
RULES = recorder_rules(synthetic=True)
ALL_AT_ONCE = 2000

Event = dict[str, Any]


def an_id(name: str) -> str:
    """A UUID that is the same for the same name."""
    return str(uuid5(NAMESPACE_URL, f"https://county.example/{name}"))


def person(name: str, partition: int = 0, partitions: int = 1) -> str:
    """A person's id that lies in this partition."""
    candidates = (an_id(f"{name}/{number}") for number in range(1000))
    return next(one for one in candidates if partition_of(one.encode(), partitions) == partition)


def nhs_number(wanted: int) -> str:
    """The wanted-th valid number of the synthetic range."""
    nines = (f"999{number:06}" for number in range(wanted * 2 + 2))
    valid = [f"{nine}{calculate_checksum(nine)}" for nine in nines if calculate_checksum(nine) != 10]
    return valid[wanted]


def event(name: str, subject: str, data: Mapping[str, Any], id: str | None = None, **other: str) -> Event:
    """An event as a feed writes it; its id is made of all it says, unless it is given."""
    type_name = name if "." in name else f"kmpt.episodes.v1.{name}"
    made = id or an_id(f"{type_name} {subject} {sorted(data.items())}")
    rest = {"source": TEAM, "time": TIME, "subject": subject} | other
    return {"specversion": "1.0", "id": made, "type": type_name, "data": dict(data), **rest}


def details(number: int) -> dict[str, Any]:
    """The details of a synthetic person."""
    return {
        "nhs_number": nhs_number(number),
        "family_name": f"Family{number}",
        "given_names": "Ada",
        "birth_date": "1970-02-03",
        "address_lines": ["1 High Street"],
        "postcode": "ME14 1AA",
    }


def registered(subject: str, number: int, id: str | None = None) -> Event:
    """A registration under the number-th NHS number."""
    return event("PersonRegistered", subject, {"district": "maidstone", "details": details(number)}, id)


def corrected(subject: str, number: int, id: str | None = None) -> Event:
    """A correction of the details, to the number-th NHS number."""
    return event("PersonDetailsCorrected", subject, {"details": details(number), "reason": "a slip of the pen"}, id)


def died(subject: str, on: str, id: str | None = None) -> Event:
    """A death."""
    return event("PersonDied", subject, {"on": on}, id)


def moved(subject: str, on: str, id: str | None = None) -> Event:
    """A change of accommodation: the simplest thing that can be said of a person more than once."""
    return event("AccommodationChanged", subject, {"on": on, "accommodation": "12", "settled": "Y", "moved": True}, id)


def day(on: str) -> Event:
    """A day of the county."""
    return {
        "specversion": "1.0",
        "id": an_id(f"day {on}"),
        "source": "/county/calendar",
        "type": DayBegan.TYPE,
        "time": f"{on}T00:00:00+00:00",
        "data": {"date": on},
    }


def days(first: str, last: str) -> list[Event]:
    """Every day from the first to the last."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [day((start + timedelta(days=n)).isoformat()) for n in range((end - start).days + 1)]


def episode(subject: str, name: str, on: str, team: str = "maidstone-cmht") -> list[Event]:
    """A referral, its acceptance and its start, all on one day."""
    episode_id = an_id(name)
    asked = {"episode_id": episode_id, "team": team, "on": on, "source": "I1", "reason": "05", "priority": "2"}
    return [
        event("ReferralReceived", subject, asked),
        event("ReferralAccepted", subject, {"episode_id": episode_id, "on": on}),
        event("EnablementStarted", subject, {"episode_id": episode_id, "on": on}),
    ]


def contact(subject: str, name: str, number: int, at: str = "2012-08-09T10:30:00+01:00") -> Event:
    """The number-th contact of an episode, of 45 minutes."""
    data = {
        "episode_id": an_id(name),
        "contact_id": an_id(f"{name} contact {number}"),
        "started_at": at,
        "minutes": 45,
        "worker_id": an_id("worker"),
        "place": "PROBATION_OFFICE",
        "mechanism": "01",
        "attendance": "5",
        "activities": ["ORDINARY_LIVES"],
    }
    return event("ContactRecorded", subject, data)


def redriven(subject: str, offset: int, id: str | None = None) -> Event:
    """The redrive of what lies at an offset; of a day if there is no subject."""
    return event(Redriven.TYPE, subject, {"offset": offset}, id, source="/kmpt/redrive")


def adopted(release: str = RELEASE) -> Event:
    """From here on the rules of this release hold."""
    return event(RulesAdopted.TYPE, "", {"release": release}, source="/kmpt/stack")


def months_of(feed: Sequence[Event]) -> list[list[Event]]:
    """A feed cut before each first day of a month, where an emitter waits until all it sent before is decided."""
    months: list[list[Event]] = [[]]
    for said in feed:
        if said["type"] == DayBegan.TYPE and said["data"]["date"].endswith("-01"):
            months.append([])
        months[-1].append(said)
    return months


class SmallTurns(MemoryTurns):
    """Turns that read at most so many inputs."""

    def __init__(self, log: MemoryLog, partition: int, size: int, crash: CrashAt | None) -> None:
        super().__init__(log, EPISODES, partition, crash)
        self._size = size

    async def read(self, at_most: int, wait: float) -> Sequence[Record]:
        """The next inbox records."""
        return await super().read(min(at_most, self._size), wait)


class EngineCounty(MemoryCounty):
    """A county of one partition, unless more are asked for, whose engines a test starts as it needs them."""

    def __init__(self, folder: Path, partitions: int = 1, log: MemoryLog | None = None) -> None:
        super().__init__(folder, partitions, log)
        self.rules: Rules[County] = RULES

    def desk(self) -> Desk[County]:
        """Rules, doors' keys and alarm bell."""
        keys = {door: door_keys(self.folder, door) for door in DOORS}
        return Desk(self.rules, self.partitions, keys, self.alarms.append)

    def engine(self, number: int = 0, turns: Turns | None = None, vault: Vault | None = None) -> Engine[County]:
        """An engine that was not started yet."""
        port = turns or MemoryTurns(self.log, EPISODES, number)
        return Engine(self.desk(), EPISODES, number, port, vault or self.vault, _unwatched)

    def start(self, crash: CrashAt | None = None, size: int = ALL_AT_ONCE) -> None:
        """Start (or start again) an engine for each partition, which reads so many inputs a turn."""
        ports = [SmallTurns(self.log, number, size, crash) for number in range(self.partitions)]
        self.engines = [self.engine(number, port) for number, port in enumerate(ports)]
        for engine in self.engines:
            asyncio.run(engine.start())

    def settle(self) -> None:
        """Let every engine decide all that there is."""
        for engine in self.engines:
            asyncio.run(decide_all(engine))

    def settle_through_crash(self, crash: CrashAt, size: int) -> None:
        """Decide all, each engine dying once at this place, if it comes to it, and going on as a new one."""
        for number in range(self.partitions):
            doomed = self.engine(number, SmallTurns(self.log, number, size, crash))
            try:
                asyncio.run(start_and_decide_all(doomed))
            except Crash:
                self.restart_vault()
                asyncio.run(start_and_decide_all(self.engine(number, SmallTurns(self.log, number, size, None))))

    def restart_vault(self) -> None:
        """Let go of the vault as a process that dies does, and open it anew."""
        self.vault.close()
        self.vault = Vault(self.folder)

    def draft(self, event: Mapping[str, Any]) -> list[Draft]:
        """The inbox records of an event; days, redrives and releases signed by their doors."""
        door = RULES.doors.get(event["type"])
        return super().draft(event) if door in (None, "ticker") else self.said_by(door, event)

    def said_by(self, door: str, event: Mapping[str, Any], key: bytes | None = None) -> list[Draft]:
        """The inbox records of an event as a door says it."""
        secret = key or door_key(self.folder, door)
        return [signed(draft, door, secret) for draft in self.unsigned(event)]

    def unsigned(self, event: Mapping[str, Any]) -> list[Draft]:
        """The inbox records of an event as anybody could say it."""
        draft = posted({"subject": "", **event}, EPISODES_INBOX, self.partitions, self.public)
        if event.get("subject"):
            return [draft]
        key = CALENDAR_KEY.encode()
        return [Draft(draft.topic, number, key, draft.headers, draft.value) for number in range(self.partitions)]

    def put(self, said: Event | Draft) -> int:
        """Append one event or draft to the inbox; its offset, in the last of its partitions."""
        drafts = [said] if isinstance(said, Draft) else self.draft(said)
        return [self.log.append(draft) for draft in drafts][-1]

    def codes(self) -> list[str]:
        """The codes of all refusals."""
        return [kept.data["code"] for kept in self.refused()]

    def types(self) -> list[str]:
        """The short names of all facts."""
        return [kept.type.rpartition(".")[2] for kept in self.ledger()]

    def inbox(self, number: int = 0) -> Sequence[Record]:
        """Every inbox record of a partition."""
        return all_seen(self.log, EPISODES_INBOX, number)

    def close(self) -> None:
        """Let go of the vault."""
        self.vault.close()


def decided_anew(county: EngineCounty, folder: Path) -> EngineCounty:
    """The same inbox, offset by offset and with the same append times, before any engine; its vault is in `folder`."""
    times: list[int] = []
    log = MemoryLog(clock=lambda: times.pop() if times else 1)
    for topic in catalogue(county.partitions):
        log.create(topic.name, topic.partitions)
    for number in range(county.partitions):
        for record in county.inbox(number):
            times.append(record.timestamp)
            log.append(Draft(record.topic, number, record.key, record.headers, record.value))
    return EngineCounty(folder, county.partitions, log)


def copied_vault(county: EngineCounty, folder: Path) -> Path:
    """A copy of a county's data folder, vault and keys alike."""
    county.restart_vault()  # what lies in the write-ahead log goes into the database when the last connection closes
    return Path(shutil.copytree(county.folder, folder))


def make_all_keys(county: EngineCounty) -> None:
    """Make the key of every subject beforehand, so that copies of the vault have the same ones."""
    keys = county.vault.turn("test", "make keys")
    records = [record for number in range(county.partitions) for record in county.inbox(number)]
    keys.make_keys({(record.key or b"").decode(errors="replace") for record in records})
    keys.commit()


def has_repeats(facts: Sequence[Kept]) -> bool:
    """Whether two facts have one id."""
    return len({fact.id for fact in facts}) < len(facts)


def changed(rules: Rules[County], decide: Callable[..., Any]) -> Rules[County]:
    """These rules with another `decide`."""
    return replace(rules, decide=decide)


async def start_and_decide_all(engine: Engine[County]) -> None:
    """Start an engine and let it decide all that there is."""
    await engine.start()
    await decide_all(engine)


async def decide_all(engine: Engine[County]) -> None:
    """Let an engine decide all that there is."""
    while await engine.step(wait=0):
        pass


def _unwatched(step: str) -> None:
    """No watchdog: nothing hangs in memory."""
