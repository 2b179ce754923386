"""The log of openings: written before anything is opened, once a turn, and nobody alters it unseen."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785

from services.log.sealing import PublicKey, associated_data, seal
from services.vault.openings import OpeningsBroken
from services.vault.turn import Turn
from services.vault.vault import Vault
from services.words.errors import CannotOpen

_ANN = "3f0c0b52-0000-4000-8000-000000000001"
_KEY = bytes(range(32))
_AAD = associated_data("/kmpt/maidstone-cmht", "1", "kmpt.episodes.v1.PersonRegistered", _ANN)


def tamper(folder: Path, *statements: str) -> None:
    """Work on the database behind the vault's back."""
    with closing(sqlite3.connect(folder / "vault" / "vault.sqlite")) as db, db:
        for statement in statements:
            db.execute(statement)


def logged(folder: Path) -> list[tuple[object, ...]]:
    """What another process sees committed in the log of openings."""
    with closing(sqlite3.connect(folder / "vault" / "vault.sqlite")) as db:
        return db.execute("SELECT seq, at, who, why, what FROM opening ORDER BY seq").fetchall()


def sealed_key(vault: Vault) -> tuple[str, bytes]:
    """Month and sealed content key as an inbox holds them."""
    month = vault.public_key_of_month()
    sealed = seal({"name": "Synthetic Person"}, PublicKey(month.key_id, month.key), _AAD)
    return sealed.key_id, sealed.key


def test_a_turn_is_one_entry(vault: Vault, tmp_path: Path) -> None:
    """However much a host opens to decide, a turn is one entry; a turn that opens nothing is none."""
    month_key = sealed_key(vault)
    turn = vault.turn("recorder", "to decide")
    wrapped = turn.wrap(_ANN, _KEY)
    turn.digest_key(_ANN)
    turn.holder("inbox", 0, 1, "9990000018", _ANN)
    turn.commit()
    assert logged(tmp_path) == []
    for _ in range(3):
        turn.content_key(*month_key)
        turn.unwrap(_ANN, wrapped)
    at = "2012-07-02T09:30:00+00:00"
    first = (1, at, "recorder", "to decide", "content keys")
    assert logged(tmp_path) == [first]
    turn.commit()
    turn.content_key(*month_key)
    turn.discard()
    turn.unwrap(_ANN, wrapped)
    assert logged(tmp_path) == [first, (2, *first[1:]), (3, *first[1:])]


def test_a_look_at_the_register_is_an_entry(vault: Vault, tmp_path: Path) -> None:
    """Whoever asks for the person behind a number is logged each time, found or not, with who and why."""
    turn = vault.turn("recorder", "to decide")
    turn.claim("inbox", 0, 1, "9990000018", _ANN, "event", replaces=False)
    turn.commit()
    assert vault.find("9990000018", "ann.archer", "telephone call") == _ANN
    assert vault.find("9990000026", "ann.archer", "telephone call") is None
    assert [row[2:] for row in logged(tmp_path)] == [
        ("ann.archer", "telephone call", "person by NHS number"),
        ("ann.archer", "telephone call", "person by NHS number"),
    ]


@pytest.mark.parametrize(
    "look",
    [
        lambda vault, turn: turn.content_key(*sealed_key(vault)),
        lambda _, turn: turn.unwrap(_ANN, turn.wrap(_ANN, _KEY)),
        lambda _, turn: turn.refused_key("inbox", 0, 1, _ANN),
        lambda vault, _: vault.find("9990000018", "ann.archer", "telephone call"),
    ],
    ids=["content_key", "unwrap", "refused_key", "find"],
)
def test_nothing_is_opened_that_cannot_be_logged(
    vault: Vault, tmp_path: Path, look: Callable[[Vault, Turn], object]
) -> None:
    """When the log of openings takes no entry, nothing is opened at all."""
    turn = vault.turn("recorder", "to decide")
    turn.keep_refused_key("inbox", 0, 1, _ANN, _KEY)
    turn.commit()
    tamper(tmp_path, "CREATE TRIGGER full BEFORE INSERT ON opening BEGIN SELECT RAISE(ABORT, 'log is full'); END")
    for _ in range(2):
        with pytest.raises(sqlite3.IntegrityError, match="log is full"):
            look(vault, turn)


def test_an_entry_stands_before_the_key_is_tried(vault: Vault, tmp_path: Path) -> None:
    """Even what does not open was logged and committed first, and stays so when the turn is thrown away."""
    turn = vault.turn("recorder", "to decide")
    with pytest.raises(CannotOpen):
        turn.content_key("2012-06", bytes(80))
    assert len(logged(tmp_path)) == 1
    turn.discard()
    assert len(logged(tmp_path)) == 1


