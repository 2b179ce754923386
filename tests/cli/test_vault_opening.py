"""A vault that is missing, empty or damaged, on the command line: said in plain words, and none is made by asking."""

from __future__ import annotations

import pytest

from services.vault.store import VaultDamaged
from services.vault.vault import Vault
from tests.command_line import CommandLine

COMMANDS = [("keys", "list"), ("keys", "destroy-due")]


@pytest.mark.parametrize("command_line", COMMANDS, ids=" ".join)
def test_an_empty_file_is_no_vault(command: CommandLine, command_line: tuple[str, ...]) -> None:
    """A copy that failed leaves one: it is not made into a new vault, in which nobody ever had a key."""
    database = command.data / "vault" / "vault.sqlite"
    database.parent.mkdir(parents=True)
    database.touch(0o600)

    answer = command(*command_line)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sis: there is no vault in {command.data}; name the system's folder: --data DIR, or")
    assert database.stat().st_size == 0
    assert not (command.data / "keys").exists()


def test_what_was_done_to_keys_is_told_to_programs_too(command: CommandLine) -> None:
    """Month keys that were destroyed, and a key that somebody signs with."""
    Vault(command.data).close()
    out = command.data / "ann.pem"

    destroyed = command("keys", "destroy-due", "--json")
    made = command("keys", "person", "ann", "--out", str(out), "--json")

    assert destroyed.json() == {"destroyed": []}
    assert made.json()["private_key_file"] == str(out)
    assert len(made.json()["public_key"]) == 64


@pytest.mark.parametrize("is_empty", [False, True], ids=["missing", "empty"])
def test_a_lost_vault_is_not_made_anew_beside_its_keys(command: CommandLine, is_empty: bool) -> None:
    """A new one would hold nobody's key and give every number to two people: no service starts on it."""
    Vault(command.data).close()
    database = command.data / "vault" / "vault.sqlite"
    database.unlink()
    if is_empty:
        database.touch(0o600)

    with pytest.raises(VaultDamaged, match=r"vault.sqlite is missing, though vault.key of it is there\. Bring it back"):
        Vault(command.data)

    assert database.exists() == is_empty


@pytest.mark.parametrize("command_line", COMMANDS, ids=" ".join)
def test_a_damaged_vault_is_named(command: CommandLine, command_line: tuple[str, ...]) -> None:
    """Something else lies in its place: which file, and where the right one comes from."""
    Vault(command.data).close()
    database = command.data / "vault" / "vault.sqlite"
    database.write_bytes(b"no database at all" * 500)

    answer = command(*command_line)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == f"sis: {database} is damaged, or no vault's database. Bring it back from its backup.\n"
