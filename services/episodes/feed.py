"""A feed: one CloudEvents JSON object a line, checked whole before anything of it is sent (ruling 4).

Knows what a line must have. Judges nothing else: that is the recorder's.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

import orjson

from services.log.sealing import DEEPEST, is_deep
from services.words.calendar import DayBegan

LINE_LIMIT = 1024 * 1024
"""Largest line, in bytes; anything an inbox could read is far smaller."""
HANDOVER_PREFIX = "kmpt.handover."
"""What the types begin with that are for the handover inbox alone (design §4)."""
_TEXTS = ("specversion", "id", "source", "type", "time")


class FeedBroken(Exception):
    """A line of a feed is not an event; the text names the line and what is wrong with it."""


class Feed:
    """The events of a file or stream, which can be read more than once."""

    def __init__(self, lines: BinaryIO) -> None:
        self._lines = lines
        self.events = 0
        self.of_handovers = False
        """Whether any event is for the handover inbox; known once the feed was checked, as is their number."""

    @classmethod
    def open(cls, path: Path) -> Feed:
        """The feed in a file."""
        return cls(path.open("rb"))

    @classmethod
    def spooled(cls, stream: IO[bytes]) -> Feed:
        """The feed of a stream that can be read only once, kept in a temporary file for as long as it is needed."""
        lines = tempfile.SpooledTemporaryFile(max_size=64 * LINE_LIMIT)  # noqa: SIM115  # closed with the feed
        shutil.copyfileobj(stream, lines)
        return cls(lines)  # type: ignore[arg-type]  # it has all of a binary file that is used here

    def check(self) -> int:
        """Check every line and return how many events there are. Raises `FeedBroken`."""
        for event in self:
            self.events += 1
            self.of_handovers |= event["type"].startswith(HANDOVER_PREFIX)
        return self.events

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The events in the order of the lines; empty lines are passed over. Raises `FeedBroken`."""
        self._lines.seek(0)
        for number, line in enumerate(self._lines, start=1):
            if not line.isspace():
                yield _event(number, line)

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()


def _event(number: int, line: bytes) -> dict[str, Any]:
    if len(line) > LINE_LIMIT:
        raise FeedBroken(f"line {number} is longer than {LINE_LIMIT // 1024} KiB; nothing was sent")
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise FeedBroken(f"line {number} is not JSON; nothing was sent") from None
    if type(event) is not dict:
        raise FeedBroken(f"line {number} is not a JSON object; nothing was sent")
    for name in (*_TEXTS, "subject"):
        if type(event.get(name)) is not str and not (name == "subject" and _says_to_all(event)):
            raise FeedBroken(f"line {number} has no {name}, or it is not text; nothing was sent")
    if "data" not in event:
        raise FeedBroken(f"line {number} has no data; nothing was sent")
    if is_deep(line, event["data"]):
        raise FeedBroken(f"line {number} is nested more than {DEEPEST} deep; nothing was sent")
    return event


def _says_to_all(event: dict[str, Any]) -> bool:
    return event.get("type") == DayBegan.TYPE and event.get("subject") is None
