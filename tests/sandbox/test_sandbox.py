"""The sandbox tells which of twelve behaviours a provider's program bears, and what to mend where it does not."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from services.log.memory import MemoryLog
from services.log.memory_clients import InMemory
from services.log.memory_turns import MemoryTurns
from services.sandbox.behaviours import BEHAVIOURS
from services.sandbox.conformance import Line, Sandbox, run
from services.sandbox.program import ProgramMissing
from services.words.topics import HANDOVER

REFERENCE = f"{sys.executable} -m services.provider.reference --settings {{settings}}"
NAMES = [behaviour.name for behaviour in BEHAVIOURS]


def tried(folder: Path, command: str, names: Sequence[str] = NAMES, wait: float = 20) -> list[Line]:
    """The lines of a run of these behaviours by files, on the log in memory."""
    log = MemoryLog(clock=lambda: int(time.time() * 1000))
    turns = MemoryTurns(log, HANDOVER, 0)
    sandbox = Sandbox(folder, InMemory(log), turns, lambda: datetime.now(UTC), None)
    chosen = [behaviour for behaviour in BEHAVIOURS if behaviour.name in names]

    async def lines() -> list[Line]:
        return [line async for line in run(sandbox, "oak", command, wait, chosen)]

    return asyncio.run(lines())


def test_the_reference_program_bears_what_every_run_begins_with(tmp_path: Path) -> None:
    """A quick look: an offer that lapses while its acceptance is under way, and two offers at once."""
    lines = tried(tmp_path, REFERENCE, ["late offer", "two offers at once"])

    assert [(line.number, line.passed, line.mend) for line in lines] == [(1, True, ""), (8, True, "")]


@pytest.mark.kafka  # no broker is needed, but the time that it takes is too long for the fast tests
def test_the_reference_program_bears_all_twelve(tmp_path: Path) -> None:
    """By the file exchange; nothing is left to mend."""
    lines = tried(tmp_path, REFERENCE)

    assert [(line.behaviour, line.mend) for line in lines if not line.passed] == []
    assert [line.number for line in lines] == list(range(1, 13))


BROKEN: list[tuple[str, str, str]] = [
    (
        "it goes on when it has accepted, and waits for no pack",
        """
        class Broken(Reference):
            def answers(self, message, over):
                yield from super().answers(message, over)
                if isinstance(message.word, messages.Offer):
                    yield replies.BookFirstVisit(handover_id=message.word.handover_id, on=message.word.respond_by)
        """,
        (
            "late offer, withdrawal between offer and answer, pack that does not open, acceptance answered not taken, "
            "suspension"
        ),
    ),
    (
        "each reply has a fresh id",
        """
        from uuid import uuid4
        import services.provider.exchange_folder as folder
        folder.reply_id = lambda message, reply: str(uuid4())
        Broken = Reference
        """,
        "repeat of an offer",
    ),
    (
        "it forgets what came while it was away",
        """
        class Broken(Reference):
            def __init__(self, provider_id, private_key):
                super().__init__(provider_id, private_key)
                mark = Path(__file__).with_name(provider_id)
                self.came_before = mark.exists()
                mark.touch()
            async def look(self, connection):
                if self.came_before:
                    for message in await connection.messages():
                        connection.handled(message)
                self.came_before = False
                await super().look(connection)
        """,
        "restart in the middle",
    ),
    (
        "it takes no field that it does not know",
        """
        import services.provider.exchange_folder as folder
        from services.provider.reading import message_in
        def strict(event, order):
            if "greeting" in event.get("data", {}):
                raise ValueError("a field too many")
            return message_in(event, order)
        folder.message_in = strict
        Broken = Reference
        """,
        "unknown fields in a message",
    ),
    (
        "it ends at a type that it does not know",
        """
        class Broken(Reference):
            def answers(self, message, over):
                if isinstance(message.word, NotUnderstood):
                    raise SystemExit("what is that?")
                yield from super().answers(message, over)
        """,
        "unknown message type",
    ),
    (
        "it books a visit to somebody whom it cannot know",
        """
        class Broken(Reference):
            def answers(self, message, over):
                if isinstance(message.word, messages.Pack):
                    yield replies.BookFirstVisit(handover_id=message.word.handover_id, on=message.word.start_on)
                else:
                    yield from super().answers(message, over)
        """,
        "pack that does not open, end of support",
    ),
    (
        "it answers the newest offer only",
        """
        class Broken(Reference):
            async def look(self, connection):
                come = await connection.messages()
                for message in come:
                    if message is come[-1]:
                        for reply in self.answers(message, frozenset()):
                            await connection.answer(message, reply)
                    connection.handled(message)
        """,
        "two offers at once",
    ),
    (
        "a pack that is sent again is nothing to it",
        """
        class Broken(Reference):
            def answers(self, message, over):
                if not isinstance(message.word, messages.PackReissued):
                    yield from super().answers(message, over)
        """,
        "key change and pack sent again",
    ),
    (
        "it never says that support ended",
        """
        class Broken(Reference):
            def answers(self, message, over):
                if not isinstance(message.word, messages.HandoverClosed):
                    yield from super().answers(message, over)
        """,
        "end of support",
    ),
]


@pytest.mark.kafka  # no broker is needed, but the minute that it takes is too long for the fast tests
@pytest.mark.parametrize(("program", "lines"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_program_fails_the_line_that_says_so(tmp_path: Path, program: str, lines: str) -> None:
    """Each fault is seen on its own lines, with a word of what to mend, and on no line that it does not concern."""
    path = tmp_path / "program.py"
    imports = "from services.provider.reading import NotUnderstood\nfrom services.provider.reference import *\n"
    path.write_text(f"{imports}{dedent(program)}\nmain(Broken)\n", "utf-8")
    expected = lines.split(", ")
    sound = ["two offers at once"]

    found = tried(tmp_path / "run", f"{sys.executable} {path} --settings {{settings}}", [*expected, *sound], wait=8)

    assert [line.behaviour for line in found if not line.passed] == [name for name in NAMES if name in expected]
    assert all(line.mend and line.seen for line in found if not line.passed)


def test_a_program_that_says_nothing_fails_every_line(tmp_path: Path) -> None:
    """A program that ends at once is seen at once, whatever it may wait."""
    began = time.monotonic()

    found = tried(tmp_path, "true")

    assert not any(line.passed for line in found)
    assert all("the program ended" in line.seen for line in found)
    assert time.monotonic() - began < 60


def test_a_command_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    """In plain words, before anything is tried."""
    with pytest.raises(ProgramMissing, match="no-such-program cannot be started: No such file or directory"):
        tried(tmp_path, "no-such-program {settings}")
