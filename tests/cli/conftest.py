from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line with no system yet; its folder is not there."""
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path / "county", capsys, monkeypatch)
