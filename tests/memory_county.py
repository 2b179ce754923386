"""A county on the log in memory: the real engine, rules and vault, with no broker; tests drive it input by input."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.episodes.recorder import recorder_rules
from services.episodes.recording import County
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.kept import Kept, read_kept
from services.log.memory import MemoryLog
from services.log.memory_turns import CrashAt, MemoryTurns
from services.log.posting import posted, posted_to_all
from services.log.record import Draft
from services.log.sealing import PublicKey
from services.vault.key_files import door_key, door_keys
from services.vault.vault import Vault
from services.words.calendar import DayBegan
from services.words.topics import EPISODES, EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED, catalogue

DOORS = ("ticker", "stack", "redrive", "outcomes", "guardian")
LONG_AFTER = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp() * 1000)
"""Append times begin here, after every day of the feeds."""


def feed_of(name: str) -> list[dict[str, Any]]:
    """The events of a feed in `tests/data`."""
    path = Path(__file__).parent / "data" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


class MemoryCounty:
    """A log, a vault and the recorders of all partitions."""

    def __init__(self, folder: Path, partitions: int = 4, log: MemoryLog | None = None) -> None:
        self.partitions = partitions
        self.folder = folder
        self.vault = Vault(folder)
        self.public = PublicKey(*_public(self.vault))
        self.log = log or MemoryLog(clock=_ticking())
        if log is None:
            for topic in catalogue(partitions):
                self.log.create(topic.name, topic.partitions)
        self.alarms: list[str] = []
        self.engines: list[Engine[County]] = []

    def start(self, crash: CrashAt | None = None) -> None:
        """Start (or start again) a recorder for each partition."""
        keys = {door: door_keys(self.folder, door) for door in DOORS}
        desk = Desk(recorder_rules(synthetic=True), self.partitions, keys, self.alarms.append)
        self.engines = [
            Engine(desk, EPISODES, number, MemoryTurns(self.log, EPISODES, number, crash), self.vault, _nothing)
            for number in range(self.partitions)
        ]
        for engine in self.engines:
            asyncio.run(engine.start())

    def draft(self, event: Mapping[str, Any]) -> list[Draft]:
        """The inbox records of an event, days signed by the ticker's door."""
        if event["type"] == DayBegan.TYPE:
            key = door_key(self.folder, "ticker")
            return [
                signed(draft, "ticker", key)
                for draft in posted_to_all(event, EPISODES_INBOX, self.partitions, self.public)
            ]
        return [posted(event, EPISODES_INBOX, self.partitions, self.public)]

    def emit(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Append events to the inbox."""
        for event in events:
            for draft in self.draft(event):
                self.log.append(draft)

    def settle(self) -> None:
        """Let every recorder decide all that there is."""
        for engine in self.engines:
            while asyncio.run(engine.step(wait=0)):
                pass

    def tell(self, *events: Mapping[str, Any]) -> None:
        """Emit and settle."""
        self.emit(events)
        self.settle()

    def ledger(self) -> list[Kept]:
        """All facts, partition by partition."""
        return list(self._read(EPISODES_LEDGER))

    def refused(self) -> list[Kept]:
        """All refusals, partition by partition."""
        return list(self._read(EPISODES_REFUSED))

    def raw(self) -> list[tuple[Any, ...]]:
        """Every visible byte of ledger and refused topics, without append times and offsets."""
        return [
            (record.topic, record.partition, record.key, tuple(record.headers), record.value)
            for topic in (EPISODES_LEDGER, EPISODES_REFUSED)
            for number in range(self.partitions)
            for record in self.log.seen((topic, number), 0, 10**9)[0]
        ]

    def _read(self, topic: str) -> Iterator[Kept]:
        for number in range(self.partitions):
            for record in self.log.seen((topic, number), 0, 10**9)[0]:
                yield read_kept(record)


def _public(vault: Vault) -> tuple[str, bytes]:
    month = vault.public_key_of_month()
    return month.key_id, month.key


def _ticking() -> Any:
    now = LONG_AFTER

    def tick() -> int:
        nonlocal now
        now += 1
        return now

    return tick


def _nothing(step: str) -> None:
    """No watchdog: nothing hangs in memory."""
