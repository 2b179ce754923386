"""The vault of a system on this machine, opened where there is one and never made by asking.

Knows where it lies. Must never open anything in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.failures import USAGE, Failed
from services.vault.vault import Vault


def has_vault(data: Path) -> bool:
    """Whether there is one; what is empty is none."""
    database = data / "vault" / "vault.sqlite"
    return database.is_file() and database.stat().st_size > 0


def must_have_vault(data: Path) -> None:
    """Raises `Failed` if there is no vault."""
    if not has_vault(data):
        raise Failed(
            f"there is no vault in {data}; name the system's folder: --data DIR, or bring the vault back from its "
            "backup",
            USAGE,
        )


@contextmanager
def open_vault(data: Path) -> Iterator[Vault]:
    """The vault of a data folder. Raises `Failed` if there is none."""
    must_have_vault(data)
    vault = Vault(data)
    try:
        yield vault
    finally:
        vault.close()
