"""Neither the auditor's room nor its commands can reach what sends: the first such import breaks an import contract."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOM, COMMANDS = (
    "The auditor's room can reach nothing that sends",
    "The commands that audit can reach nothing that sends",
)


def checked(folder: Path, contract: str) -> str:
    """What import-linter says of a contract, in a copy of the project."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(contract) and line.split()[-1].isupper()]
    return line.removeprefix(contract).split()[0]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The services and their contracts, to be spoilt."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "services", folder / "services")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "schemas").mkdir()
    return folder


@contextmanager
def spoilt(copy: Path, name: str, line: str) -> Iterator[None]:
    """One more line in a module, while the context lasts."""
    module, whole = copy / "services" / name, (ROOT / "services" / name).read_text("utf-8")
    module.write_text(f"{whole}\n{line}\n", "utf-8")
    yield
    module.write_text(whole, "utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "from services.log.kafka_sender import BatchSender",
        "from services.log.kafka_turns import KafkaTurns",
        "from services.log.kafka_log import KafkaLog",
        "from services.log.kafka_reader import KafkaReader",
        "from services.log.kafka_access import MakeUser",
        "import aiokafka",
        "from services.doors.running import run",
    ],
)
def test_an_audit_that_could_send_breaks_the_contract(copy: Path, line: str) -> None:
    """Issue 3, point 7: directly, or through something that reaches it."""
    with spoilt(copy, "audit/recompute.py", line):
        assert checked(copy, ROOM) == ("BROKEN" if line else "KEPT")


@pytest.mark.parametrize("module", sorted(path.name for path in (ROOT / "services" / "cli").glob("audit*.py")))
def test_a_command_that_audits_and_could_send_breaks_the_contract(copy: Path, module: str) -> None:
    """The commands hold the connection, so they are bound as well, and none of them is forgotten."""
    with spoilt(copy, f"cli/{module}", "from services.log.kafka_sender import BatchSender"):
        assert checked(copy, COMMANDS) == "BROKEN"
    assert checked(copy, COMMANDS) == "KEPT"
