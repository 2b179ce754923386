"""What the recorder holds between turns: bytes for an open episode, and for an id that it has had.

Counted by tracemalloc as the difference that the last ones make, so that what is held once does not count.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from uuid import UUID

from benchmarks.figures import Figure, Profile
from benchmarks.size import Size
from services.episodes.recording import INITIAL, County, evolve
from services.log.remembered import Remembered, entry_of, name_of
from services.log.writing import Partition
from services.words import course, people, work
from services.words.deciding import Fact
from services.words.topics import EPISODES_LEDGER
from services.words.word import Sealed, Word

_CONTACTS = 20
_BEGAN = date(2012, 9, 3)
_WRAPPED_KEY = 40
_BLOB = 380
"""Bytes of a content key wrapped under a person's, and of the sealed details of the sample feed's people."""


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Both, each over several numbers of them."""
    episodes, ids = size.of(1_000, 300), size.of(100_000, 20_000)
    several = range(1, size.repetitions + 1)
    yield Figure("open episode", "bytes", tuple(_each(_hold_episodes, episodes * n) for n in several))
    yield Figure("remembered id", "bytes", tuple(_each(_remember, ids * n) for n in several))


def _each(hold: Callable[[int], object], number: int) -> float:
    tracemalloc.start()
    held = hold(number)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return taken / number


def _hold_episodes(number: int) -> tuple[County, Partition]:
    """One person each, registered and sealed, one open episode with contacts; and the key's sequence in the ledger."""
    county, ledger = INITIAL, Partition(EPISODES_LEDGER, 0)
    for _ in range(number):
        person, episode = _id(), _id()
        for word in _told(episode):
            county = evolve(county, Fact(person, person, word, episode, _id(), "/kmpt/maidstone-cmht"))
        ledger.sequences[person] = 4 + _CONTACTS
    return county, ledger


def _told(episode: str) -> Iterator[Word]:
    sealed = Sealed(key_id=_id(), key=os.urandom(_WRAPPED_KEY), blob=os.urandom(_BLOB))
    yield people.PersonRegistered(district="maidstone", birth_year=1960, sealed=sealed)
    referral = {"team": "maidstone-cmht", "source": "A1", "reason": "18", "priority": "2"}
    yield course.ReferralReceived(episode_id=episode, on=_BEGAN, **referral)
    yield course.ReferralAccepted(episode_id=episode, on=_BEGAN)
    yield course.EnablementStarted(episode_id=episode, on=_BEGAN)
    yield from (_contact(episode) for _ in range(_CONTACTS))


def _contact(episode: str) -> Word:
    return work.ContactRecorded(
        episode_id=episode,
        contact_id=_id(),
        started_at="2012-09-04T10:30:00+01:00",
        minutes=45,
        worker_id=_id(),
        place="HOME",
        mechanism="01",
        attendance="5",
        activities=["ADVOCACY"],
    )


def _remember(number: int) -> Remembered:
    remembered = Remembered()
    for at in range(number):
        event_id = str(at)
        entry = entry_of(sha256(event_id.encode()).digest(), recorded=True)
        remembered.remember(name_of("a person", event_id), entry)
    return remembered


def _id() -> str:
    return str(UUID(bytes=os.urandom(16)))
