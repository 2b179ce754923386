"""`sis config show`: each setting, and where its value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine


def test_every_value_has_an_origin(command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command line before environment before file before default, and each value says which it was."""
    (tmp_path / "sis.env").write_text("SIS_CALENDAR=clock\nSIS_EPISODES_PARTITIONS=8\nSIS_DATA=elsewhere\n")
    monkeypatch.setenv("SIS_EPISODES_PARTITIONS", "2")
    shown = command("config", "show", "--json").json()

    assert (shown["data"], shown["calendar"], shown["episodes_partitions"]) == (str(command.data), "clock", 2)
    assert shown["origins"] == {
        "data": "command line",
        "calendar": "sis.env",
        "bootstrap": "default",
        "view": "default",
        "production": "default",
        "secure": "default",
        "emitters": "default",
        "episodes_partitions": "environment",
    }
    assert "SIS_CALENDAR\tclock\tsis.env" in command("config", "show").out
