"""`sis simulate` writes the feed of a synthetic county."""

from datetime import date
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from services.cli.simulate import simulate
from services.simulator.feed import write_feed

COUNTY = ["--people", "12", "--from", "2012-09-20", "--to", "2012-10-10", "--seed", "8"]


@pytest.fixture
def command() -> typer.Typer:
    """The command by itself."""
    app = typer.Typer()
    app.command()(simulate)
    return app


def test_it_writes_one_event_a_line(command: typer.Typer, tmp_path: Path) -> None:
    """The file holds the feed, an event a line; standard output stays empty and progress goes to standard error."""
    out = tmp_path / "feed.ndjson"
    result = CliRunner().invoke(command, [*COUNTY, "--out", str(out)])
    events = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert result.exit_code == 0
    assert events == list(write_feed(12, date(2012, 9, 20), date(2012, 10, 10), 8))
    assert result.stdout == ""
    assert result.stderr == f"2012-10 …\n{len(events)} events written.\n"


def test_without_a_file_it_writes_to_standard_output(command: typer.Typer, tmp_path: Path) -> None:
    """The same lines go to standard output, ready for a pipe."""
    out = tmp_path / "feed.ndjson"
    CliRunner().invoke(command, [*COUNTY, "--out", str(out)])
    assert CliRunner().invoke(command, COUNTY).stdout_bytes == out.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--people", "0"], "--people"),
        (["--from", "2013-01-01", "--to", "2012-12-31"], "--to"),
        (["--from", "20120801"], "--from"),
        (["--from", "2012-02-30"], "--from"),
        (["--out", "/nowhere/at/all"], "--out"),
    ],
)
def test_wrong_use_is_told_plainly(command: typer.Typer, arguments: list[str], said: str) -> None:
    """Nobody to invent, days that run backwards, or a place where nothing can be written: exit code 2, and why."""
    result = CliRunner().invoke(command, [*COUNTY, *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
