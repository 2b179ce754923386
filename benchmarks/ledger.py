"""Ledger partitions as the recorder would have written them, far faster than it decides: for all that reads ledgers.

Knows how facts are written down: twenty a person, four in five of them contacts. Must never decide anything.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from itertools import count
from uuid import UUID

from services.log.chain import record_hash
from services.log.codec import encode
from services.log.partition import partition_of
from services.log.record import Draft
from services.log.writing import Origin, Pages, Partition
from services.words import course, people, work
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.envelope import Envelope
from services.words.topics import EPISODES_INBOX, EPISODES_LEDGER
from services.words.word import Word

A_PERSON = 20
"""Facts of one person."""
_TODAY = date(2012, 10, 1)
_BEGAN = date(2012, 9, 3)
_TIME = "2012-09-03T09:30:00+01:00"
_RECORDED = "2026-11-02T09:00:00.000Z"
_AT_ONCE = 1_000
"""People written before their drafts are handed out and forgotten."""


def written(partitions: int, facts: int) -> Iterator[Draft]:
    """The drafts of so many facts or a few more, each partition's own in their order."""
    return (draft for draft in decided(partitions, facts) if draft.topic == EPISODES_LEDGER)


def decided(partitions: int, facts: int) -> Iterator[Draft]:
    """The same facts, and before them the inputs that they name as their causes; one fact an input."""
    ledgers = [Partition(EPISODES_LEDGER, number) for number in range(partitions)]
    inboxes = [count() for _ in ledgers]
    chance = random.Random(1209)
    days = ((CALENDAR_KEY, DayBegan(date=_TODAY), number) for number in range(partitions))
    yield from _page(ledgers, inboxes, days)
    for start in range(0, facts // A_PERSON, _AT_ONCE):
        people_now = min(_AT_ONCE, facts // A_PERSON - start)
        yield from _page(ledgers, inboxes, _lives(chance, people_now, partitions))


def _page(
    ledgers: Sequence[Partition], inboxes: Sequence[Iterator[int]], told: Iterator[tuple[str, Word, int]]
) -> Iterator[Draft]:
    pages = [Pages(ledger) for ledger in ledgers]
    for key, word, number in told:
        at, subject, value = next(inboxes[number]), "" if key == CALENDAR_KEY else key, encode(word)
        event_id = str(UUID(int=(number << 64) + at))
        envelope = Envelope(event_id, word.TYPE, "/kmpt/maidstone-cmht", subject, _TIME)
        asked = Draft(EPISODES_INBOX, number, key.encode(), envelope.headers(), value)
        yield asked
        digest = sha256(event_id.encode()).digest()
        input_hash = record_hash(asked.key, asked.headers, asked.value)
        origin = Origin(at, _RECORDED, event_id, digest, input_hash)
        pages[number].add(key, envelope, getattr(word, "episode_id", None) or key, value, origin)
    for page in pages:
        page.kept()
        yield from page.drafts


def _lives(chance: random.Random, number: int, partitions: int) -> Iterator[tuple[str, Word, int]]:
    for _ in range(number):
        person, episode = _id(chance), _id(chance)
        place = partition_of(person.encode(), partitions)
        yield from ((person, word, place) for word in _life(chance, episode))


def _life(chance: random.Random, episode: str) -> Iterator[Word]:
    yield people.PersonRegistered(district="maidstone", birth_year=1960)
    referral = {"team": "maidstone-cmht", "source": "A1", "reason": "18", "priority": "2"}
    yield course.ReferralReceived(episode_id=episode, on=_BEGAN, **referral)
    yield course.ReferralAccepted(episode_id=episode, on=_BEGAN)
    yield course.EnablementStarted(episode_id=episode, on=_BEGAN)
    for _ in range(A_PERSON - 4):
        yield work.ContactRecorded(
            episode_id=episode,
            contact_id=_id(chance),
            started_at=f"2012-09-{chance.randint(4, 30):02}T{chance.randint(8, 18):02}:30:00+01:00",
            minutes=45,
            worker_id=_id(chance),
            place="HOME",
            mechanism="01",
            attendance="5",
            activities=["ADVOCACY", "DAILY_LIVING"],
        )


def _id(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
