"""Every fact of the handover ledger reads as one plain sentence."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from services.words import allocated, commissioning
from services.words.handover_catalogue import HandoverFact
from services.words.handover_sentences import handover_sentence_of
from services.words.word import Word
from tests.episodes.words_said import an_id, d
from tests.words.drawn import example_of

HANDOVER, OFFER = an_id("a handover"), an_id("an offer")
CASE: dict[str, Any] = {"handover_id": HANDOVER, "lot": "EAST_KENT", "provider_id": "weald-support"}


def contract(*districts: str) -> Word:
    """A contract for these districts."""
    return commissioning.ContractActivated(
        contract_id="weald-2012",
        provider_id="weald-support",
        lot="EAST_KENT",
        districts=list(districts),
        tier=1,
        weekly_minutes=6000,
        pence_per_hour=1650,
        from_on=d("2012-09-01"),
        to_on=d("2015-09-30"),
    )


SAID: list[tuple[Word, str]] = [
    (
        contract("dover"),
        (
            "Provider weald-support has contract weald-2012 for EAST_KENT, tier 1, from 1 September 2012 to "
            "30 September 2015: 6000 minutes a week in Dover."
        ),
    ),
    (
        contract("dover", "swale", "thanet"),
        (
            "Provider weald-support has contract weald-2012 for EAST_KENT, tier 1, from 1 September 2012 to "
            "30 September 2015: 6000 minutes a week in Dover, Swale and Thanet."
        ),
    ),
    (
        allocated.HandoverWaiting(handover_id=HANDOVER, lot="EAST_KENT", why="NO_ROOM"),
        "The case waits: no provider has room.",
    ),
    (
        allocated.StartFailed(offer_id=OFFER, why="NOT_CONFIRMED", **CASE),
        "Provider weald-support does not start: no start was confirmed in time.",
    ),
    (
        allocated.StartFailed(offer_id=OFFER, why="FAILED_CONTACT", **CASE),
        "Provider weald-support does not start: The person could not be reached (FC).",
    ),
    (
        allocated.PackReleased(offer_id=OFFER, issue=1, fields=["postcode"], ciphertext_hash=b"hash", **CASE),
        "Provider weald-support was told who the person is, sealed to its key.",
    ),
    (
        allocated.PackReleased(offer_id=OFFER, issue=2, fields=["postcode"], ciphertext_hash=b"hash", **CASE),
        "Provider weald-support was told who the person is again, as issue 2, sealed to its key.",
    ),
    (
        allocated.PackReleased(offer_id=OFFER, issue=1, **CASE),
        "There was nothing to release to provider weald-support: the person's records were erased.",
    ),
    (
        allocated.ReplySetAside(provider_id="oak", reply_id="r", reply="Accept", offer_id=OFFER, why="CLOSED"),
        "A reply of provider oak (Accept) changed nothing: the case is closed for this provider.",
    ),
    (
        allocated.ReplySetAside(provider_id="oak", reply_id="r", reply="Accept", offer_id=OFFER, why="OF_LATER_DAYS"),
        "A reply of provider oak (Accept) changed nothing: OF_LATER_DAYS.",
    ),
    (
        commissioning.WaveClosed(
            wave_id="autumn", cases=9, started=4, waiting=2, deferred=1, withdrawn=2, not_possible=0
        ),
        "Wave autumn was closed: of 9 cases 4 started, 2 waiting, 1 deferred, 2 withdrawn, 0 not possible.",
    ),
]


@pytest.mark.parametrize(("fact", "sentence"), SAID)
def test_a_fact_is_said_in_plain_words(fact: Any, sentence: str) -> None:
    """What happened, with its days and the meaning of its codes."""
    assert handover_sentence_of(fact) == sentence


@pytest.mark.parametrize("word", get_args(HandoverFact), ids=lambda word: word.__name__)
def test_every_fact_has_one_sentence(word: type[Word]) -> None:
    """Nothing that may stand in the handover ledger is without words, or shows an empty field or an id of a case."""
    fact: Any = example_of(word)

    sentence = handover_sentence_of(fact)

    assert re.fullmatch(r"[A-Z0-9][^\n]*\.", sentence)
    assert "None" not in sentence
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", sentence)
