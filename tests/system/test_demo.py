"""`sis demo` on a small county, and the commands that it ends with: each is typed as it stands."""

from __future__ import annotations

import re
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


def test_the_demo_shows_the_transfer(played: Answer) -> None:
    """Waves balance, in-house long-term support only falls, to zero; one provider refuses, another is silent."""
    offers = _table(played.out, "Offers by provider and what became of them")
    assert int(offers["ragstone-recovery"]["declined"]) > 0
    assert int(offers["saltings-care"]["not answered"]) > 0
    months = [int(row["total"]) for row in _table(played.out, "In-house CSS at the end of each month").values()]
    assert months == sorted(months, reverse=True)
    assert (months[0] > 0, months[-1]) == (True, 0)
    waves = played.out.partition("Waves of transfer")[2].partition("\n\n")[0].splitlines()[3:]
    assert waves
    for wave in waves:
        cases, *fates = map(int, wave.split()[2:])
        assert cases == sum(fates)


def _table(out: str, heading: str) -> dict[str, dict[str, str]]:
    """A table of the demo: its rows by their first column; columns are two blanks apart at least."""
    lines = out.partition(f"\n{heading}\n")[2].partition("\n\n")[0].splitlines()[1:]
    names = re.split(r"  +", lines[0])
    rows = [re.split(r"  +", line) for line in lines[1:] if "  " in line]
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


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
