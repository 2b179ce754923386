"""Key files: one key for all who ask, read by its owner only, and never quietly replaced."""

from __future__ import annotations

import multiprocessing
import os
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from services.vault.key_files import KeyFileExposed, WrongKeyFile, door_key, door_keys, key_file
from services.vault.vault import Vault

_ASKERS = 4


def mode(path: Path) -> int:
    """Who may touch a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def ask_together(path: Path, together: Barrier, folder: Path) -> None:
    """One of several processes that ask for a key at the same moment and note what they got."""
    together.wait()
    (folder / f"{os.getpid()}.got").write_bytes(key_file(path))


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """First use makes 32 random bytes in a file of mode 0600 in a folder of mode 0700; later uses read them."""
    path = tmp_path / "keys" / "vault.key"
    key = key_file(path)
    assert len(key) == 32
    assert key_file(path) == key
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert key_file(tmp_path / "keys" / "other.key") != key
    assert sorted(file.name for file in path.parent.iterdir()) == ["other.key", "vault.key"]


def test_processes_that_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    """When several services start together, they end with one key, and no second copy of it lies about."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(_ASKERS, timeout=20)
    path = tmp_path / "keys" / "door-ticker.key"
    askers = [spawn.Process(target=ask_together, args=(path, together, tmp_path), daemon=True) for _ in range(_ASKERS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    got = [file.read_bytes() for file in tmp_path.glob("*.got")]
    assert got == [path.read_bytes()] * _ASKERS
    assert [file.name for file in path.parent.iterdir()] == ["door-ticker.key"]


def test_a_key_half_made_at_a_crash_is_made_anew(tmp_path: Path) -> None:
    """What a crash left beside the key's place is no key and stands in nobody's way."""
    path = tmp_path / "keys" / "vault.key"
    path.parent.mkdir(mode=0o700)
    (path.parent / ".vault.key.new").write_bytes(b"half")
    assert len(key_file(path)) == 32
    assert [file.name for file in path.parent.iterdir()] == ["vault.key"]


@pytest.mark.parametrize("exposed", [0o640, 0o604, 0o660, 0o644, 0o601, 0o777])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, exposed: int) -> None:
    """Whatever group or others may do with a key file, it is not used, and the error says which and what to type."""
    path = tmp_path / "the keys" / "vault.key"
    key_file(path)
    path.chmod(exposed)
    with pytest.raises(KeyFileExposed) as refusal:
        key_file(path)
    assert f"chmod 600 '{path}'" in str(refusal.value)


def test_a_key_folder_that_others_may_enter_is_closed(tmp_path: Path) -> None:
    """A folder made too open beforehand is closed when the first key is put there."""
    (tmp_path / "keys").mkdir(mode=0o755)
    key_file(tmp_path / "keys" / "vault.key")
    assert mode(tmp_path / "keys") == 0o700


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    """A key file that is not 32 bytes long is not used."""
    path = tmp_path / "keys" / "vault.key"
    key_file(path)
    path.write_bytes(b"short")
    with pytest.raises(WrongKeyFile, match="5 bytes"):
        key_file(path)


def test_what_a_door_ever_signed_stays_signed(tmp_path: Path) -> None:
    """A door signs with its present key, and every key it ever had is known for ever."""
    first = door_key(tmp_path, "ticker")
    present = tmp_path / "keys" / "door-ticker.key"
    present.rename(present.with_name("door-ticker.key.1"))
    second = door_key(tmp_path, "ticker")
    present.rename(present.with_name("door-ticker.key.2"))
    third = door_key(tmp_path, "ticker")
    assert door_keys(tmp_path, "ticker") == (third, first, second)
    assert len({first, second, third, door_key(tmp_path, "replies")}) == 4
    assert door_keys(tmp_path, "replies") == (door_key(tmp_path, "replies"),)


def test_a_host_may_start_before_the_door(tmp_path: Path) -> None:
    """A host that asks for a door's keys first makes the key with which the door will sign."""
    assert door_keys(tmp_path, "outcomes") == (door_key(tmp_path, "outcomes"),)


def test_the_vault_lies_apart_and_closed(tmp_path: Path) -> None:
    """Database and write-ahead log are their owner's alone (0600 in 0700), the keys apart from them."""
    vault = Vault(tmp_path)
    vault.find("9990000018", "ann", "a call")
    files = {path.relative_to(tmp_path).as_posix(): mode(path) for path in tmp_path.rglob("*") if path.is_file()}
    vault.close()
    assert files == dict.fromkeys(
        [
            "keys/pack.key",
            "keys/register.key",
            "keys/vault.key",
            "vault/vault.sqlite",
            "vault/vault.sqlite-shm",
            "vault/vault.sqlite-wal",
        ],
        0o600,
    )
    assert mode(tmp_path / "vault") == 0o700


def test_a_vault_that_others_may_read_is_not_opened(tmp_path: Path) -> None:
    """A database left open to others, as a careless restore leaves it, is refused like a key file."""
    Vault(tmp_path).close()
    (tmp_path / "vault" / "vault.sqlite").chmod(0o644)
    with pytest.raises(KeyFileExposed, match="chmod 600"):
        Vault(tmp_path)


@pytest.mark.parametrize("name", ["vault.key", "register.key", "pack.key"])
def test_a_vault_without_its_keys_is_not_opened(tmp_path: Path, name: str) -> None:
    """A database restored without one of its key files, or with another's, stops at once; no new key is made."""
    Vault(tmp_path).close()
    path = tmp_path / "keys" / name
    path.rename(tmp_path / "kept")
    with pytest.raises(WrongKeyFile, match="missing"):
        Vault(tmp_path)
    assert not path.exists()
    key_file(path)
    with pytest.raises(WrongKeyFile, match="not the key"):
        Vault(tmp_path)
    (tmp_path / "kept").rename(path)
    Vault(tmp_path).close()
