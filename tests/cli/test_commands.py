"""What holds of every command: it explains itself, stands in the reference, and keeps to plain text in a pipe."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from services.cli.app import app
from services.cli.examples import EXAMPLES
from services.cli.listed import LISTED
from services.cli.reference import commands, page
from tests.command_line import ROOT, SIS, CommandLine, environment, run

COMMANDS = list(commands())
NAMES = [name for name, _, _ in COMMANDS]
COLOUR = re.compile(r"\x1b\[[0-9;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m")


@pytest.mark.parametrize(("name", "command"), [(name, command) for name, command, _ in COMMANDS], ids=NAMES)
def test_every_command_has_a_sentence_and_an_example(name: str, command: Any) -> None:
    """Whoever asks a command for help reads a sentence, what each argument means, and an example."""
    assert command.help.splitlines()[0].endswith(".")
    assert all(parameter.help for parameter in command.params)
    assert name in EXAMPLES, f"add an example of `sis {name}` to services/cli/examples.py"
    assert command.epilog == f"Example: {EXAMPLES[name]}"


@pytest.mark.parametrize(("group", "word"), [(group, word) for group in LISTED for word in LISTED[group]], ids="-".join)
def test_a_list_says_of_a_command_what_its_own_help_begins_with(group: str, word: str) -> None:
    """A command is listed before it is imported, with the first sentence of its own help."""
    above: Any = get_command(app)
    context = typer.Context(above, resilient_parsing=True)
    if group != "sis":
        _, above, _ = above.resolve_command(context, [group])
    _, command, _ = above.resolve_command(context, [word])

    assert LISTED[group][word].sentence == command.help.partition("\n\n")[0]


def test_to_list_the_commands_imports_no_room() -> None:
    """Help answers at once: no client, database or model is imported for it."""
    heavy = {"aiokafka", "cryptography", "duckdb", "kafka", "psycopg", "pydantic", "sqlalchemy"}

    assert not _imported_by("--help") & heavy


def test_a_view_in_sqlite_needs_no_driver_of_postgresql(tmp_path: Path) -> None:
    """A command loads the driver of the database that it reads, and no client of Kafka to read it."""
    imported = _imported_by("--data", str(tmp_path), "caseload")

    assert "sqlalchemy" in imported
    assert not imported & {"aiokafka", "duckdb", "kafka", "psycopg"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_typed(name: str) -> None:
    """An example is a command line of the command it stands under, with arguments and options that it takes."""
    words = [word for word in shlex.split(EXAMPLES[name]) if not word.startswith("SIS_")]
    command: Any = get_command(app)
    context = command.make_context(words[0], words[1:])
    found = []
    while hasattr(command, "commands"):
        word, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        found.append(word)
        context = command.make_context(word, rest, parent=context)

    assert (words[0], " ".join(found)) == ("sis", name)


def test_the_reference_is_what_the_commands_say() -> None:
    """docs/commands.md names every command as its own help does; `python -m services.cli.reference` writes it anew."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == page()
    assert all(f"## sis {name}\n" in page() for name in NAMES)


def test_the_command_line_runs_without_its_installed_program() -> None:
    """`python -m services.cli` is `sis`, under the same name."""
    answer = run("--help")

    assert (answer.code, answer.err) == (0, "")
    assert "Usage: sis" in answer.out


def test_a_shell_completes_commands() -> None:
    """A shell that was taught by `sis --show-completion` completes the words of the command line."""
    taught = run("--show-completion", "bash", settings={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    asked = {"_SIS_COMPLETE": "complete_bash", "COMP_WORDS": "sis refused re", "COMP_CWORD": "2"}
    completed = run(settings=asked)

    assert "_SIS_COMPLETE=complete_bash" in taught.out
    assert completed.out.split() == ["redrive"]


@pytest.mark.parametrize("arguments", [["--help"], ["config", "show"], ["caseload", "--colour"]], ids=" ".join)
def test_a_pipe_gets_plain_text(arguments: list[str]) -> None:
    """Nothing but plain text goes into a pipe, neither to standard output nor to standard error."""
    answer = run(*arguments)

    assert "\x1b" not in answer.out + answer.err
    assert answer.out + answer.err


@pytest.mark.parametrize("no_colour", [True, False])
def test_no_color_is_heeded_on_a_terminal(no_colour: bool) -> None:
    """On a terminal help is coloured, unless NO_COLOR is set."""
    shown = _on_a_terminal(
        "emit", "--help", settings={"TERM": "xterm-256color"} | ({"NO_COLOR": "1"} if no_colour else {})
    )

    assert "Usage:" in shown
    assert (COLOUR.search(shown) is None) == no_colour


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["config", "schema"], 0),
        (["schemas", "check"], 0),
        (["status"], 75),
        (["topics", "plan"], 75),
        (["refused", "redrive"], 2),
        (["refused", "redrive", "an-id", "--all"], 2),
        (["refused", "redrive", "--all"], 2),
        (["refused", "redrive", "--all", "--code", "NO_SUCH_CODE"], 2),
        (["person", "find"], 2),
        (["topics", "apply", "--replication", "0"], 2),
        (["caseload"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes_without_a_system(command: CommandLine, arguments: list[str], code: int) -> None:
    """Where no system is, what needs none works, what cannot be asked so ends with 2, what needs it running with 75."""
    answer = command(*arguments)

    assert answer.code == code
    assert (answer.err != "") == (code != 0)
    assert "Traceback" not in answer.err


def _imported_by(*arguments: str) -> set[str]:
    """The packages that one command line imports."""
    program = f"import sys; from services.cli.app import app; app({arguments}, standalone_mode=False)"
    command = [sys.executable, "-c", f"{program}; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=environment())
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def _on_a_terminal(*arguments: str, settings: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in environment().items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen([*SIS, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=kept | settings)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65_536):
            shown += part
    except OSError:  # so Linux says that the other end is closed
        pass
    os.close(ours)
    process.wait()
    return shown.decode()
