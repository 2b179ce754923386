"""The auditor's room cannot reach what sends: the import contract is kept, and the first such import breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT = "The auditor's room can reach nothing that sends"


def checked(folder: Path) -> str:
    """What import-linter says of the contract, in a copy of the project."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(CONTRACT) and line.split()[-1].isupper()]
    return line.removeprefix(CONTRACT).split()[0]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The services and their contracts, to be spoilt."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "services", folder / "services")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "schemas").mkdir()
    return folder


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
    module = copy / "services" / "audit" / "recompute.py"
    whole = (ROOT / "services" / "audit" / "recompute.py").read_text("utf-8")
    module.write_text(f"{whole}\n{line}\n", "utf-8")

    assert checked(copy) == ("BROKEN" if line else "KEPT")
