"""From a review to the offer that it causes: how long until the provider can read it, on a whole system.

Open loop, as `latency`: each review is timed from when it was due. On its way a case crosses both engines and a door.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from statistics import median, quantiles
from threading import Event as Over
from time import perf_counter, sleep
from typing import Any

from benchmarks.beside import beside
from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground
from benchmarks.mix import TODAY, Event, Mix
from benchmarks.size import Size
from benchmarks.system import running
from services.episodes.emitter import Emitter
from services.episodes.request import handover_id_of
from services.log.errors import UnknownTopic
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.kafka_reader import KafkaReader
from services.log.settling import Settling
from services.log.system import Running
from services.simulator.provider_keys import public_key
from services.words.course import ReviewHeld
from services.words.topics import offers_topic

_A_SECOND = 50
_TARGET_MS = 200
_BEFORE = 3.0
"""Seconds of the same load that do not count."""
_WITHIN = 60.0
"""Seconds after the last review in which every offer must have come."""
_MINUTES = 1
"""Of each case, a week; there is room for 4 × 10,080 of them."""
_PROVIDERS = ("oak", "ash", "elm", "yew")
_SEED = 2012


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Median and 99th percentile: of all, and of the others while one provider reads nothing for ten minutes."""
    before, counted, stalled = int(_BEFORE * _A_SECOND), size.of(60, 10) * _A_SECOND, size.of(600, 10) * _A_SECOND
    cases = before + counted
    with tempfile.TemporaryDirectory(prefix="sis-bench-") as folder, running(Path(folder)) as system:
        ground, opening = Ground(Path(folder), system.bootstrap), list(Mix(cases + before + stalled).opening())
        ground.emit([opening[0], *_commissioned()])
        _until_connected(system.bootstrap)
        ground.emit(opening[1:])
        asyncio.run(_until_settled(system))
        episodes = [(one["subject"], one["data"]["episode_id"]) for one in opening if _begins(one)]
        name = f"review to offer at {_A_SECOND} cases/s"
        everybody = _waits(system.bootstrap, episodes[:cases], None)
        yield from _figures(name, everybody[-counted:], size.repetitions)
        without = _waits(system.bootstrap, episodes[cases:], _PROVIDERS[-1])
        others = f"{name}, one provider stalled for {stalled // _A_SECOND} s, the others'"
        yield from _figures(others, without[-stalled * 3 // 4 :], size.repetitions)


def _waits(bootstrap: str, episodes: Sequence[tuple[str, str]], stalled: str | None) -> list[float]:
    """Milliseconds until each offer could be read, in the order of the reviews; a stalled provider's are left out."""
    wanted = {handover_id_of(episode) for _, episode in episodes}
    with beside(lambda over: asyncio.run(_offered(bootstrap, wanted, stalled, over))) as watching:
        due = _review(bootstrap, episodes)
        seen = watching.result()
    return [1000 * (seen[handover] - at) for handover, at in due.items() if handover in seen]


def _figures(name: str, waits: Sequence[float], repetitions: int) -> Iterator[Figure]:
    """Of each of as many stretches of the run as others have repetitions."""
    stretch = len(waits) // repetitions
    stretches = [waits[start : start + stretch] for start in range(0, stretch * repetitions, stretch)]
    yield Figure(f"{name}, median", "ms", tuple(map(median, stretches)), _TARGET_MS, at_most=True)
    yield Figure(f"{name}, 99th percentile", "ms", tuple(quantiles(each, n=100)[98] for each in stretches))


def _begins(event: Event) -> bool:
    return bool(event["type"].endswith(".EnablementStarted"))


def _commissioned() -> Iterator[Event]:
    """Four providers, each with all the room that a contract can have."""
    for provider in _PROVIDERS:
        known = {"provider_id": provider, "name": provider, "dspt_valid_to": "2020-12-31"}
        yield _says("ProviderRegistered", provider, {**known, "public_key": public_key(_SEED, provider)})
        contract = {"contract_id": f"{provider}-1", "provider_id": provider, "lot": "WEST_KENT", "tier": 1}
        terms = {"districts": ["maidstone"], "weekly_minutes": 10_080, "pence_per_hour": 1700}
        days = {"from_on": TODAY, "to_on": "2015-09-30"}
        yield _says("ContractActivated", "WEST_KENT", {**contract, **terms, **days})


def _says(name: str, subject: str, data: dict[str, Any]) -> Event:
    head = {"specversion": "1.0", "id": f"{name}-{data['provider_id']}", "source": "/kcc/commissioning"}
    named = {"type": f"kmpt.handover.v1.{name}", "subject": subject, "time": f"{TODAY}T08:00:00+01:00"}
    return {**head, **named, "data": data}


def _until_connected(bootstrap: str) -> None:
    """Wait until every provider's topics are there."""
    deadline = perf_counter() + _WITHIN
    while True:
        try:
            asyncio.run(_look(bootstrap))
            return
        except UnknownTopic:
            if perf_counter() > deadline:
                raise
            sleep(0.2)


async def _look(bootstrap: str) -> None:
    async with _offers(bootstrap, _PROVIDERS):
        return


async def _until_settled(system: Running) -> None:
    """Wait until all that was told before is decided: reviews would stand in a queue behind it."""
    async with KafkaGroupOffsets(system.bootstrap) as offsets:
        await Settling(offsets, system.partitions).until_settled()


def _review(bootstrap: str, episodes: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Hold a review of each when it is due; when each was due, by the handover that it asks for."""
    due = {}
    with Emitter(bootstrap, source="/kmpt/maidstone-cmht") as team:
        began = perf_counter() + 0.1
        for number, (person, episode) in enumerate(episodes):
            at = began + number / _A_SECOND
            sleep(max(0.0, at - perf_counter()))
            due[handover_id_of(episode)] = at
            word = ReviewHeld(
                episode_id=episode,
                on=date.fromisoformat(TODAY),
                outcome="LONG_TERM_SUPPORT",
                weekly_minutes=_MINUTES,
                needs=["HOMELESSNESS"],
                risk="LOW",
            )
            moment = datetime.fromisoformat(f"{TODAY}T10:00:00+01:00")
            team.emit(word, id=f"review-{number}", subject=person, time=moment)
    return due


async def _offered(bootstrap: str, wanted: set[str], stalled: str | None, over: Over) -> dict[str, float]:
    """When the offer of each of these handovers could be read first; the stalled provider reads its own at the end.

    It ends early once it is `over`. Raises `AssertionError` if one is offered to nobody.
    """
    seen: dict[str, float] = {}
    ready = [provider for provider in _PROVIDERS if provider != stalled]
    last = perf_counter() + len(wanted) / _A_SECOND + _BEFORE
    async with _offers(bootstrap, ready) as reader:
        while not over.is_set() and len(seen) < len(wanted) and perf_counter() < (last if stalled else last + _WITHIN):
            for handover, at in await _read(reader):
                if handover in wanted:
                    seen.setdefault(handover, at)
    missing = wanted - seen.keys()
    if stalled:
        async with _offers(bootstrap, [stalled]) as reader:
            while not over.is_set() and missing and perf_counter() < last + _WITHIN:
                missing -= {handover for handover, _ in await _read(reader)}
    if missing:
        raise AssertionError(f"{len(missing)} of {len(wanted)} offers never came")
    return seen


def _offers(bootstrap: str, providers: Sequence[str]) -> KafkaReader:
    return KafkaReader(bootstrap, {(offers_topic(provider), 0): 0 for provider in providers})


async def _read(reader: KafkaReader) -> list[tuple[str, float]]:
    """Keys of what could be read now, and when."""
    found = (await reader.read(5000, 0.05)).values()
    now = perf_counter()
    return [((record.key or b"").decode(), now) for records in found for record in records]
