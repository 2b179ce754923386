"""What is taken away lies in a folder of its own, and where it cannot, it is said before anything is read."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from services.audit.dump import dump
from services.audit.new_folder import NotANewFolder, NotWritten, must_be_new, whole_or_not
from services.audit.partition_reading import watched
from services.log.errors import BrokerAway
from services.log.ports import Place, Reader


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


def half_written(folder: Path, fault: BaseException) -> None:
    """A folder of which one file was written when something happened."""
    with whole_or_not(folder) as building:
        (building / "half").write_text("half", "utf-8")
        raise fault


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        duckdb.IOException(
            'IO Error: Could not write all bytes to file "x": wanted=1 wrote=0: No space left on device'
        ),
    ],
    ids=["full", "over quota", "full, as DuckDB says it"],
)
def test_of_what_a_full_disk_cut_short_nothing_is_left(tmp_path: Path, fault: Exception) -> None:
    """Half of it could pass for the whole: it is said that the disk is full, where, and what to do."""
    taken = tmp_path / "taken"

    with pytest.raises(NotWritten) as told:
        half_written(taken, fault)

    assert str(told.value) == (
        f"the disk is full, so {taken} was not made and nothing of it was left: make room on the disk of {tmp_path}, "
        "or name a folder on another"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_was_cut_short_by_anything_else_is_not_left_either(tmp_path: Path) -> None:
    """The broker went away, or Ctrl-C was typed: the folder is not there, and the error is the one that was."""
    for fault in (BrokerAway("it is gone"), KeyboardInterrupt()):
        with pytest.raises(type(fault)):
            half_written(tmp_path / "taken", fault)

    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_was_cut_short_is_not_left_to_be_verified(tmp_path: Path) -> None:
    """A dump without its last inboxes would look like one that somebody robbed of them."""

    def away(_: Mapping[Place, int]) -> Reader:
        raise BrokerAway("it is gone")

    with pytest.raises(BrokerAway):
        asyncio.run(dump(away, watched(1), [("a/1.txt", "note")], bytes(32), tmp_path / "dump"))

    assert list(tmp_path.iterdir()) == []
