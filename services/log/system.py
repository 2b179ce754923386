"""Where a running system is found: the file `stack.json` in its data folder, written by the stack, read by all.

Knows one small file, and whether the process that left it still runs. Must never know a broker.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import psutil

from services.log.connection import Address, address_of

FILE = "stack.json"
_SAME_MOMENT = 120.0
"""Seconds by which two readings of one process's start may differ: they are reckoned from a clock that may be set."""


class NotRunning(Exception):
    """No system runs on this data folder."""


@dataclass(frozen=True, slots=True)
class Running:
    """A system as the stack left word of it. `services` are names and process ids; `ready`: everything answers.

    `began` is when process `pid` was started, in seconds since 1970: a number alone is soon another process's.
    """

    bootstrap: str
    calendar: Literal["feed", "clock"]
    partitions: int
    pid: int
    began: float
    services: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    keys: str | None = None
    """Folder of passwords and of the broker's certificate; None where nothing is secured."""

    def address(self, principal: str = "stack") -> Address:
        """Where this principal reaches the broker."""
        return address_of(self.bootstrap, principal, Path(self.keys) if self.keys else None)


def leave_word(data: Path, running: Running) -> None:
    """Write where the system is, whole or not at all."""
    beside = data / f".{FILE}.new"
    beside.write_text(json.dumps(asdict(running), indent=1) + "\n", "utf-8")
    beside.replace(data / FILE)


def find(data: Path) -> Running:
    """The system that runs on a data folder. Raises `NotRunning`."""
    try:
        running = Running(**json.loads((data / FILE).read_text("utf-8")))
    except FileNotFoundError:
        raise NotRunning(f"no system runs on {data}; start one: sis --data {data} up --detach") from None
    if not runs(running):
        raise NotRunning(f"the system on {data} is not running; start it: sis --data {data} up --detach")
    return running


def began(pid: int) -> float:
    """When a process was started, in seconds since 1970; 0 if there is none of this number."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def runs(running: Running) -> bool:
    """Whether the process that left this word still runs."""
    return abs(began(running.pid) - running.began) < _SAME_MOMENT