def test_a_turn_for_several_reasons_is_an_entry_each(vault: Vault, tmp_path: Path) -> None:
    """They stand in their order before the turn is handed out, and nothing that it opens adds one."""
    wrapped = vault.turn("recorder", "to decide").wrap(_ANN, _KEY)
    turn = vault.turn_for_each("allocator", ["pack 1", "pack 2"])
    at = "2012-07-02T09:30:00+00:00"
    entries = [(seq, at, "allocator", f"pack {seq}", "content keys") for seq in (1, 2)]
    assert logged(tmp_path) == entries
    assert turn.unwrap(_ANN, wrapped) == _KEY
    assert logged(tmp_path) == entries
    assert vault.verify_openings() == 2


def test_of_several_reasons_all_are_logged_or_none(vault: Vault, tmp_path: Path) -> None:
    """When the log of openings takes one of them not, there is no entry and no turn."""
    tamper(
        tmp_path,
        "CREATE TRIGGER full BEFORE INSERT ON opening WHEN NEW.why = 'pack 2' BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    with pytest.raises(sqlite3.IntegrityError, match="full"):
        vault.turn_for_each("allocator", ["pack 1", "pack 2"])
    assert logged(tmp_path) == []


def test_entries_of_several_processes_are_one_chain(
    vault: Vault, open_vault: Callable[[], Vault], clock: list[datetime]
) -> None:
    """Whoever writes follows whoever wrote last, so the chain never forks."""
    other = open_vault()
    assert vault.verify_openings() == 0
    for minute in range(6):
        clock.append(datetime(2012, 7, 2, 10, minute, tzinfo=UTC))
        (vault, other)[minute % 2].find("9990000018", f"user {minute}", "telephone call")
    assert (vault.verify_openings(), other.verify_openings()) == (6, 6)


@pytest.mark.parametrize(
    ("act", "seen_at"),
    [
        ("UPDATE opening SET who = 'somebody else' WHERE seq = 2", 2),
        ("UPDATE opening SET why = 'no reason' WHERE seq = 3", 3),
        ("UPDATE opening SET what = 'nothing' WHERE seq = 1", 1),
        ("UPDATE opening SET at = '2012-07-03T09:30:00+00:00' WHERE seq = 2", 2),
        ("UPDATE opening SET hash = prev_hash WHERE seq = 3", 3),
        ("DELETE FROM opening WHERE seq = 1", 1),
        ("DELETE FROM opening WHERE seq = 2", 2),
        ("INSERT INTO opening SELECT 4, at, who, why, what, prev_hash, hash FROM opening WHERE seq = 3", 4),
    ],
)
def test_what_is_altered_is_seen(vault: Vault, tmp_path: Path, act: str, seen_at: int) -> None:
    """An entry changed, removed or added behind the vault's back is found, and where."""
    for n in range(3):
        vault.find("9990000018", f"user {n}", "telephone call")
    tamper(tmp_path, act)
    with pytest.raises(OpeningsBroken, match=f"entry {seen_at} on"):
        vault.verify_openings()


def test_a_chain_mended_in_part_is_seen(vault: Vault, tmp_path: Path) -> None:
    """An entry removed with the later ones renumbered no longer follows the one before."""
    for n in range(3):
        vault.find("9990000018", f"user {n}", "telephone call")
    tamper(tmp_path, "DELETE FROM opening WHERE seq = 2", "UPDATE opening SET seq = 2 WHERE seq = 3")
    with pytest.raises(OpeningsBroken, match="entry 2 on"):
        vault.verify_openings()


def test_an_entry_forged_with_its_hash_is_seen(vault: Vault, tmp_path: Path) -> None:
    """Who rewrites an entry and works out its hash anew is betrayed by the next entry, which holds the former hash."""
    for n in range(3):
        vault.find("9990000018", f"user {n}", "telephone call")
    with closing(sqlite3.connect(tmp_path / "vault" / "vault.sqlite")) as db:
        db.row_factory = sqlite3.Row
        entry = dict(db.execute("SELECT * FROM opening WHERE seq = 2").fetchone())
    genuine = entry.pop("hash")
    entry["prev_hash"] = entry["prev_hash"].hex()
    assert hashlib.sha256(rfc8785.dumps(entry)).digest() == genuine
    forged = hashlib.sha256(rfc8785.dumps(entry | {"who": "somebody else"})).digest()
    with closing(sqlite3.connect(tmp_path / "vault" / "vault.sqlite")) as db, db:
        db.execute("UPDATE opening SET who = 'somebody else', hash = ? WHERE seq = 2", (forged,))
    with pytest.raises(OpeningsBroken, match="entry 3 on"):
        vault.verify_openings()
