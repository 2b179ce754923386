"""Every command in the documentation is run as it stands there, and must print what stands there.

In a block fenced as ```console a line that begins with "$ " is typed; what follows, up to the next, is what it prints:
standard output, then standard error. A line of "..." stands for any lines, "..." in a line for any text. The blocks of
one page are run in order in one folder of its own, which has the repository's `tests` and `tools` in it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.log.system import NotRunning, find
from tests.command_line import ROOT, environment, run

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if page.is_file()]


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as a page shows it, and what the page says that it prints."""

    typed: str
    printed: tuple[str, ...]

    def agrees(self, output: str) -> bool:
        """Whether an output is what the page shows."""
        pattern = "".join(_pattern(line) for line in self.printed)
        return re.fullmatch(pattern, output if output.endswith("\n") or not output else f"{output}\n") is not None


def commands_in(text: str) -> Iterator[Shown]:
    """The commands of a page, in order."""
    for block in BLOCK.finditer(text):
        lines = block[1].splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        assert starts[:1] == [0], "a console block begins with a command"
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            yield Shown(lines[start][2:], tuple(lines[start + 1 : end]))


RUN = [page for page in PAGES if BLOCK.search(page.read_text("utf-8"))]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder as of a fresh clone, with `sis` and `python` on the path; what a page left running is stopped."""
    for name in ("tests", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "bin").mkdir()
    for name, arguments in (("sis", "-m services.cli"), ("python", "")):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        program.chmod(0o755)
    yield tmp_path
    try:
        find(tmp_path / "data")
    except NotRunning:
        return
    assert run("--data", "data", "down", cwd=tmp_path).code == 0


@pytest.mark.kafka
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_a_page_shows_what_its_commands_print(page: Path, folder: Path) -> None:
    """Whoever follows a page from its first line to its last sees what the page shows."""
    kept = environment()
    typed = {**kept, "PATH": f"{folder / 'bin'}:{kept['PATH']}"}
    for shown in commands_in(page.read_text("utf-8")):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", shown.typed],
            capture_output=True,
            text=True,
            env=typed,
            cwd=folder,
            check=False,
        )

        assert shown.agrees(done.stdout + done.stderr), f"$ {shown.typed}\n{done.stdout}{done.stderr}"
        assert done.returncode in (0, 1), f"{shown.typed} ended with {done.returncode}"


def test_the_first_steps_are_run() -> None:
    """The pages for newcomers, providers, auditors and operators are among those that are run."""
    assert {ROOT / "docs" / f"{page}.md" for page in ("first-steps", "providers", "auditors", "access")} <= set(RUN)


@pytest.mark.parametrize(
    ("printed", "output", "agrees"),
    [
        ([], "", True),
        ([], "something\n", False),
        (["one"], "one\n", True),
        (["one"], "one", True),
        (["one"], "one\ntwo\n", False),
        (["one", "..."], "one\n", True),
        (["one", "..."], "one\ntwo\nthree\n", True),
        (["one", "...", "three"], "one\nthree\n", True),
        (["one", "...", "three"], "one\ntwo\n", False),
        (["on ...:9092, ready"], "on 127.0.0.1:9092, ready\n", True),
        (["on ...:9092, ready"], "on 127.0.0.1:9093, ready\n", False),
        (["a (b) [c]*"], "a (b) [c]*\n", True),
        (["", "after a gap"], "\nafter a gap\n", True),
    ],
)
def test_only_what_is_shown_agrees(printed: list[str], output: str, agrees: bool) -> None:
    """An output agrees if every line is there in order, but for what "..." stands for."""
    assert Shown("anything", tuple(printed)).agrees(output) == agrees


def test_blocks_are_cut_into_commands() -> None:
    """A block holds one command or several; other fences are not run."""
    page = "Text\n```console\n$ one\n1\n$ two\n```\n\n```\n$ not run\n```\n```console\n$ three\n3\n3\n```\n"

    assert list(commands_in(page)) == [Shown("one", ("1",)), Shown("two", ()), Shown("three", ("3", "3"))]


def _pattern(line: str) -> str:
    if line == "...":
        return r"(?:.*\n)*?"
    return ".*?".join(re.escape(part) for part in line.split("...")) + r"\n"
