"""What is taken away lies in a folder of its own, and where it cannot, it is said before anything is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.audit.new_folder import NotANewFolder, must_be_new


def test_a_new_folder_beside_what_there_is_will_do(tmp_path: Path) -> None:
    """Nothing is made yet, and nothing is said."""
    must_be_new(tmp_path / "taken")

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_not_written_into(tmp_path: Path) -> None:
    """A folder, a file, and a link that leads nowhere."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "gone")

    for there in (tmp_path, tmp_path / "file", tmp_path / "link"):
        with pytest.raises(NotANewFolder, match="is there already: name a folder that is not"):
            must_be_new(there)


def test_a_place_that_is_closed_to_the_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor's own account may not write everywhere."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(NotANewFolder, match="is closed to you: name a place where you may write"):
        must_be_new(tmp_path / "taken")
