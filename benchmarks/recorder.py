"""The recorder beside the bare loop: decided events a second, one process, one partition, exactly once.

Both run on the same broker, in turn, over the same number of records; the recorder with all of its rules, headers,
chain, seals, emitters' signatures and the vault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground, ground
from benchmarks.mix import Mix
from benchmarks.owner import Owner, alarm, timed
from benchmarks.peers.loop import INBOX, LEDGER, Loop, inputs
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.episodes.recorder import recorder_rules
from services.episodes.recording import County
from services.log.desk import Desk
from services.log.engine import MOST_IN_A_TURN
from services.log.kafka_admin import apply
from services.vault.emitter_keys import EmitterKeys
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words.topics import EPISODES

_DOORS = ("ticker", "stack", "redrive", "outcomes", "guardian")
_TARGET = 15_000
_TARGET_RATIO = 0.4


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Events a second of both, and the ratio of each repetition."""
    number, mix = size.of(100_000, 10_000), Mix(size.of(10_000, 1_000))
    with ground(1) as here, asyncio.Runner() as runner:
        apply(here.bootstrap, (INBOX, LEDGER))
        owner = _owner(here)
        runner.run(owner.start())
        here.emit(mix.opening())
        runner.run(owner.decide_all())
        loop = Loop(here.bootstrap, MOST_IN_A_TURN)
        runner.run(loop.start())
        ours, theirs = [], []
        for _ in range(size.repetitions):
            here.emit(mix.events(number))
            here.send(inputs(number))
            ours.append(timed(runner, owner.decide, number))
            theirs.append(timed(runner, loop.decide, number))
        yield Figure("recorder", "events/s", tuple(took.rate for took in ours), _TARGET)
        yield Figure("bare loop", "events/s", tuple(took.rate for took in theirs))
        pairs = list(zip(ours, theirs, strict=True))
        ratio = Figure("recorder / bare loop", "ratio", tuple(a.rate / b.rate for a, b in pairs), _TARGET_RATIO)
        yield ratio
        yield Figure("recorder, processor time", "us/event", tuple(took.microseconds for took in ours))
        yield Figure("bare loop, processor time", "us/event", tuple(took.microseconds for took in theirs))
        if size.profile or ratio.missed:
            here.emit(mix.events(number))
            yield profiled("recorder", lambda: runner.run(owner.decide(number)))
        owner.must_have_recorded()
        runner.run(loop.close())
        runner.run(owner.close())


def _owner(here: Ground) -> Owner[County]:
    """The recorder's engine on the one partition."""
    doors = {door: door_keys(here.data, door) for door in _DOORS}
    desk = Desk(recorder_rules(synthetic=True), 1, doors, alarm, EmitterKeys(here.data, strict=True))
    return Owner(here, EPISODES, desk, Vault(here.data))
