"""Where a running system is found: the file `stack.json` in its data folder, written by the stack, read by all.

Knows one small file. Must never know a broker or a process.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

FILE = "stack.json"


class NotRunning(Exception):
    """No system runs on this data folder."""


@dataclass(frozen=True, slots=True)
class Running:
    """A system as the stack left word of it. `services` are names and process ids; `ready`: everything answers."""

    bootstrap: str
    calendar: Literal["feed", "clock"]
    partitions: int
    pid: int
    services: dict[str, int] = field(default_factory=dict)
    ready: bool = False


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
    if not _lives(running.pid):
        raise NotRunning(f"the system on {data} is not running; start it: sis --data {data} up --detach")
    return running


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
