"""Whoever signs brings the key that was registered for the name; what is none is told as what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.vault.signing_keys import NoSigningKey, make_signing_key, public_hex, signing_key


def test_the_key_that_was_made_signs_for_its_name(tmp_path: Path) -> None:
    """And for no other."""
    public = make_signing_key(tmp_path, "ann", tmp_path / "ann.pem")
    make_signing_key(tmp_path, "ben", tmp_path / "ben.pem")

    assert public_hex(signing_key(tmp_path, "ann", tmp_path / "ann.pem")) == public
    with pytest.raises(NoSigningKey, match="is not the one that is registered for ben"):
        signing_key(tmp_path, "ben", tmp_path / "ann.pem")


def test_of_a_name_without_a_key_it_is_said_so(tmp_path: Path) -> None:
    """A mistyped name: not that the key is the wrong one."""
    make_signing_key(tmp_path, "ann", tmp_path / "ann.pem")

    for name in ("carl", "../ann", ""):
        with pytest.raises(NoSigningKey, match="no key is registered for this name; make one: sis keys person"):
            signing_key(tmp_path, name, tmp_path / "ann.pem")


def test_what_is_no_file_is_not_to_be_closed_to_others(tmp_path: Path) -> None:
    """A device is open to all and must stay so, and a pipe would be waited for."""
    make_signing_key(tmp_path, "ann", tmp_path / "ann.pem")
    os.mkfifo(tmp_path / "pipe")

    for place in (Path("/dev/null"), tmp_path, tmp_path / "pipe"):
        with pytest.raises(NoSigningKey, match="is no file, so it holds no private key"):
            signing_key(tmp_path, "ann", place)


def test_a_registered_key_that_is_damaged_is_nobody_s(tmp_path: Path) -> None:
    """Bytes that are no text: the key in hand is not the registered one."""
    make_signing_key(tmp_path, "ann", tmp_path / "ann.pem")
    (tmp_path / "keys" / "person-ann.pub").write_bytes(b"\xff\xfe")

    with pytest.raises(NoSigningKey, match="is not the one that is registered for ann"):
        signing_key(tmp_path, "ann", tmp_path / "ann.pem")
