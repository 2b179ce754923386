"""Secret keys in files of their own, which nobody but their owner may read.

Knows files, modes and random bytes. Must never know the database, so that a copy of it opens nothing.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KEY_BYTES = 32


class KeyFileExposed(Exception):
    """A file that only its owner may touch is open to others; it may have been copied, so a person has to look."""


class WrongKeyFile(Exception):
    """A key file is missing, damaged, or not the one that the vault's database was made with."""


def key_file(path: Path) -> bytes:
    """Return the 32 bytes of a key file, made at first use (mode 0600, in a folder of mode 0700).

    Processes that ask at the same moment get the same key. Raises `KeyFileExposed`, `WrongKeyFile`.
    """
    if not path.exists():
        private_folder(path.parent)
        with alone_in(path.parent):
            if not path.exists():
                _make(path)
    return read_key(path)


def password_file(path: Path) -> str:
    """Return the password that a file holds, made at first use as `key_file` makes a key."""
    if not path.exists():
        with replaced_password(path):
            pass
    refuse_exposed(path)
    return path.read_text("ascii").strip()


@contextmanager
def replaced_password(path: Path) -> Iterator[str]:
    """A new password, which takes the place of the file's when the block ends well (mode 0600)."""
    private_folder(path.parent)
    with alone_in(path.parent):
        password = os.urandom(_KEY_BYTES).hex()
        beside = _beside(path, f"{password}\n".encode())
        yield password
        beside.rename(path)


def door_key(folder: Path, name: str) -> bytes:
    """Return the key by which a door signs today, of the data folder `folder`; made at first use."""
    return key_file(_door_file(folder, name))


def door_keys(folder: Path, name: str) -> tuple[bytes, ...]:
    """Return every key a door ever signed with, today's first: what it once signed stays signed for ever."""
    path = _door_file(folder, name)
    old = sorted(path.parent.glob(f"{path.name}.[0-9]*"))
    return (key_file(path), *(read_key(file) for file in old))


def refuse_exposed(path: Path) -> None:
    """Raise `KeyFileExposed`, with what to type, if anybody but the owner may touch the file."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileExposed(
            f"{path} is open to other users of this machine. Find out whether anybody copied it, then type: "
            f"chmod 600 {shlex.quote(str(path))}"
        )


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, or close one that others may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep every other process that asks for the same out of a folder for the time being."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    """Write the key beside its place and move it there: no reader sees half a key, and no crash leaves a second one."""
    _beside(path, os.urandom(_KEY_BYTES)).rename(path)


def _beside(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return beside


def read_key(path: Path) -> bytes:
    """Return the 32 bytes of a key file that is there. Raises `KeyFileExposed`, `WrongKeyFile`."""
    refuse_exposed(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise WrongKeyFile(f"{path} holds {len(key)} bytes instead of {_KEY_BYTES}. Bring it back from its backup.")
    return key


def _door_file(folder: Path, name: str) -> Path:
    return folder / "keys" / f"door-{name}.key"
