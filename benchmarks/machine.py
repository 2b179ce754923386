"""The header of a run: on which machine, with which versions, at which commit, and how busy it was already.

Knows where a machine says what it is. Must never know a figure.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from services.stack.jars import broker_jars

_LIBRARIES = ("aiokafka", "kafka-python", "faust-streaming", "fastavro", "pydantic", "cryptography", "SQLAlchemy")


def header() -> dict[str, str]:
    """What a reader must know to compare this run with another."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD") + (" and changes" if _git("status", "--porcelain") else ""),
        "cpu": f"{os.cpu_count()} x {_cpu()}",
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        "broker": broker_jars().name,
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in _LIBRARIES},
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or ("unknown" if asked.returncode else "")
