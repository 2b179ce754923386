"""Emitters sign what they say, and nobody speaks in another's name (issue 2, point 5; decision 0015)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.episodes.recorder import recorder_rules
from services.log.desk import Desk
from services.log.emitters import signed_by
from services.log.engine import Engine
from services.log.memory_turns import MemoryTurns
from services.log.posting import posted
from services.log.record import Draft
from services.vault import emitter_keys
from services.vault.emitter_keys import EmitterKeys, emitter_key, replace_key
from services.vault.key_files import door_keys
from services.words import envelope as named
from services.words.calendar import DayBegan
from services.words.topics import EPISODES, EPISODES_INBOX
from tests.memory_county import DOORS, MemoryCounty, feed_of

TEAM, OTHER = "maidstone-cmht", "recovery-east"


class Signing:
    """A county of one partition whose recorder asks for signatures."""

    def __init__(self, folder: Path, *, strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(emitter_keys, "_LOOK_AGAIN_SECONDS", 0.0)
        self.county = MemoryCounty(folder, 1)
        doors = {door: door_keys(folder, door) for door in DOORS}
        keys = EmitterKeys(folder, strict=strict)
        desk = Desk(recorder_rules(synthetic=True), 1, doors, self.county.alarms.append, keys)
        turns = MemoryTurns(self.county.log, EPISODES, 0)
        self.county.engines = [Engine(desk, EPISODES, 0, turns, self.county.vault, lambda _: None)]
        asyncio.run(self.county.engines[0].start())
        feed = feed_of("maidstone-2012.ndjson")
        self.event: dict[str, Any] = next(
            one for one in feed if one["type"].endswith("PersonRegistered") and one["source"] == f"/kmpt/{TEAM}"
        )
        self.county.tell(next(one for one in feed if one["type"] == DayBegan.TYPE))

    def draft(self, **changed: Any) -> Draft:
        """The registration of somebody, unsigned."""
        return posted({**self.event, **changed}, EPISODES_INBOX, 1, self.county.public)

    def key(self, emitter: str = TEAM) -> bytes:
        """An emitter's present key."""
        return emitter_key(self.county.folder, emitter)

    def outcome(self, draft: Draft) -> str:
        """What comes of an inbox record: its type or the code of its refusal."""
        facts, refusals = len(self.county.ledger()), len(self.county.refused())
        self.county.log.append(draft)
        self.county.settle()
        if len(self.county.refused()) > refusals:
            return str(self.county.refused()[-1].data["code"])
        recorded = self.county.ledger()[facts:]
        return recorded[0].type.rpartition(".")[2] if recorded else "REPEAT"


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signing:
    """A county in which everybody must sign."""
    return Signing(tmp_path, strict=True, monkeypatch=monkeypatch)


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signing:
    """A county in which what is not signed is taken."""
    return Signing(tmp_path, strict=False, monkeypatch=monkeypatch)


def test_what_a_team_signs_is_recorded(signing: Signing) -> None:
    """By its own key, for its own source."""
    assert signing.outcome(signed_by(signing.draft(), TEAM, signing.key())) == "PersonRegistered"


def test_what_nobody_signed_is_refused_where_all_must_sign(signing: Signing) -> None:
    """With a sentence that says what is missing."""
    assert signing.outcome(signing.draft()) == "NOT_YOURS"
    assert "key speaks for this source" in str(signing.county.refused()[-1].data["parameters"])


def test_what_nobody_signed_is_taken_where_nobody_must(trusting: Signing) -> None:
    """The default of a trial."""
    assert trusting.outcome(trusting.draft()) == "PersonRegistered"


def _with(name: str, value: bytes) -> Callable[[Draft], Draft]:
    def changed(draft: Draft) -> Draft:
        return draft._replace(headers=[(head, value if head == name else content) for head, content in draft.headers])

    return changed


def _with_another_end(draft: Draft) -> Draft:
    """Its last byte is of a sealing and may be any, so one bit of it is turned."""
    assert draft.value
    return draft._replace(value=draft.value[:-1] + bytes([draft.value[-1] ^ 1]))


FORGERIES: dict[str, Callable[[Draft], Draft]] = {
    "another id": _with(named.ID, b"another-id"),
    "another source": _with(named.SOURCE, f"/kmpt/{OTHER}".encode()),
    "another time": _with(named.TIME, b"2012-08-02T09:00:00+01:00"),
    "another signature": _with(named.EMITTER_SIGNATURE, f"{TEAM}:{'0' * 64}".encode()),
    "no signature at all in it": _with(named.EMITTER_SIGNATURE, b"nothing"),
    "a header after it": lambda draft: draft._replace(headers=[*draft.headers, ("more", b"")]),
    "another content": _with_another_end,
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("strict", [True, False])
def test_whatever_is_changed_after_signing_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgery: str, strict: bool
) -> None:
    """Where all must sign and where nobody must: a signature that does not fit is refused."""
    here = Signing(tmp_path, strict=strict, monkeypatch=monkeypatch)
    whole = signed_by(here.draft(), TEAM, here.key())

    assert here.outcome(FORGERIES[forgery](whole)) in ("NOT_YOURS", "UNREADABLE")
    assert not any(fact.subject for fact in here.county.ledger())


def test_no_team_speaks_for_another(signing: Signing) -> None:
    """A key that is good for one source says nothing in the name of another, whatever name it signs with."""
    first, second, third = (signing.draft(id=name, source=f"/kmpt/{OTHER}") for name in ("one", "two", "three"))

    assert signing.outcome(signed_by(first, TEAM, signing.key())) == "NOT_YOURS"
    assert signing.outcome(signed_by(second, OTHER, signing.key())) == "NOT_YOURS"
    assert signing.outcome(signed_by(third, OTHER, signing.key(OTHER))) == "PersonRegistered"


def test_nobody_speaks_for_a_source_without_a_key(signing: Signing) -> None:
    """A source that is no team's, such as the service's own, is nobody's to sign for."""
    assert signing.outcome(signed_by(signing.draft(source="/kmpt/recorder"), TEAM, signing.key())) == "NOT_YOURS"


def test_a_replaced_key_counts_for_what_it_signed_in_time(signing: Signing, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was appended before the moment stays signed for ever; what comes later must bear the new key."""
    former = signing.key()
    monkeypatch.setattr(time, "time", lambda: 1_000.0)  # long before the county's append times
    replace_key(signing.county.folder, TEAM)

    assert signing.outcome(signed_by(signing.draft(), TEAM, former)) == "NOT_YOURS"
    assert signing.outcome(signed_by(signing.draft(id="again"), TEAM, signing.key())) == "PersonRegistered"

    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)  # long after them
    latest = signing.key()
    replace_key(signing.county.folder, TEAM)
    assert signing.outcome(signed_by(signing.draft(id="in time", subject=_OTHER_PERSON), TEAM, latest)) != "NOT_YOURS"


_OTHER_PERSON = "8f4d119f-380a-5ff3-aadf-97f86a0d5818"


def test_keys_are_files_that_only_their_owner_may_touch(signing: Signing) -> None:
    """One for each team and one for the commissioner."""
    files = sorted((signing.county.folder / "keys").glob("emitter-*.key"))
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stem.removeprefix("emitter-") for path in files} >= {TEAM, OTHER, "commissioner"}
