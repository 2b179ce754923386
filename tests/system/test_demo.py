"""`sis demo` on a small county, and the commands that it ends with: each is typed as it stands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Answer, run

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """What a demo that was left running has said."""
    data = tmp_path_factory.mktemp("demo") / "county"
    yield run("demo", "--keep", "--people", "120", "--data", str(data))
    run("--data", str(data), "down")


def test_the_demo_shows_a_year(played: Answer) -> None:
    """Everything that a newcomer is to see is there, and nothing was lost or invented."""
    assert played.code == 0, played.err
    shown = (
        *("Caseload by team and phase", "Over 6 weeks without a review", "Handovers by provider and state"),
        *(
            "Refusals by code",
            "Nothing lost, nothing invented",
            "One history in words",
            "As of 2012-09-30",
            "Proof",
            "What to type next",
        ),
    )
    for heading in shown:
        assert heading in played.out
    assert played.out.count("  holds") == 2
    assert "\nno finding\n" in played.out
    assert "\nnobody's long-term support is in house any more\n" in played.out, "R25: it falls to zero"
    assert "are the live view's, field by field" in played.out


def test_what_to_type_next_works_as_it_stands(played: Answer) -> None:
    """Each command that the demo ends with does what it says, the last one stops the system."""
    lines = played.out.partition("What to type next\n")[2].splitlines()[1:]
    commands = [shlex.split(line)[1:] for line in lines]
    verbs = [command[2] for command in commands]
    views = ["caseload", "episode", "handover", "audit", "handover", "wave", "contracts", "refused"]
    assert verbs == ["status", *views, "audit", "audit", "down"]
    for command in commands:
        answer = run(*command, cwd=Path.cwd())
        assert answer.code == 0, answer.err
        assert answer.out.strip()
