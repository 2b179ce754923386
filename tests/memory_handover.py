"""The allocator on the log in memory: the real engine, rules, doors' signatures and vault, with no broker."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.handover.allocator import allocator_rules
from services.handover.book import Book
from services.log.codec import decode, encode
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.kept import Kept, read_kept
from services.log.memory_turns import CrashAt, MemoryTurns
from services.log.posting import envelope_of, posted, posted_to_all
from services.log.record import Draft
from services.vault.key_files import door_key, door_keys
from services.words import envelope as named
from services.words.calendar import DayBegan
from services.words.catalogue import EVERY_WORD
from services.words.handover_catalogue import (
    ANSWER_WORDS,
    CONNECTION_WORDS,
    EXCHANGE_WORDS,
    REFERRED_WORDS,
    UNREADABLE_WORDS,
)
from services.words.keeping import Redriven
from services.words.topics import (
    HANDOVER,
    HANDOVER_INBOX,
    HANDOVER_LEDGER,
    HANDOVER_REFUSED,
    offers_topic,
    provider_topics,
)
from services.words.word import Word
from tests.memory_county import MemoryCounty

DOORS = ("ticker", "stack", "redrive", "referrals", "replies", "connections", "exchange")
"""Doors whose words the allocator takes."""


def an_id(name: str) -> str:
    """A UUID that is the same for the same name."""
    return str(uuid5(NAMESPACE_URL, name))


def private_key_of(provider_id: str) -> bytes:
    """A provider's raw private key, the same for the same provider."""
    return uuid5(NAMESPACE_URL, provider_id).bytes * 2


def public_key_of(provider_id: str) -> str:
    """Its public key in base64, as it is registered."""
    private = X25519PrivateKey.from_private_bytes(private_key_of(provider_id))
    return b64encode(private.public_key().public_bytes_raw()).decode()


class MemoryAllocator:
    """The allocator on the log and vault of a county; `day` is the county's today for what is told next."""

    def __init__(self, county: MemoryCounty) -> None:
        self.county = county
        self.engine: Engine[Book] | None = None
        self._told = 0

    @classmethod
    def at(cls, folder: Path) -> MemoryAllocator:
        """An allocator in a fresh data folder, started."""
        made = cls(MemoryCounty(folder))
        made.start()
        return made

    def start(self, crash: CrashAt | None = None) -> None:
        """Start it, or start it again."""
        vault, log = self.county.vault, self.county.log
        keys = {door: door_keys(self.county.folder, door) for door in DOORS}
        desk = Desk(allocator_rules(vault), 1, keys, self.county.alarms.append)
        turns = MemoryTurns(log, HANDOVER, 0, crash)
        self.engine = Engine(desk, HANDOVER, 0, turns, vault, lambda _: None)
        asyncio.run(self.engine.start())

    @property
    def book(self) -> Book:
        """What the allocator knows."""
        assert self.engine is not None
        return self.engine.memory.state

    def connect(self, provider_id: str) -> None:
        """Make a provider's topics, as the connections door does."""
        for topic in provider_topics(provider_id):
            self.county.log.create(topic.name, topic.partitions)

    def say(self, name: str, subject: str, data: Mapping[str, Any], id: str | None = None) -> None:
        """Emit a word into the handover inbox, signed by its door if it has one, and let it be decided."""
        self.emit([self.event(name, subject, data, id)])
        self.settle()

    def say_word(self, name: str, subject: str, data: Mapping[str, Any]) -> None:
        """As `say`, of a word that no JSON carries, because it holds bytes."""
        event = self.event(name, subject, data)
        envelope = envelope_of(event)
        value = encode(EVERY_WORD[event["type"]].model_validate(data))
        draft = Draft(HANDOVER_INBOX, 0, subject.encode(), envelope.headers(), value)
        door = _door_of(event["type"])
        self.county.log.append(signed(draft, door, door_key(self.county.folder, door)) if door else draft)
        self.settle()

    def say_unsigned(self, name: str, subject: str, data: Mapping[str, Any]) -> None:
        """Emit a word without its door's signature, and let it be decided."""
        self.county.log.append(posted(self.event(name, subject, data), HANDOVER_INBOX, 1, self.county.public))
        self.settle()

    def say_all_again(self) -> None:
        """Append a copy of every inbox record, as emitters do that do not know what arrived, and let all be decided."""
        for record in list(self._seen(HANDOVER_INBOX)):
            self.county.log.append(Draft(HANDOVER_INBOX, 0, record.key, record.headers, record.value))
        self.settle()

    def event(self, name: str, subject: str, data: Mapping[str, Any], id: str | None = None) -> dict[str, Any]:
        """An event with an id of its own, unless one is given."""
        self._told += 1
        type_name = name if "." in name else f"kmpt.handover.v1.{name}"
        return {
            "specversion": "1.0",
            "id": id or an_id(f"event {self._told}"),
            "source": "/test",
            "type": type_name,
            "subject": subject,
            "time": "2012-10-01T09:00:00+01:00",
            "data": data,
        }

    def emit(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Append events to the inbox."""
        for event in events:
            is_day = event["type"] == DayBegan.TYPE
            made = (
                posted_to_all(event, HANDOVER_INBOX, 1, self.county.public)
                if is_day
                else [posted(event, HANDOVER_INBOX, 1, self.county.public)]
            )
            door = "ticker" if is_day else _door_of(event["type"])
            for draft in made:
                self.county.log.append(signed(draft, door, door_key(self.county.folder, door)) if door else draft)

    def day(self, day: str) -> None:
        """A day begins."""
        event = self.event(DayBegan.TYPE, "", {"date": day}, an_id(f"day {day}"))
        del event["subject"]
        self.emit([event])
        self.settle()

    def settle(self) -> None:
        """Decide all that there is."""
        assert self.engine is not None
        while asyncio.run(self.engine.step(wait=0)):
            pass

    def ledger(self) -> list[Kept]:
        """All facts."""
        return [read_kept(record) for record in self._seen(HANDOVER_LEDGER)]

    def refused(self) -> list[Kept]:
        """All refusals."""
        return [read_kept(record) for record in self._seen(HANDOVER_REFUSED)]

    def inbox_of(self, provider_id: str) -> list[tuple[str, dict[str, Any]]]:
        """All messages to a provider, by the name of their type."""
        found = (decode(record.value) for record in self._seen(offers_topic(provider_id)))
        return [(name.rpartition(".")[2], data) for name, data in found]

    def message_ids(self, provider_id: str) -> list[str]:
        """Their ids."""
        return [dict(record.headers)[named.ID].decode() for record in self._seen(offers_topic(provider_id))]

    def raw(self) -> list[tuple[Any, ...]]:
        """Every visible byte of ledger and refused topic, without append times and offsets."""
        return [
            (record.topic, record.key, tuple(record.headers), record.value)
            for topic in (HANDOVER_LEDGER, HANDOVER_REFUSED)
            for record in self._seen(topic)
        ]

    def _seen(self, topic: str) -> Iterator[Any]:
        yield from self.county.log.seen((topic, 0), 0, 10**9)[0]


def _door_of(type_name: str) -> str | None:
    doors: dict[str, Mapping[str, type[Word]]] = {
        "referrals": REFERRED_WORDS,
        "connections": CONNECTION_WORDS,
        "replies": {**ANSWER_WORDS, **UNREADABLE_WORDS},
        "exchange": EXCHANGE_WORDS,
        "redrive": {Redriven.TYPE: Redriven},
    }
    return next((door for door, words in doors.items() if type_name in words), None)
