"""`sis provider ID sandbox`: what it prints and how it ends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import run_here

REFERENCE = f"{sys.executable} -m services.provider.reference --settings {{settings}}"


@pytest.mark.kafka
def test_by_kafka_the_reference_program_bears_all_twelve(tmp_path: Path) -> None:
    """On a broker of the run's own; a line each, their sum, and the program's logs in the folder that was named."""
    answer = run_here("provider", "oak", "sandbox", "--run", REFERENCE, "--folder", str(tmp_path / "run"))

    lines = answer.out.splitlines()
    assert (answer.code, lines[-1]) == (0, "12 of 12 passed")
    assert all(line.startswith(f"PASS  {number:>2} ") for number, line in enumerate(lines[:-1], start=1))
    assert len(list((tmp_path / "run" / "providers").glob("oak-*/program.log"))) == 12


def test_a_program_that_fails_is_a_finding() -> None:
    """Exit code 1, and under each line what to mend; with --json as rows for programs."""
    plain = run_here("provider", "oak", "sandbox", "--files", "--run", "true")
    rows = run_here("provider", "oak", "sandbox", "--files", "--run", "true", "--json")

    first = "FAIL   1 late offer: it did not accept the offer (the program ended; "
    assert plain.code == rows.code == 1
    assert plain.out.splitlines()[0].startswith(first)
    assert plain.out.splitlines()[1].startswith("         Go on with a case only when its pack has come")
    assert plain.out.splitlines()[-1] == "0 of 12 passed"
    assert {tuple(row) for row in rows.json()} == {("number", "behaviour", "passed", "seen", "mend")}
    assert len(rows.json()) == 12


def test_wrong_use_is_said_in_plain_words(tmp_path: Path) -> None:
    """A program that is not there or not named, and a folder that is none or has something in it."""
    file = tmp_path / "something"
    file.touch()

    said = {
        "no-such-program cannot be started: No such file or directory": ("no-such-program",),
        "the command names no program": ("",),
        "the command cannot be read: No closing quotation": ("'",),
        f"{tmp_path} is not empty; name a new folder": ("true", "--folder", str(tmp_path)),
        f"{file / 'run'} cannot be used: Not a directory": ("true", "--folder", str(file / "run")),
    }

    for words, typed in said.items():
        answer = run_here("provider", "oak", "sandbox", "--files", "--run", *typed)
        assert (answer.code, answer.err) == (2, f"sis: {words}\n")
