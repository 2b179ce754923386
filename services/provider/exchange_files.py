"""How one message lies in a folder: `<id>.json`, and `<id>.ctl` that says how long it is and what its hash is.

The control file is written last, so a message without one, or one that does not fit it, is on its way and is not read.
Knows names, lengths and hashes. Must never know what a message says; names carry no identity.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from services.provider.whole_files import write_whole
from services.words.topics import VALUE_LIMIT

BODY, CONTROL, TAKEN = ".json", ".ctl", ".ack"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,199}")
_LARGEST = 2 * VALUE_LIMIT
"""Bytes; a file of the largest message, in base64, is smaller."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message that lies whole in a folder: its id, the bytes of it, and what its control file says beside."""

    id: str
    content: bytes
    control: Mapping[str, Any]


def put(folder: Path, id: str, event: Mapping[str, Any], **control: Any) -> None:
    """Put a message into a folder; it is there when its control file is. Doing it again changes nothing."""
    content = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    write_whole(folder / f"{id}{BODY}", content)
    said = {"length": len(content), "sha256": sha256(content).hexdigest(), **control}
    write_whole(folder / f"{id}{CONTROL}", orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))


def whole(folder: Path) -> Iterator[Found]:
    """Every message that lies whole in a folder, by name; what is partial is passed over."""
    for path in sorted(folder.glob(f"*{CONTROL}")):
        found = _found(folder, path.name.removesuffix(CONTROL))
        if found is not None:
            yield found


def partial(folder: Path) -> int:
    """How many messages of a folder are on their way: their body or control file lies there, and the two do not fit."""
    names = {path.stem for end in (BODY, CONTROL) for path in folder.glob(f"[!.]*{end}")}
    return sum(_found(folder, name) is None for name in names)


def remove(folder: Path, id: str) -> None:
    """Take a message out of a folder; the control file first, so that no half of it is ever read."""
    for end in (CONTROL, BODY):
        (folder / f"{id}{end}").unlink(missing_ok=True)


def move_aside(folder: Path, id: str, aside: Path, words: str) -> None:
    """Move a message that cannot be taken out of the way, with a report beside it that says why."""
    aside.mkdir(exist_ok=True)
    write_whole(aside / f"{id}.txt", f"{words}\n".encode())
    (folder / f"{id}{BODY}").replace(aside / f"{id}{BODY}")
    (folder / f"{id}{CONTROL}").unlink(missing_ok=True)


def taken(folder: Path) -> list[str]:
    """Ids of the messages that the receiver has acknowledged."""
    return sorted(path.name.removesuffix(TAKEN) for path in folder.glob(f"[!.]*{TAKEN}"))


def acknowledge(folder: Path, id: str) -> None:
    """Say that a message was taken."""
    write_whole(folder / f"{id}{TAKEN}", b"")


def _found(folder: Path, id: str) -> Found | None:
    if _ID.fullmatch(id) is None:
        return None
    control = _read(folder / f"{id}{CONTROL}")
    content = _read(folder / f"{id}{BODY}")
    if control is None or content is None:
        return None
    try:
        said = json.loads(control)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    fits = said.get("length") == len(content) and said.get("sha256") == sha256(content).hexdigest()
    return Found(id, content, said) if fits else None


def _read(path: Path) -> bytes | None:
    """The bytes of a plain file; None for what is not there, a link, no file at all, or too large to be a message."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(_LARGEST + 1)
    finally:
        os.close(descriptor)
    return content if len(content) <= _LARGEST else None
