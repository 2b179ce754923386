"""Month keys: emitters seal to this month's, the vault opens, and five weeks after its month nobody does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from services.log.sealing import PublicKey, associated_data, open_blob, seal
from services.vault.vault import Vault
from services.words.errors import CannotOpen

_AAD = associated_data("/kmpt/maidstone-cmht", "1", "kmpt.episodes.v1.PersonRegistered", "2")
_FIELDS = {"name": "Synthetic Person"}
_BRITISH_SUMMER_TIME = timezone(timedelta(hours=1))


def published(vault: Vault) -> PublicKey:
    """The public key as an emitter reads it from the log."""
    month = vault.public_key_of_month()
    return PublicKey(month.key_id, month.key)


def wrapped_private_key(folder: Path, key_id: str) -> bytes | None:
    """A month's private key as the database holds it."""
    with closing(sqlite3.connect(folder / "vault" / "vault.sqlite")) as db:
        rows: list[tuple[bytes | None]] = db.execute(
            "SELECT wrapped FROM month_key WHERE key_id = ?", (key_id,)
        ).fetchall()
    return rows[0][0]


def test_what_an_emitter_seals_the_vault_opens(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """Fields sealed to the month's public key open with the content key that any process gets from the vault."""
    sealed = seal(_FIELDS, published(vault), _AAD)
    for host in (vault, open_vault()):
        content_key = host.turn("recorder", "to decide").content_key(sealed.key_id, sealed.key)
        assert open_blob(sealed.blob, content_key, _AAD) == _FIELDS


def test_a_month_has_one_key(vault: Vault, open_vault: Callable[[], Vault], clock: list[datetime]) -> None:
    """All who ask within a month (UTC) get the same key, in the next month another."""
    july = published(vault)
    assert july.key_id == "2012-07"
    clock.append(datetime(2012, 8, 1, 0, 59, tzinfo=_BRITISH_SUMMER_TIME))
    assert published(open_vault()) == july
    clock.append(datetime(2012, 8, 1, 1, 0, tzinfo=_BRITISH_SUMMER_TIME))
    august = published(vault)
    assert august.key_id == "2012-08"
    assert august.key != july.key


@given(data=st.data())
def test_a_changed_key_opens_nothing(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever single bit of a sealed content key is changed, or wherever it is cut, it does not open."""
    with closing(Vault(tmp_path_factory.getbasetemp() / "changed")) as vault:
        sealed = seal(_FIELDS, published(vault), _AAD)
        bit = data.draw(st.integers(0, len(sealed.key) * 8 - 1))
        changed = bytearray(sealed.key)
        changed[bit // 8] ^= 1 << bit % 8
        turn = vault.turn("recorder", "to decide")
        for key in (bytes(changed), sealed.key[: bit // 8]):
            with pytest.raises(CannotOpen):
                turn.content_key(sealed.key_id, key)


def test_only_a_content_key_is_taken_for_one(vault: Vault) -> None:
    """A well-sealed key of another length than 32 bytes does not open."""
    month = vault.public_key_of_month()
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    short = suite.encrypt(bytes(16), X25519PublicKey.from_public_bytes(month.key), info=b"kmpt content key")
    with pytest.raises(CannotOpen):
        vault.turn("recorder", "to decide").content_key(month.key_id, short)


@pytest.mark.parametrize("key_id", ["2012-06", "", "July", "\ud800", "2012-07'--", "2012-08"])
def test_a_month_the_vault_never_had_opens_nothing(vault: Vault, clock: list[datetime], key_id: str) -> None:
    """Whatever stands where the month's id should stand, only a month's own key opens what was sealed to it."""
    sealed = seal(_FIELDS, published(vault), _AAD)
    clock.append(datetime(2012, 8, 1, tzinfo=UTC))
    published(vault)
    with pytest.raises(CannotOpen):
        vault.turn("recorder", "to decide").content_key(key_id, sealed.key)


def test_a_month_key_lives_35_days_after_its_month(
    vault: Vault, open_vault: Callable[[], Vault], clock: list[datetime], tmp_path: Path
) -> None:
    """July's key opens until 4 September; at the first moment of 5 September it is destroyed, August's lives on."""
    july = seal(_FIELDS, published(vault), _AAD)
    clock.append(datetime(2012, 8, 31, tzinfo=UTC))
    august = seal(_FIELDS, published(vault), _AAD)
    clock.append(datetime(2012, 9, 4, 23, 59, 59, tzinfo=UTC))
    assert vault.destroy_month_keys_due() == []
    assert vault.turn("recorder", "to decide").content_key(july.key_id, july.key)
    wrapped = wrapped_private_key(tmp_path, "2012-07")
    assert wrapped is not None

    clock.append(datetime(2012, 9, 5, tzinfo=UTC))
    assert vault.destroy_month_keys_due() == ["2012-07"]
    assert vault.destroy_month_keys_due() == []
    for host in (vault, open_vault()):
        turn = host.turn("recorder", "to decide")
        with pytest.raises(CannotOpen):
            turn.content_key(july.key_id, july.key)
        assert turn.content_key(august.key_id, august.key)
    assert wrapped_private_key(tmp_path, "2012-07") is None
    assert not any(wrapped in path.read_bytes() for path in (tmp_path / "vault").iterdir())


def test_december_ends_with_the_year(vault: Vault, clock: list[datetime]) -> None:
    """December's key is destroyed on 5 February."""
    clock.append(datetime(2012, 12, 31, tzinfo=UTC))
    published(vault)
    clock.append(datetime(2013, 2, 4, 23, 59, tzinfo=UTC))
    assert vault.destroy_month_keys_due() == []
    clock.append(datetime(2013, 2, 5, tzinfo=UTC))
    assert vault.destroy_month_keys_due() == ["2012-12"]


def test_a_destroyed_month_gets_no_new_key(vault: Vault, clock: list[datetime]) -> None:
    """If the wall clock is ever set back, a destroyed month keeps its public key and opens nothing."""
    july = published(vault)
    clock.append(datetime(2012, 9, 5, tzinfo=UTC))
    vault.destroy_month_keys_due()
    clock.append(datetime(2012, 7, 5, tzinfo=UTC))
    assert published(vault) == july
    sealed = seal(_FIELDS, july, _AAD)
    with pytest.raises(CannotOpen):
        vault.turn("recorder", "to decide").content_key(sealed.key_id, sealed.key)
