"""Runs a piece of work under cProfile and sorts its time by kind of work, by the module that spent it.

Knows which module does which kind of work. Profiling slows small functions most: read the shares as roughly right.
"""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.figures import Profile

_Function = tuple[str, int, str]

_WAITS = ("select.epoll", "time.sleep", "acquire", "select.poll")
_KINDS = (
    ("Avro", ("fastavro", "services/log/codec", "services/log/schemas")),
    ("shapes", ("pydantic", "services/words", "services/log/shape", "services/log/judging")),
    ("SQL", ("sqlalchemy", "sqlite3", "services/episodes/view", "services/vault/store")),
    (
        "keys and seals",
        (
            *("cryptography", "rfc8785", "services/vault"),
            *("services/log/sealing", "services/log/opening", "services/log/packing", "services/handover/packs"),
        ),
    ),
    ("hashes", ("hashlib", "hmac", "services/log/chain", "services/log/digest", "services/log/canonical")),
    ("rules", ("services/episodes", "services/handover", "services/county", "immutables", "dataclasses")),
    ("client", ("aiokafka", "kafka", "asyncio", "selectors", "socket", "faust", "mode", "services/log/kafka")),
    ("engine", ("services/log",)),
)


def profiled(name: str, work: Callable[[], Any]) -> Profile:
    """The shares of a piece of work in one thread."""
    profile = cProfile.Profile()
    profile.runcall(work)
    seconds: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]  # typeshed leaves it out
        if function[0] != "~" or _waits(function) or not callers:
            seconds[_kind(function)] += own
            continue
        for caller, (_, _, part, _) in callers.items():  # what is built in is its caller's work
            seconds[_kind(caller)] += part
    total = sum(seconds.values())
    return Profile(name, {kind: spent / total for kind, spent in seconds.most_common()})


def _waits(function: _Function) -> bool:
    return any(wait in function[2] for wait in _WAITS)


def _kind(function: _Function) -> str:
    if _waits(function):
        return "waiting for the broker"
    for kind, places in _KINDS:
        if any(f"/{place}" in function[0] for place in places):
            return kind
    return "else"
