"""Latency: from the instant at which an event was to be sent until it can be seen in the view.

Open loop: events are due at a steady rate whatever becomes of the ones before, and each is timed from when it was due,
so a system that stalls is charged for everybody who would have had to wait (no coordinated omission).
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from threading import Event as Over
from time import perf_counter, sleep

import orjson

from benchmarks.beside import beside
from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground
from benchmarks.mix import Event, Mix
from benchmarks.size import Size
from benchmarks.system import running
from services.episodes.emitter import Emitter
from services.episodes.view_folder import ViewFolder
from services.words.topics import EPISODES_LEDGER
from services.words.work import ContactRecorded

_A_SECOND = 100
_PEOPLE = 500
_TARGET_MS = 150
_LOOK_EVERY = 0.005
_BEFORE = 3.0
"""Seconds of the same load that do not count: first contacts make first things."""
_WITHIN = 60.0
"""Seconds after the last event in which all of them must have been seen."""
_NEW = "select offset, data from timeline where topic = ? and partition = ? and offset > ?"


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Median and 99th percentile, of each of as many stretches of the run as others have repetitions.

    Then the same while the whole inbox is decided again, over and over, as auditors do.
    """
    counted = size.of(60, 10) * _A_SECOND
    before, mix = int(_BEFORE * _A_SECOND), Mix(_PEOPLE)
    with tempfile.TemporaryDirectory(prefix="sis-bench-") as folder, running(Path(folder)) as system:
        Ground(Path(folder), system.bootstrap).emit(mix.opening())
        view = ViewFolder(Path(folder) / "view").current().removeprefix("sqlite:///")
        watch = _Watch(view, system.partitions)
        watch.until_folded(4 * _PEOPLE)
        alone = _waits(system.bootstrap, watch, list(mix.contacts(before + counted)))[before:]
        more = size.of(100_000, 20_000)
        Ground(Path(folder), system.bootstrap).emit(mix.events(more))
        watch.until_folded(more * 9 // 10)
        sleep(_BEFORE)
        with _audited(Path(folder)):
            beside = _waits(system.bootstrap, watch, list(mix.contacts(before + counted)))[before:]
    stretch = counted // size.repetitions
    stretches = [alone[start : start + stretch] for start in range(0, counted, stretch)]
    name = f"latency at {_A_SECOND} events/s"
    yield Figure(f"{name}, median", "ms", tuple(map(median, stretches)), _TARGET_MS, at_most=True)
    last = tuple(_last(each) for each in stretches)
    yield Figure(f"{name}, 99th percentile", "ms", last)
    replayed = tuple(_last(beside[start : start + stretch]) for start in range(0, counted, stretch))
    yield Figure("the same while all is recomputed", "ms", replayed, 2 * median(last), at_most=True)


def _last(waits: Sequence[float]) -> float:
    """The 99th percentile."""
    return quantiles(waits, n=100)[98]


def _waits(bootstrap: str, watch: _Watch, contacts: Sequence[Event]) -> list[float]:
    """Milliseconds from when each contact was due until it was seen."""
    wanted = {event["data"]["contact_id"] for event in contacts}
    with beside(lambda over: watch.until_seen(wanted, over)) as watching:
        due = _send(bootstrap, contacts)
        seen = watching.result()
    return [1000 * (seen[contact] - at) for contact, at in due.items()]


@contextmanager
def _audited(data: Path) -> Iterator[None]:
    """While it lasts the whole inbox is decided again, and again from its beginning when it is through."""
    command = f"while true; do '{sys.executable}' -m services.cli --data '{data}' audit recompute; done"
    auditor = subprocess.Popen(["/bin/sh", "-c", command], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        sleep(_BEFORE)
        yield
        if auditor.poll() is not None:
            raise AssertionError("nothing was recomputed meanwhile")
    finally:
        os.killpg(auditor.pid, signal.SIGKILL)
        auditor.wait()


def _send(bootstrap: str, contacts: Sequence[Event]) -> dict[str, float]:
    """Send each contact when it is due, or at once if that has passed; when each contact was due."""
    due = {}
    with Emitter(bootstrap, source="/kmpt/maidstone-cmht") as team:
        began = perf_counter() + 0.1
        for number, event in enumerate(contacts):
            at = began + number / _A_SECOND
            sleep(max(0.0, at - perf_counter()))
            word = ContactRecorded.model_validate(event["data"])
            due[word.contact_id] = at
            team.emit(word, id=event["id"], subject=event["subject"], time=datetime.fromisoformat(event["time"]))
    return due


class _Watch:
    """Looks into the view for what is new, as any reader of it would."""

    def __init__(self, path: str, partitions: int) -> None:
        self._path = path
        self._next = dict.fromkeys(range(partitions), -1)

    def until_folded(self, facts: int) -> None:
        """Wait until so many facts have been seen."""
        deadline, seen = perf_counter() + _WITHIN, 0
        with closing(sqlite3.connect(self._path)) as view:
            while seen < facts:
                seen += len(self._look(view))
                if perf_counter() > deadline:
                    raise AssertionError(f"the view has only {seen} of {facts} facts")
                sleep(_LOOK_EVERY)

    def until_seen(self, contacts: set[str], over: Over) -> dict[str, float]:
        """When each of these contacts was seen first; it ends early once it is `over`."""
        seen: dict[str, float] = {}
        last_new = perf_counter()
        with closing(sqlite3.connect(self._path)) as view:
            while not over.is_set() and len(seen) < len(contacts):
                found = self._look(view)
                now = perf_counter()
                seen.update((contact, now) for contact in found if contact in contacts)
                last_new = now if found else last_new
                if now - last_new > _WITHIN:
                    raise AssertionError(f"{len(contacts) - len(seen)} of {len(contacts)} contacts were never seen")
                sleep(_LOOK_EVERY)
        return seen

    def _look(self, view: sqlite3.Connection) -> list[str]:
        """The contacts, or other words' empty ids, of all that is new."""
        found = []
        for partition, last in self._next.items():
            for offset, data in view.execute(_NEW, (EPISODES_LEDGER, partition, last)):
                self._next[partition] = max(self._next[partition], offset)
                found.append(orjson.loads(data).get("contact_id", ""))
        return found
