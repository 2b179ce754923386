"""`sis emit` before anything is sent: a feed is checked whole, and a broker that is away is told plainly."""

from __future__ import annotations

import time
from pathlib import Path

import orjson
import pytest

from services.episodes.feed import LINE_LIMIT
from services.log.system import leave_word
from services.stack.ports import free_port
from tests.command_line import CommandLine, running_here

GOOD = {
    "specversion": "1.0",
    "id": "e8c6b2ab-51b8-5f6c-9d3c-0d2f6a5d7b01",
    "source": "/kmpt/maidstone-cmht",
    "type": "kmpt.episodes.v1.PersonDied",
    "subject": "0d1b6c0e-4f0e-5c6e-9d4b-0c5f5d0b7a11",
    "time": "2012-07-02T09:30:00+01:00",
    "data": {"on": "2012-07-02"},
}
LINE = orjson.dumps(GOOD)


def without(name: str) -> bytes:
    """The good event without one of its members."""
    return orjson.dumps({key: value for key, value in GOOD.items() if key != name})


BAD_LINES = {
    "not JSON": b"registered Ada today",
    "not an object": b"[1, 2]",
    "NaN": LINE.replace(b'"2012-07-02"', b"NaN"),
    "not UTF-8": LINE.replace(b"maidstone", b"maid\xffstone"),
    "cut short": LINE[:-9],
    "two events": LINE + LINE,
    "huge": LINE.replace(b"2012-07-02", b"2" * LINE_LIMIT),
    "nested too deep": LINE.replace(b'"2012-07-02"', b"[" * 32 + b"]" * 32),
    "nested so deep that no stack is large enough": LINE.replace(b'"2012-07-02"', b"[" * 900 + b"]" * 900),
    "a number as id": LINE.replace(b'"e8c6b2ab-51b8-5f6c-9d3c-0d2f6a5d7b01"', b"7"),
    **{f"no {name}": without(name) for name in GOOD},
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
@pytest.mark.parametrize("standard_input", [True, False])
def test_a_line_that_is_no_event_is_named(
    command: CommandLine, bad: bytes, standard_input: bool, tmp_path: Path
) -> None:
    """Ruling 4: a line that is no event ends with 2 before anything is sent, naming the line, never what it says."""
    feed = b"\n".join([LINE, b"", LINE, bad, LINE])
    (tmp_path / "feed.ndjson").write_bytes(feed)

    answer = command("emit", "-" if standard_input else str(tmp_path / "feed.ndjson"), stdin=feed)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("sis: line 4 ")
    assert answer.err.endswith("nothing was sent\n")
    assert "2012" not in answer.err


@pytest.mark.parametrize("path", ["nowhere.ndjson", "."])
def test_a_feed_that_cannot_be_read_is_named(command: CommandLine, path: str) -> None:
    """A feed that is not there, or is a folder, ends with 2 and says so."""
    answer = command("emit", path)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sis: {path} cannot be read: ")


def test_a_good_feed_without_a_system_is_to_be_tried_again(command: CommandLine, tmp_path: Path) -> None:
    """Where nothing runs a good feed ends with 75 and the words that start a system; nothing is lost."""
    (tmp_path / "feed.ndjson").write_bytes(LINE)
    answer = command("emit", str(tmp_path / "feed.ndjson"))

    assert (answer.code, answer.out) == (75, "")
    assert f"sis --data {command.data} up" in answer.err


@pytest.mark.parametrize(("options", "warned"), [((), True), (("--paced",), False)])
@pytest.mark.parametrize("of_handovers", [True, False])
def test_days_that_would_overtake_a_handover_are_warned_of(
    command: CommandLine, options: tuple[str, ...], warned: bool, of_handovers: bool
) -> None:
    """Design §4: a feed in which handovers play a part needs --paced, and `sis emit` says so before it sends."""
    command.data.mkdir()
    leave_word(command.data, running_here(f"127.0.0.1:{free_port()}"))
    wave = orjson.dumps({**GOOD, "type": "kmpt.handover.v1.WavePlanned", "subject": "WEST_KENT"})

    answer = command("emit", "-", *options, stdin=b"\n".join([LINE, wave if of_handovers else LINE]))

    assert ("with --paced" in answer.err) == (warned and of_handovers)


@pytest.mark.parametrize(
    "arguments", [["emit", "-"], ["status"], ["topics", "plan"], ["topics", "apply"], ["view", "rebuild"]], ids=" ".join
)
def test_a_broker_that_is_away_is_told_within_seconds(command: CommandLine, arguments: list[str]) -> None:
    """With its broker away a command ends with 75 in one plain line, in a short time."""
    command.data.mkdir()
    leave_word(command.data, running_here(f"127.0.0.1:{free_port()}"))
    began = time.monotonic()

    answer = command(*arguments, stdin=LINE)

    assert (answer.code, answer.out) == (75, "")
    assert answer.err.startswith("sis: ")
    assert "broker" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert time.monotonic() - began < 10
