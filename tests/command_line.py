"""The command line as a test types it: in this process, or as a process of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli.ending import main
from services.log.system import Running, began

SIS = [sys.executable, "-m", "services.cli"]
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, as a program reads it."""
        return json.loads(self.out)


class CommandLine:
    """The command line on one data folder, in this process."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run one command line about the data folder."""
        return self.as_typed("--data", str(self.data), *arguments, stdin=stdin)

    def as_typed(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run one command line as it stands."""
        self._monkeypatch.setattr(sys, "argv", ["sis", *arguments])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._capsys.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)


def running_here(bootstrap: str) -> Running:
    """A system that says it runs, and does: as this process."""
    return Running(bootstrap, "feed", 4, os.getpid(), began(os.getpid()), ready=True)


def run_here(*arguments: str) -> Answer:
    """Run one command line in this process, which saves the second or two that a start takes; not in an event loop."""
    typed, sys.argv = sys.argv, ["sis", *arguments]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            sys.argv = typed
    return Answer(code, out.getvalue(), err.getvalue())


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process of its own, with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if name == "SIS_CACHE" or not name.startswith("SIS_")}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


def run(*arguments: str, stdin: str = "", settings: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Answer:
    """Run one command line as a process of its own, its output in pipes."""
    done = subprocess.run(
        [*SIS, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(**(settings or {})),
        cwd=cwd,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
