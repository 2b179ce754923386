"""The notary signs each partition as far as it reaches, and never two stories."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import Checkpoint, NotACheckpoint, read, signed
from services.audit.checkpoint_folder import kept
from services.audit.merkle import root_of
from services.log.chain import record_hash
from services.log.memory import all_seen
from services.log.record import Draft
from services.notary.notary import LedgerChanged
from services.notary.signing_key import public_key
from services.words.topics import CHECKPOINTS, EPISODES_LEDGER
from tests.audit.signed_county import SignedCounty, year_of

ORIGIN = f"{EPISODES_LEDGER}/0"


def notes_of(county: SignedCounty) -> list[Checkpoint]:
    """Every checkpoint of the ledger in the folder, each signed by the notary."""
    key = public_key(county.folder)
    assert key is not None
    return [one for _, note in kept(county.checkpoints) if (one := read(note, key)).origin == ORIGIN]


def test_a_checkpoint_binds_what_the_chain_binds(tmp_path: Path) -> None:
    """Its root is that of the hashes H(record) of all committed records of the partition."""
    county = year_of(tmp_path)
    hashes = [record_hash(one.key, one.headers, one.value) for one in all_seen(county.county.log, EPISODES_LEDGER, 0)]
    assert notes_of(county) == [Checkpoint(ORIGIN, len(hashes), root_of(hashes))]


def test_topic_and_folder_hold_the_same_notes(tmp_path: Path) -> None:
    """What was published was kept; nobody may write to a note."""
    county = year_of(tmp_path)
    published = {(one.value or b"").decode() for one in all_seen(county.county.log, CHECKPOINTS, 0)}
    assert published == {note for _, note in kept(county.checkpoints)}
    assert {path.stat().st_mode & 0o777 for path in county.checkpoints.glob("*/*")} == {0o444}


def test_nothing_new_is_not_signed_again(tmp_path: Path) -> None:
    """A notary that starts again finds what it signed, and signs only what came since."""
    county = year_of(tmp_path)
    before = len(all_seen(county.county.log, CHECKPOINTS, 0))
    county.sign()
    assert len(all_seen(county.county.log, CHECKPOINTS, 0)) == before


def test_a_note_kept_but_not_published_is_published_after_a_crash(tmp_path: Path) -> None:
    """Between folder and topic a notary may die; the next one says it again, with the same text."""
    county = year_of(tmp_path)
    first = county.county.log
    notes = [note for _, note in kept(county.checkpoints)]
    first._slots[CHECKPOINTS, 0].clear()  # the topic as if it had never been reached
    county.sign()
    assert sorted((one.value or b"").decode() for one in all_seen(first, CHECKPOINTS, 0)) == sorted(notes)


def test_a_changed_partition_is_never_signed(tmp_path: Path) -> None:
    """A notary that finds other records than it signed stops, and says where."""
    county = year_of(tmp_path)
    del county.county.log._slots[EPISODES_LEDGER, 0][-4:]
    with pytest.raises(LedgerChanged, match=ORIGIN):
        asyncio.run(county.notary().start())


def test_somebody_elses_note_is_no_checkpoint(tmp_path: Path) -> None:
    """The notary's key has not signed it, so a notary does not count it and a reader refuses it."""
    county = year_of(tmp_path)
    forged = signed(Checkpoint(ORIGIN, 3, bytes(32)), Ed25519PrivateKey.generate())
    county.county.log.append(Draft(CHECKPOINTS, 0, ORIGIN.encode(), (), forged.encode()))
    asyncio.run(county.notary().start())
    key = public_key(county.folder)
    assert key is not None
    with pytest.raises(NotACheckpoint, match="has not signed it"):
        read(forged, key)


@pytest.mark.parametrize(
    "damage", ["", "x\n1\n", "a/0\n-1\nAAAA\n\n", "a/0\n01\n" + "A" * 43 + "=\n\n", "a\n1\nAA==\n\n"]
)
def test_a_damaged_note_is_said_to_be_damaged(damage: str) -> None:
    """Whatever lies in a note's place, the answer is in plain words."""
    with pytest.raises(NotACheckpoint):
        read(damage, Ed25519PrivateKey.generate().public_key())
