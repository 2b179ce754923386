"""The trust of a sandbox: a real allocator and a real replies door on a log of its own, turned by hand.

What the recorder, the commissioner and the calendar say is signed here as their doors would sign it.
Turned by hand, because a trial needs messages to cross: a reply lies unheard until the script lets it be carried.
Knows words and the order of turns. Must never know which program answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from services.doors.door import Door
from services.doors.running import TRANSLATIONS
from services.handover.allocator import DOORS, allocator_rules
from services.handover.book import Book
from services.handover.handover import State
from services.log.arrival import Unreadable, read_arrival
from services.log.codec import encode
from services.log.desk import Desk
from services.log.doors import signed
from services.log.engine import Engine
from services.log.month_key import publish
from services.log.ports import Log
from services.log.record import Draft, Record
from services.log.sealing import PublicKey
from services.log.turns import Turns
from services.provider.reading import Message, message_of
from services.sandbox import script
from services.sandbox.script import LOT
from services.vault.key_files import door_key, door_keys
from services.vault.vault import Vault
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.envelope import Envelope
from services.words.handover_catalogue import CONNECTION_WORDS, REFERRED_WORDS, REPLY_WORDS
from services.words.referred import ProviderConnected
from services.words.replies import Reply
from services.words.topics import HANDOVER, HANDOVER_INBOX, catalogue, door_group, offers_topic, provider_topics
from services.words.topics import replies_topic as replies_of
from services.words.word import Word


@dataclass(frozen=True, slots=True)
class Heard:
    """Something on the provider's replies topic; `reply` is None for what is no reply."""

    id: str
    offset: int
    reply: Reply | None


class Trust:
    """One trust; `turns` owns the handover partition of `log`, `now` is the wall clock as RFC 3339."""

    def __init__(self, folder: Path, log: Log, turns: Turns, now: Callable[[], str]) -> None:
        self._folder = folder
        self._now = now
        self.log = log
        self.vault = Vault(folder)
        month = self.vault.public_key_of_month()
        self.public = PublicKey(month.key_id, month.key)
        keys = {door: door_keys(folder, door) for door in DOORS}
        self.alarms: list[str] = []
        desk = Desk(allocator_rules(self.vault), 1, keys, self.alarms.append)
        self._turns = turns
        self._engine: Engine[Book] = Engine(desk, HANDOVER, 0, turns, self.vault, _nothing)
        self._door = Door(TRANSLATIONS["replies"], log, self.key("replies"), _nothing)
        self._sender = log.sender()
        self._offsets = log.offsets()
        self.provider_id = ""

    async def start(self) -> None:
        """Make the topics, and begin."""
        await self.log.create(catalogue())
        await self._sender.start()
        await self._offsets.start()
        await publish(self._sender, self.public, self._now())
        await self._engine.start()
        await self._door.start()

    async def close(self) -> None:
        """Let go of the connections and the vault."""
        await self._door.close()
        await self._turns.close()
        await self._sender.close()
        await self._offsets.close()
        self.vault.close()

    def key(self, door: str) -> bytes:
        """The key by which a door signs."""
        return door_key(self._folder, door)

    async def day(self, day: date) -> None:
        """A day begins; one that is not after today changes nothing."""
        await self.say((DayBegan(date=day), ""))

    async def engage(self, provider_id: str, public_key: str, today: date) -> None:
        """A provider is registered, connected and contracted, and is from here on the one that is tried."""
        self.provider_id = provider_id
        await self.log.create(provider_topics(provider_id))
        await self.say(
            (script.registration(provider_id, public_key, today + timedelta(days=365)), provider_id),
            (ProviderConnected(provider_id=provider_id), provider_id),
            (script.contract(provider_id, today), LOT),
        )
        await self.carry()

    async def dismiss(self, today: date) -> None:
        """Nothing of this provider is left for the next one: its cases are withdrawn and its contract ends."""
        unfinished = [one for one in self.book.handovers.values() if one.state not in _OVER]
        await self.say(*((script.withdrawal(one, today), LOT) for one in unfinished))
        await self.say((script.contract_over(self.provider_id, today), LOT))

    @property
    def book(self) -> Book:
        """What the allocator knows."""
        return self._engine.memory.state

    async def say(self, *told: tuple[Word, str]) -> None:
        """Say words with their subjects, all in one turn, and have them decided: what follows appears at once."""
        for word, subject in told:
            await self._sender.add(self._draft(word, subject))
        await self._sender.flush()
        await self.decide()

    async def put(self, draft: Draft) -> None:
        """Put a record where it says, as it is."""
        await self._sender.add(draft)
        await self._sender.flush()

    async def decide(self) -> None:
        """Decide all that is in the inbox."""
        while self._engine.memory.next_offset < (await self._end(HANDOVER_INBOX)):
            await self._engine.step(wait=0.05)

    async def carry(self) -> None:
        """Bring all replies that lie there to the allocator, and have them decided."""
        place = (replies_of(self.provider_id), 0)
        end = await self._end(place[0])
        group = door_group("replies")
        while (await self._offsets.stored([group]))[group].get(place, -1) < end:
            await self._door.step(wait=0.05)
        await self.decide()

    async def heard(self) -> list[Heard]:
        """Everything that the provider has said so far."""
        return [_heard(record) for record in await self._lying(replies_of(self.provider_id))]

    async def told(self) -> list[Message]:
        """Everything that the provider was told so far."""
        return [message_of(record) for record in await self._lying(offers_topic(self.provider_id))]

    async def record_of(self, message_id: str) -> Record:
        """The record of a message, as it lies in the provider's topic."""
        records = await self._lying(offers_topic(self.provider_id))
        return next(record for record in records if message_of(record).id == message_id)

    async def _lying(self, topic: str) -> list[Record]:
        place = (topic, 0)
        reader = self.log.reader({place: 0})
        try:
            await reader.start()
            found: list[Record] = []
            while not await reader.at_end(place):
                found += (await reader.read(1000, 0.05)).get(place, ())
            return found
        finally:
            await reader.close()

    async def _end(self, topic: str) -> int:
        ends = await self._offsets.ends([(topic, 0)])
        return ends[topic, 0] or 0

    def _draft(self, word: Word, subject: str) -> Draft:
        envelope = Envelope(str(uuid4()), word.TYPE, "/sandbox", subject, self._now())
        draft = Draft(HANDOVER_INBOX, 0, (subject or CALENDAR_KEY).encode(), envelope.headers(), encode(word))
        door = _door_of(word)
        return signed(draft, door, self.key(door)) if door else draft


_OVER = frozenset({State.WITHDRAWN, State.NOT_POSSIBLE, State.COMPLETED})


def _door_of(word: Word) -> str | None:
    if isinstance(word, DayBegan):
        return "ticker"
    doors: Sequence[tuple[str, object]] = (("referrals", REFERRED_WORDS), ("connections", CONNECTION_WORDS))
    return next((door for door, words in doors if word.TYPE in words), None)  # type: ignore[operator]


def _heard(record: Record) -> Heard:
    try:
        arrival = read_arrival(record)
        word = REPLY_WORDS[arrival.envelope.type].model_validate(arrival.fields)
    except (Unreadable, KeyError, ValueError):
        return Heard("", record.offset, None)
    assert isinstance(word, Reply)
    return Heard(arrival.envelope.id, record.offset, word)


def _nothing(_: str) -> None:
    """No watchdog: a trial has a limit of its own."""
