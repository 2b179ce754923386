"""A person's key: made at first sight, the same for all, and once destroyed gone for ever."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from hypothesis import given
from hypothesis import strategies as st

from services.vault import store
from services.vault.store import VaultBusy
from services.vault.vault import Vault
from services.words.errors import CannotOpen, Erased

_ANN, _BEN = "3f0c0b52-0000-4000-8000-000000000001", "3f0c0b52-0000-4000-8000-000000000002"
_KEY = bytes(range(32))


def destroy(folder: Path, person_id: str) -> None:
    """Leave the tombstone that an erasure leaves, as another process would."""
    with closing(sqlite3.connect(folder / "vault" / "vault.sqlite")) as db, db:
        db.execute("UPDATE person_key SET wrapped = NULL, destroyed_at = 'now' WHERE person_id = ?", (person_id,))


def test_what_is_wrapped_opens_after_a_restart(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """A content key wrapped under a person's key comes back, in any process, at any time."""
    turn = vault.turn("recorder", "to decide")
    wrapped, digest_key = turn.wrap(_ANN, _KEY), turn.digest_key(_ANN)
    again = open_vault().turn("recorder", "to decide")
    assert again.unwrap(_ANN, wrapped) == _KEY
    assert again.digest_key(_ANN) == digest_key


def test_nothing_depends_on_chance(vault: Vault) -> None:
    """The same content key wrapped twice is the same bytes, so a ledger decided again is the same ledger."""
    turn = vault.turn("recorder", "to decide")
    assert turn.wrap(_ANN, _KEY) == turn.wrap(_ANN, _KEY)


def test_each_person_has_a_key_of_their_own(vault: Vault) -> None:
    """What is wrapped for one person opens for no other, and their digests differ."""
    turn = vault.turn("recorder", "to decide")
    with pytest.raises(CannotOpen):
        turn.unwrap(_BEN, turn.wrap(_ANN, _KEY))
    assert turn.digest_key(_ANN) != turn.digest_key(_BEN)


def test_a_digest_key_is_not_the_persons_key(vault: Vault) -> None:
    """Who is given a digest key can open nothing with it."""
    turn = vault.turn("recorder", "to decide")
    wrapped = turn.wrap(_ANN, _KEY)
    with pytest.raises(InvalidUnwrap):
        aes_key_unwrap(turn.digest_key(_ANN), wrapped)


@given(garbage=st.binary(max_size=64))
def test_what_was_not_wrapped_does_not_open(tmp_path_factory: pytest.TempPathFactory, garbage: bytes) -> None:
    """Whatever bytes stand where a wrapped key should stand, they open nothing and break nothing."""
    with closing(Vault(tmp_path_factory.getbasetemp() / "garbage")) as vault, pytest.raises(CannotOpen):
        vault.turn("recorder", "to decide").unwrap(_ANN, garbage)


