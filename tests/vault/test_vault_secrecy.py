"""What the vault's files show to whoever gets hold of them: no number, no name, and no key in the clear."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from services.log.sealing import PublicKey, associated_data, open_blob, seal
from services.vault.vault import Vault

_ANN, _BEN = "3f0c0b52-0000-4000-8000-000000000001", "3f0c0b52-0000-4000-8000-000000000002"
_NUMBERS = ("9990000018", "9990000026")
_NAME = "Synthetica Markworthy"


def spellings(number: str) -> list[bytes]:
    """The ways in which a database, or a careless hand, might write a number."""
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    texts = [text.encode(code) for text in (number, spaced) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    return [*texts, *(int(number).to_bytes(size, order) for size in (5, 6, 8) for order in ("big", "little"))]


def unwrapped(folder: Path) -> list[bytes]:
    """Every key that the database holds wrapped, in the clear."""
    vault_key = (folder / "keys" / "vault.key").read_bytes()
    with closing(sqlite3.connect(folder / "vault" / "vault.sqlite")) as db:
        rows = db.execute("SELECT wrapped FROM person_key UNION ALL SELECT wrapped FROM month_key").fetchall()
    return [aes_key_unwrap(vault_key, wrapped) for (wrapped,) in rows]


def test_the_vaults_files_name_nobody(tmp_path: Path) -> None:
    """After all a vault is ever asked, its database and write-ahead log hold no number, name or key to be read."""
    vault = Vault(tmp_path)
    month = vault.public_key_of_month()
    secrets = [_NAME.encode(), _NAME.split()[1].encode()]
    for offset, (person, number) in enumerate(zip((_ANN, _BEN), _NUMBERS, strict=True)):
        aad = associated_data("/kmpt/maidstone-cmht", str(offset), "kmpt.episodes.v1.PersonRegistered", person)
        sealed = seal({"nhs_number": number, "name": _NAME}, PublicKey(month.key_id, month.key), aad)
        turn = vault.turn("recorder", "to decide")
        content_key = turn.content_key(sealed.key_id, sealed.key)
        assert open_blob(sealed.blob, content_key, aad) == {"nhs_number": number, "name": _NAME}
        turn.holder("inbox", 0, offset, number, person)
        turn.claim("inbox", 0, offset, number, person, f"event {offset}", replaces=True)
        turn.claim("inbox", 0, offset, _NUMBERS[0], person, f"event {offset}", replaces=False)
        turn.keep_refused_key("inbox", 0, offset, person, content_key)
        secrets += [
            content_key,
            turn.digest_key(person),
            vault.pack_key(person, f"offer {offset}", 1),
            *spellings(number),
        ]
        turn.commit()
        assert vault.find(number, "ann.archer", "telephone call") == person
    keys = unwrapped(tmp_path)
    assert len(keys) == 3
    secrets += keys
    secrets += [(tmp_path / "keys" / f"{name}.key").read_bytes() for name in ("vault", "register", "pack")]
    files = {path.name: path.read_bytes() for path in (tmp_path / "vault").iterdir()}
    vault.close()
    files["closed"] = (tmp_path / "vault" / "vault.sqlite").read_bytes()
    assert files.keys() == {"vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm", "closed"}
    assert b"ann.archer" in files["vault.sqlite-wal"]
    assert b"ann.archer" in files["closed"]
    assert [(name, n) for name, content in files.items() for n, secret in enumerate(secrets) if secret in content] == []
    assert not any(re.search(rb"999 ?\d{3} ?\d{4}", content) for content in files.values())
