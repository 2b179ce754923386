"""A handover inbox decided again gives the same bytes; a bent handover rule is found where it first mattered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.audit.recompute import Recomputation, Recomputed
from services.audit.recompute_keys import Covered
from services.cli.audit_recompute import sentence
from services.handover.allocator import allocator_rules
from services.handover.ids import offer_id_of
from services.log.desk import Desk
from services.vault.key_files import door_keys
from services.words.topics import HANDOVER
from tests.audit.exported import reader_of
from tests.audit.test_recompute import first_other
from tests.handover.story import EAST, episode, handover, person
from tests.handover.test_allocator import begin, dossier_of, request
from tests.handover.test_planted_faults import (
    Plant,
    accept_after_lapse,
    asked_again,
    capacity_ignored,
    foreign_accept,
    lapse_in_calendar_days,
    offer_twice,
    start_moves_responsibility_itself,
    wave_started_before_its_day,
)
from tests.memory_handover import DOORS, MemoryAllocator, an_id

PLANTS: dict[str, tuple[Plant, str, str]] = {
    "an offer never lapses": (accept_after_lapse, "OfferLapsed", "H2"),
    "anybody may accept an offer": (foreign_accept, "OfferAccepted", "H5"),
    "an offer is made to two at once": (offer_twice, "OfferMade", "H1 to H3"),
    "a contract is never full": (capacity_ignored, "OfferMade", "H1 to H3"),
    "a provider's word completes a handover": (start_moves_responsibility_itself, "HandoverCompleted", "H6"),
    "weekends count for the last day to respond": (lapse_in_calendar_days, "OfferMade", "H1 to H3"),
    "who declined is asked again": (asked_again, "OfferMade", "H1 to H3"),
    "a wave starts on the day of its freeze": (wave_started_before_its_day, "WaveStarted", "H7"),
}


def autumn(allocator: MemoryAllocator) -> None:
    """Two providers with room for five cases each; what they are told is the same whatever the rules make of it."""
    begin(allocator, "oak", "ash")
    papers = dossier_of(allocator, "ann")
    a_case_that_starts(allocator, papers)
    request(allocator, "bob", papers)
    allocator.say("Accept", "ash", {"offer_id": offer_id_of(handover("bob"), 1), "start_on": "2012-10-08"})
    a_wave(allocator, papers)
    for case in range(9):
        request(allocator, f"case {case}", papers)
    for day in range(4, 13):
        allocator.day(f"2012-10-{day:02}")


def a_case_that_starts(allocator: MemoryAllocator, papers: dict[str, Any]) -> None:
    """`oak` declines, `ash` accepts and starts, and the trust's ledger says so."""
    case, who = {"handover_id": handover("ann")}, {"person_id": person("ann"), "episode_id": episode("ann")}
    request(allocator, "ann", papers)
    allocator.say("Decline", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "reason": "NO_CAPACITY"})
    allocator.say("Accept", "ash", {"offer_id": offer_id_of(handover("ann"), 2), "start_on": "2012-10-02"})
    allocator.day("2012-10-02")
    allocator.say("ConfirmStart", "ash", {**case, "on": "2012-10-02"})
    support = {"sis_episode_id": an_id("sis ann"), "provider_id": "ash", "contract_id": "c-ash"}
    asked = {"lot": EAST, "weekly_minutes": 120, "on": "2012-10-02", "cause": "LONG_TERM_SUPPORT"}
    allocator.say("SisSupportStarted", EAST, {**case, **who, **support, **asked})


def a_wave(allocator: MemoryAllocator, papers: dict[str, Any]) -> None:
    """It is frozen on the next day and offered from the Monday after."""
    planned = {"wave_id": "w", "lot": EAST, "freeze_on": "2012-10-03", "start_on": "2012-10-08"}
    allocator.say("WavePlanned", EAST, planned)
    request(allocator, "dee", papers)
    allocator.day("2012-10-03")


def recomputed(allocator: MemoryAllocator) -> Recomputed:
    """The handover inbox decided again by the rules of today."""
    county = allocator.county
    doors = {door: door_keys(county.folder, door) for door in DOORS}
    keys = Covered(county.vault)
    desk: Desk[Any] = Desk(allocator_rules(keys), 1, doors, lambda _: None)
    return asyncio.run(Recomputation(reader_of(county.log), desk, HANDOVER, 0, keys, 0).run())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryAllocator]:
    """The autumn by the rules as they are."""
    made = MemoryAllocator.at(tmp_path_factory.mktemp("sound"))
    autumn(made)
    yield made
    made.county.vault.close()


def test_an_autumn_of_handovers_is_decided_as_it_was(sound: MemoryAllocator) -> None:
    """Offers, packs, lapses and a wave, byte for byte; and each rule that is bent below has its place in it.

    Packs are opened again under the one entry of the recomputation in the log of openings (decision 20).
    """
    opened = len(sound.county.vault.openings())

    found = recomputed(sound)

    told = {fact.type.rpartition(".")[2] for fact in sound.ledger()}
    assert (found.same, found.difference, found.halted) == (found.inputs, None, None)
    assert sound.refused() == []
    assert len(sound.county.vault.openings()) == opened
    assert told >= {"OfferLapsed", "ForeignReplyNoted", "HandoverWaiting", "HandoverCompleted", "WaveStarted"}


@pytest.mark.parametrize("planted", PLANTS)
def test_a_bent_handover_rule_is_found_where_it_first_mattered(
    planted: str, sound: MemoryAllocator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the recorder: the first input decided otherwise is named, and the rule; and no input after it."""
    plant, what, rule = PLANTS[planted]
    bent = MemoryAllocator.at(tmp_path)
    with monkeypatch.context() as written:
        plant(written.setattr)
        autumn(bent)

    difference = recomputed(bent).difference

    assert difference is not None, "it was found"
    assert difference.offset == first_other(bent, sound, 0)
    assert what in {deed.name for deed in (*difference.recorded, *difference.decided)}
    assert difference.rule.startswith(f"{rule}, ")
    assert f"the rule: {rule}, " in sentence(difference)
    bent.county.vault.close()
