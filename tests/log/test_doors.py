from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from services.log.doors import is_signed, signed
from services.log.memory import MemoryRecord
from services.log.record import Draft, Record
from services.vault.key_files import door_key
from services.words.envelope import DOOR_SIGNATURE
from tests.log.engine_county import RULES, EngineCounty, Event, adopted, an_id, day, event, person, redriven, registered

ADA = person("ada")
OUTCOME = {"handover_id": an_id("handover"), "lot": "WEST_KENT", "on": "2012-08-01"}
STARTED = {
    "episode_id": an_id("a"),
    "provider_id": "p",
    "contract_id": "c",
    "weekly_minutes": 60,
    "cause": "LEGACY_CSS",
}
SIGNED = {"by": "ann", "public_key": "00" * 32, "signature": "00" * 64}
ASKED = {"request_id": an_id("request")}
WHY = {"purpose": "COMPLAINT", "legal_basis": "GDPR_6_1_E"}
SYSTEM_WORDS: list[Event] = [
    day("2012-08-01"),
    adopted(),
    redriven(ADA, 0),
    event("StartConfirmed", ADA, OUTCOME | STARTED),
    event("SupportEndReported", ADA, OUTCOME | {"reason": "01"}),
    *(event(name, ADA, SIGNED | ASKED | WHY) for name in ("DisclosureRequested", "ErasureRequested")),
    *(event(name, ADA, SIGNED | ASKED) for name in ("DisclosureApproved", "ErasureApproved")),
    event("LegalHoldPlaced", ADA, SIGNED | {"hold_id": an_id("hold"), "legal_basis": "GDPR_9_2_F"}),
    event("LegalHoldLifted", ADA, SIGNED | {"hold_id": an_id("hold")}),
    event("ReleasedOutside", ADA, SIGNED | ASKED | {"recipient": "COURT"}),
    event("PersonErased", ADA, ASKED),
]
OTHER_DOOR = {
    "ticker": "stack",
    "stack": "redrive",
    "redrive": "outcomes",
    "outcomes": "guardian",
    "guardian": "ticker",
}

system_words = pytest.mark.parametrize("word", SYSTEM_WORDS, ids=lambda word: word["type"].rpartition(".")[2])


@pytest.fixture
def county(tmp_path: Path) -> Iterable[EngineCounty]:
    """A running county; every door has its key."""
    county = EngineCounty(tmp_path / "data")
    for door in OTHER_DOOR:
        door_key(county.folder, door)
    county.start()
    yield county
    county.close()


def test_every_system_word_is_tried_here() -> None:
    """Ruling 13: these are all the words that need their door's signature."""
    assert {word["type"] for word in SYSTEM_WORDS} == set(RULES.doors)


@system_words
def test_word_signed_by_its_door_is_taken(county: EngineCounty, word: Event) -> None:
    """Ruling 13: what its door has signed is judged like any other input."""
    (draft,) = county.said_by(RULES.doors[word["type"]], word)
    county.put(draft)

    county.settle()

    assert draft.headers[-1][0] == DOOR_SIGNATURE
    assert "NOT_YOURS" not in county.codes()


def _unsigned(county: EngineCounty, word: Event, _door: str) -> Draft:
    (draft,) = county.unsigned(word)
    return draft


def _with_a_key_of_its_own(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(door, word, key=bytes(32))
    return draft


def _by_another_door(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(OTHER_DOOR[door], word)
    return draft


def _in_the_doors_name_with_anothers_key(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(door, word, key=door_key(county.folder, OTHER_DOOR[door]))
    return draft


def _with_its_key_in_anothers_name(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(OTHER_DOOR[door], word, key=door_key(county.folder, door))
    return draft


def _not_last(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(door, word)
    return Draft(draft.topic, 0, draft.key, [*draft.headers, ("more", b"")], draft.value)


def _first(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(door, word)
    return Draft(draft.topic, 0, draft.key, [draft.headers[-1], *draft.headers[:-1]], draft.value)


def _of_another_record(county: EngineCounty, word: Event, door: str) -> Draft:
    (draft,) = county.said_by(door, word)
    (other,) = county.said_by(door, word | {"id": an_id("another")})
    return Draft(draft.topic, 0, draft.key, [*draft.headers[:-1], other.headers[-1]], draft.value)


@system_words
@pytest.mark.parametrize(
    "said",
    [
        _unsigned,
        _with_a_key_of_its_own,
        _by_another_door,
        _in_the_doors_name_with_anothers_key,
        _with_its_key_in_anothers_name,
        _not_last,
        _first,
        _of_another_record,
    ],
)
def test_word_without_its_doors_signature_is_not_yours(
    county: EngineCounty, word: Event, said: Callable[[EngineCounty, Event, str], Draft]
) -> None:
    """Ruling 13: a system word that its own door has not signed, as the last header, is NOT_YOURS and does nothing."""
    door = RULES.doors[word["type"]]
    county.put(said(county, word, door))

    county.settle()

    assert county.codes() == ["NOT_YOURS"]
    assert county.refused()[0].data["parameters"] == {"who": f"the {door} door"}
    assert county.ledger() == []


@system_words
def test_what_a_door_once_signed_stays_signed(county: EngineCounty, word: Event) -> None:
    """Design §4: a door's old keys are kept for ever, so what lies in the inbox is judged as it was."""
    door = RULES.doors[word["type"]]
    (draft,) = county.said_by(door, word)
    file = county.folder / "keys" / f"door-{door}.key"
    file.rename(file.with_name(f"{file.name}.1"))
    county.put(draft)
    (fresh,) = county.said_by(door, word | {"id": an_id("fresh")})
    county.put(fresh)

    county.start()
    county.settle()

    assert draft.headers[-1] != fresh.headers[-1]
    assert "NOT_YOURS" not in county.codes()


def test_a_teams_word_needs_no_signature_and_may_carry_one(county: EngineCounty) -> None:
    """Ruling 13: the signature is asked of system words only."""
    (draft,) = county.unsigned(registered(ADA, 0))
    county.put(signed(draft, "ticker", bytes(32)))

    county.settle()

    assert county.types() == ["PersonRegistered"]


@pytest.mark.parametrize("changed", ["key", "header", "value", "topic", "partition"])
def test_signature_binds_key_headers_and_value(changed: str) -> None:
    """Design §4: the signature is over H(record), so it holds wherever the record lies and for nothing else."""
    draft = signed(Draft("t", 0, b"key", [("ce_id", b"1")], b"value"), "ticker", b"k" * 32)
    headers, signature = list(draft.headers[:-1]), draft.headers[-1]

    record = _record(
        topic="u" if changed == "topic" else "t",
        partition=1 if changed == "partition" else 0,
        key=b"other" if changed == "key" else b"key",
        headers=[("ce_id", b"2") if changed == "header" else headers[0], signature],
        value=b"other" if changed == "value" else b"value",
    )

    assert is_signed(record, "ticker", {"ticker": [b"o" * 32, b"k" * 32]}) == (changed in ("topic", "partition"))


def _record(topic: str, partition: int, key: bytes, headers: list[tuple[str, bytes]], value: bytes) -> Record:
    return MemoryRecord(topic, partition, 0, 1, key, headers, value)
