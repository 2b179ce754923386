"""Why a system does not run is said in one sentence, and in no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.stack import __main__ as stack


def test_a_damaged_vault_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts a system on it hears which file it is, and that its backup is to be brought back."""
    (tmp_path / "vault").mkdir(0o700)
    (tmp_path / "vault" / "vault.sqlite").write_bytes(b"no database" * 1000)
    (tmp_path / "vault" / "vault.sqlite").chmod(0o600)
    monkeypatch.setenv("SIS_DATA", str(tmp_path))
    monkeypatch.setenv("SIS_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["stack", "months"])

    with pytest.raises(SystemExit, match=r"vault.sqlite is damaged, or no vault's database. Bring it back"):
        stack.main()