def test_keys_survive_a_turn_that_is_thrown_away(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """A key is committed before it is used, so what was sealed under it opens whatever became of the turn."""
    turn = vault.turn("recorder", "to decide")
    turn.make_keys([_ANN])
    wrapped = {_ANN: turn.wrap(_ANN, _KEY), _BEN: turn.wrap(_BEN, _KEY)}
    turn.discard()
    again = open_vault().turn("recorder", "to decide")
    assert [again.unwrap(person, key) for person, key in wrapped.items()] == [_KEY, _KEY]


def test_two_processes_that_see_a_person_first_use_one_key(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """Keys made of many persons in one statement are those that another process made a moment before."""
    people = [f"3f0c0b52-0000-4000-8000-{n:012}" for n in range(2500)]
    one, other = vault.turn("recorder", "to decide"), open_vault().turn("allocator", "to decide")
    one.make_keys(people[:1500])
    other.make_keys(people[1000:])
    one.make_keys(people)
    assert [one.wrap(person, _KEY) for person in people] == [other.wrap(person, _KEY) for person in people]
    assert len({one.wrap(person, _KEY) for person in people}) == len(people)


def test_only_so_many_keys_are_held(vault: Vault) -> None:
    """With more persons than keys are held in memory, every person's key is still theirs."""
    turn = vault.turn("recorder", "to decide")
    people = [str(n) for n in range(10_050)]
    turn.make_keys(people)
    assert len(vault._persons._held) == 10_000
    assert turn.unwrap("0", turn.wrap("0", _KEY)) == _KEY
    assert len(vault._persons._held) == 10_000


def test_an_unknown_person_is_not_erased(vault: Vault) -> None:
    """To ask whether a person was erased makes no key and is no tombstone."""
    turn = vault.turn("recorder", "to decide")
    assert not turn.is_erased(_ANN)
    turn.wrap(_ANN, _KEY)
    assert not turn.is_erased(_ANN)


def test_after_erasure_nothing_of_a_person_opens(vault: Vault, open_vault: Callable[[], Vault], tmp_path: Path) -> None:
    """With the key destroyed every use answers that the person was erased, and no later sight makes a new key."""
    turn = vault.turn("recorder", "to decide")
    wrapped = turn.wrap(_ANN, _KEY)
    turn.keep_refused_key("inbox", 0, 7, _ANN, _KEY)
    turn.commit()
    destroy(tmp_path, _ANN)
    vault.forget(_ANN)
    for host in (vault, open_vault()):
        turn = host.turn("recorder", "to decide")
        assert turn.is_erased(_ANN)
        uses: list[Callable[[], object]] = [
            partial(turn.wrap, _ANN, _KEY),
            partial(turn.unwrap, _ANN, wrapped),
            partial(turn.digest_key, _ANN),
            partial(turn.keep_refused_key, "inbox", 0, 8, _ANN, _KEY),
            partial(turn.refused_key, "inbox", 0, 7, _ANN),
        ]
        for use in uses:
            with pytest.raises(Erased):
                use()
        turn.make_keys([_ANN, _BEN])
        assert (turn.is_erased(_ANN), turn.is_erased(_BEN)) == (True, False)
        turn.commit()


def test_while_somebody_reads_the_vault_as_it_was_an_erasure_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was destroyed lies in the write-ahead log until nobody reads it there; until then, try again."""
    monkeypatch.setattr(store, "_BUSY_SECONDS", 0.1)
    with closing(Vault(tmp_path)) as vault, closing(sqlite3.connect(tmp_path / "vault" / "vault.sqlite")) as reader:
        vault.turn("recorder", "to decide").wrap(_ANN, _KEY)
        ((wrapped,),) = reader.execute("SELECT wrapped FROM person_key").fetchall()
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM person_key").fetchall()

        with pytest.raises(VaultBusy, match=r"the key is destroyed, but .* once more"):
            vault.erase(_ANN)
        reader.rollback()
        still = lies_in(tmp_path, wrapped)
        vault.erase(_ANN)

        assert (still, lies_in(tmp_path, wrapped)) == (True, False)


def test_while_somebody_writes_the_vault_nothing_is_destroyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has waited for the other writer in vain is told so, and finds everything as it was."""
    monkeypatch.setattr(store, "_BUSY_SECONDS", 0.1)
    with closing(Vault(tmp_path)) as vault, closing(sqlite3.connect(tmp_path / "vault" / "vault.sqlite")) as writer:
        vault.turn("recorder", "to decide").wrap(_ANN, _KEY)
        writer.execute("BEGIN IMMEDIATE")

        with pytest.raises(VaultBusy, match="nothing was changed, try again"):
            vault.erase(_ANN)

        assert vault.erased() == frozenset()


def lies_in(folder: Path, key: bytes) -> bool:
    """Whether the bytes of a key stand in any file of the vault."""
    return any(key in path.read_bytes() for path in (folder / "vault").iterdir())


def test_forgetting_a_person_loses_nothing(vault: Vault) -> None:
    """A key held no longer is read again at its next use."""
    turn = vault.turn("recorder", "to decide")
    wrapped = turn.wrap(_ANN, _KEY)
    vault.forget(_ANN)
    vault.forget(_BEN)
    assert turn.unwrap(_ANN, wrapped) == _KEY


def test_the_key_of_a_refused_event_is_kept_for_a_redrive(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """The content key of a refused event is found by its place, by its subject only, within its turn and after."""
    turn = vault.turn("recorder", "to decide")
    assert turn.refused_key("inbox", 0, 7, _ANN) is None
    turn.keep_refused_key("inbox", 0, 7, _ANN, _KEY)
    assert turn.refused_key("inbox", 0, 7, _ANN) == _KEY
    turn.commit()
    again = open_vault().turn("recorder", "redrive")
    assert again.refused_key("inbox", 0, 7, _ANN) == _KEY
    assert again.refused_key("inbox", 0, 7, _BEN) is None
    assert again.refused_key("inbox", 1, 7, _ANN) is None
    again.keep_refused_key("inbox", 0, 7, _ANN, _KEY)
    again.commit()
    assert again.refused_key("inbox", 0, 7, _ANN) == _KEY


def test_a_refused_key_of_a_turn_thrown_away_is_not_kept(vault: Vault) -> None:
    """What a turn kept goes with the turn."""
    turn = vault.turn("recorder", "to decide")
    turn.keep_refused_key("inbox", 0, 7, _ANN, _KEY)
    turn.discard()
    assert turn.refused_key("inbox", 0, 7, _ANN) is None


def test_a_pack_key_is_the_same_for_ever_and_for_one_issue(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """A pack sealed again after a crash has the same ciphertext; each person, offer and issue has a key of its own."""
    issues = [(person, offer, n) for person in (_ANN, _BEN) for offer in ("offer-1", "offer-2") for n in (1, 2)]
    keys = [vault.pack_key(*issue) for issue in issues]
    assert [open_vault().pack_key(*issue) for issue in issues] == keys
    assert len(set(keys)) == len(issues)
    assert {len(key) for key in keys} == {32}


def test_of_an_erased_person_no_pack_key_is_made(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """What lies in a provider's topic opens for the trust no more, though the secret of packs is still there."""
    vault.pack_key(_ANN, "offer-1", 1)
    vault.erase(_ANN)
    for one in (vault, open_vault()):
        with pytest.raises(Erased):
            one.pack_key(_ANN, "offer-1", 1)
