"""Emitting: events a second from a feed into the inboxes, as `sis emit` sends one, and word by word through `Emitter`.

A feed's time is that of checking it whole, then reading, sealing and sending it until all of it is kept.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground, ground
from benchmarks.mix import Event, Mix
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.episodes.emitter import Emitter
from services.episodes.feed import Feed
from services.episodes.intake import Intake, Post
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.words.catalogue import TEAM_WORDS
from services.words.people import TeamWord

_PARTITIONS = 4
_PEOPLE = 1_000
_TARGET = 12_000
_TARGET_EMITTER = 6_000

_Said = tuple[TeamWord, str, str, datetime]
"""A word, its event's id, its subject and when it happened."""


def measure(size: Size) -> Iterator[Figure | Profile]:
    """The rates of both ways, which send the same mix to four partitions."""
    mix = Mix(_PEOPLE)
    list(mix.opening())  # nobody decides here, so nobody has to be opened in the log
    events, words = size.of(100_000, 10_000), [_said(event) for event in mix.events(size.of(20_000, 4_000))]
    with ground(_PARTITIONS) as here, tempfile.TemporaryDirectory(prefix="sis-bench-") as folder:
        feed = Path(folder) / "feed.ndjson"
        _write(feed, mix.events(events))
        rates = tuple(events / _fed(here, feed) for _ in range(size.repetitions))
        feeds = Figure("sis emit", "events/s", rates, _TARGET)
        yield feeds
        rates = tuple(len(words) / _emitted(here.bootstrap, words) for _ in range(size.repetitions))
        emitter = Figure("Emitter", "events/s", rates, _TARGET_EMITTER)
        yield emitter
        if size.profile or feeds.missed:
            yield profiled("sis emit", lambda: _fed(here, feed))
        if size.profile or emitter.missed:
            yield profiled("Emitter, without its sending thread", lambda: _emitted(here.bootstrap, words))


def _fed(here: Ground, path: Path) -> float:
    """Seconds of one feed."""
    post = here.post()
    began = perf_counter()
    feed = Feed.open(path)
    feed.check()
    asyncio.run(_intake(here.bootstrap, post, feed))
    feed.close()
    return perf_counter() - began


async def _intake(bootstrap: str, post: Post, feed: Feed) -> None:
    sender = BatchSender(bootstrap)
    await sender.start()
    async with KafkaReader(bootstrap, {}) as reader:
        intake = Intake(sender, reader, post)
        await intake.emit(feed, lambda _: False, lambda: None, lambda _: None)
    await sender.close()


def _emitted(bootstrap: str, words: Sequence[_Said]) -> float:
    """Seconds of an emitter that is open, until everything has arrived."""
    with Emitter(bootstrap, source="/kmpt/maidstone-cmht") as team:
        began = perf_counter()
        for word, event_id, subject, time in words:
            team.emit(word, id=event_id, subject=subject, time=time)
        team.flush()
        return perf_counter() - began


def _said(event: Event) -> _Said:
    word = TEAM_WORDS[event["type"]].model_validate(event["data"])
    assert isinstance(word, TeamWord)
    return word, event["id"], event["subject"], datetime.fromisoformat(event["time"])


def _write(path: Path, events: Iterable[Event]) -> None:
    with path.open("wb") as lines:
        lines.writelines(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in events)
