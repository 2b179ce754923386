"""The handover's rules were read twice: by the allocator, and by a small one beside these tests.

Whatever is told, both must record the same facts, tell providers the same, and refuse the same. What the page leaves
open is not compared: the order of one input's facts about different cases, what is sealed, and ids of correlation.
SIS_STORIES says how many stories are told.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pytest

from services.handover.allocating import INITIAL, decide, evolve
from services.handover.messages import PackToSeal
from services.words.deciding import Decision, Fact, Input, Message
from services.words.handover_catalogue import (
    ALLOCATOR_WORDS,
    ANSWER_WORDS,
    COMMISSIONER_WORDS,
    CONNECTION_WORDS,
    EXCHANGE_WORDS,
    MESSAGE_WORDS,
    REFERRED_WORDS,
)
from services.words.not_taken import REASONS
from services.words.word import Sealed, Word
from tests.second_reading.allocator import Heard
from tests.second_reading.desk import Desk, Open, Told, plain
from tests.second_reading.gossip import Gossip, Said

STORIES = int(os.environ.get("SIS_STORIES", "300"))
WORDS = 90
READINGS = [frozenset(some) for number in range(len(Open) + 1) for some in combinations(Open, number)]
"""Every way to read what the page leaves open, beginning with the one that this allocator has."""
CODES = {
    *("UNKNOWN_PROVIDER", "UNKNOWN_CONTRACT", "UNKNOWN_WAVE", "UNKNOWN_HANDOVER", "CONTRACT_EXISTS", "OUT_OF_LOT"),
    *("CONTRACT_NOT_ACTIVE", "OVER_CONTRACT", "NO_ROOM", "IN_THE_PAST", "WAVE_EXISTS", "WAVE_FROZEN", "WAVE_CLOSED"),
    *("WAVE_NOT_STARTED", "WRONG_STATE", "INVALID_DATA", "UNKNOWN_CODE", "IN_THE_FUTURE"),
}
"""Every refusal of the handover's rules; what the host refuses before them is not read here."""


def by_the_program(said: Said, book: Any) -> Decision:
    """What the allocator's rules make of a word."""
    has_text = any(getattr(said.word, name) is not None for name in said.word.SEALED)
    return decide(
        Input(
            id=said.id,
            source="/test",
            subject=said.subject,
            time="2012-10-01T09:00:00+01:00",
            word=said.word,
            received_on=said.received_on,
            sealed=Sealed(key_id=said.subject, key=b"key", blob=b"blob") if has_text else None,
            reused=said.reused,
        ),
        book,
    )


def fact_told(fact: Fact) -> Told:
    """A fact without what is sealed."""
    return Told(fact.key, type(fact.word).__name__, plain(fact.word))


def message_told(message: Message) -> Told:
    """A message without what is sealed; a pack with the papers that it is to be made of."""
    word = message.word
    if isinstance(word, PackToSeal):
        papers = {"papers": word.dossier.blob}
        pack = {name: value for name, value in plain(word.pack).items() if name not in ("key", "blob")}
        return Told(message.provider_id, type(word.pack).__name__, pack | papers)
    return Told(message.provider_id, type(word).__name__, plain(word))


def by_case(told: Iterable[Told]) -> dict[tuple[str, ...], list[Told]]:
    """What is said of each case, or wave, in its order; of others in any."""
    found = defaultdict(list)
    for one in told:
        found[one.where, str(one.data.get("handover_id") or one.data.get("wave_id"))].append(in_any_order(one))
    return dict(found)


def in_any_order(told: Told) -> Told:
    """The cases of a frozen wave have no order."""
    cases = told.data.get("cases")
    return told._replace(data={**told.data, "cases": sorted(cases)}) if isinstance(cases, list) else told


def differences(decision: Decision, heard: Heard) -> list[str]:
    """In what the two readings differ."""
    facts, messages = list(map(fact_told, decision.facts)), list(map(message_told, decision.messages))
    found = []
    if bool(decision.refusals) != bool(heard.refused) or not heard.refused.issuperset(
        refusal.code for refusal in decision.refusals
    ):
        found.append(f"refused {decision.refusals} by the program, {sorted(heard.refused)} by the page")
    if facts[:1] != heard.facts[:1]:
        found.append(f"first {facts[:1]} by the program, {heard.facts[:1]} by the page")
    for of, ours, theirs in (
        ("facts", by_case(facts), by_case(heard.facts)),
        ("messages", by_case(messages), by_case(heard.messages)),
    ):
        found += [
            f"{of} {name}: {ours.get(name)} by the program,\n      {theirs.get(name)} by the page"
            for name in {**ours, **theirs}
            if ours.get(name) != theirs.get(name)
        ]
    if asked(facts) != asked(heard.facts):
        found.append(f"asked in the order {asked(facts)} by the program, {asked(heard.facts)} by the page")
    return found


def correlations(decision: Decision, desk: Desk) -> list[str]:
    """Design 4: what a fact is correlated with is the episode's id, else the handover's, else the subject."""
    found = []
    for fact in decision.facts:
        data = plain(fact.word)
        offered = desk.offer(data.get("offer_id", ""))
        case = offered[0] if offered else desk.cases.get(data.get("handover_id", ""))
        named = {data[name] for name in ("episode_id", "handover_id") if name in data}
        # what nobody knows may be called as it was named, or not at all
        lawful = {case.episode_id, case.id} if case else {*named, fact.subject or fact.key}
        if fact.correlation not in lawful:
            found.append(f"{type(fact.word).__name__} is correlated with {fact.correlation}, not {sorted(lawful)}")
    return found


def asked(facts: Iterable[Told]) -> dict[str, list[str]]:
    """Ruling 75: for which cases of each lot somebody is asked, in order; two lots have nothing to share."""
    found = defaultdict(list)
    for fact in facts:
        if fact.name == "OfferMade":
            found[fact.where].append(fact.data["offer_id"])
    return dict(found)


def first_difference(seed: int, reading: frozenset[Open] = frozenset()) -> str | None:
    """Where the two readings of a story part."""
    book = INITIAL
    gossip = Gossip(seed, reading)
    for number, (said, heard) in enumerate(gossip.tell(WORDS)):
        decision = by_the_program(said, book)
        if found := differences(decision, heard) + correlations(decision, gossip.heard):
            return f"story {seed}, word {number}: {said.word!r} of {said.subject}\n  " + "\n  ".join(found)
        for fact in decision.facts:
            book = evolve(book, fact)
    return None


def parting(seeds: Iterable[int]) -> list[str]:
    """Where the two readings of these stories part, however what the page leaves open is read; shown for the first."""
    partings = ([found for seed in seeds if (found := first_difference(seed, reading))] for reading in READINGS)
    first = next(partings)
    return first if first and all(partings) else []


@pytest.mark.parametrize("tens", range(STORIES // 10))
def test_both_readings_agree_whatever_is_told(tens: int) -> None:
    """H1 to H11, rulings 61 to 95: both decide the same, word by word."""
    assert parting(range(tens * 10, tens * 10 + 10)) == []


@pytest.mark.parametrize(
    ("choice", "seed"),
    [
        (Open.AS_THE_DAYS_COME, 120),
        (Open.RAISED_THE_SAME_DAY, 121),
        (Open.CLOSED_TO_THE_LOSER, 51),
        (Open.CHANGES_REPEAT, 3),
    ],
)
def test_what_the_page_leaves_open_matters_in_some_story(choice: Open, seed: int) -> None:
    """The stories come to each choice that is open, and there the allocator goes one way and not the other."""
    assert any(first_difference(each, frozenset({choice})) for each in (seed, *range(400)))


def test_gossip_gets_everywhere() -> None:
    """The stories compared reach every word of the inbox, every fact and message, every reason and every refusal."""
    heard = [heard for seed in range(150) for _, heard in Gossip(seed).tell(WORDS)]
    said = names(COMMISSIONER_WORDS, REFERRED_WORDS, CONNECTION_WORDS, EXCHANGE_WORDS, ANSWER_WORDS, ALLOCATOR_WORDS)
    assert {fact.name for one in heard for fact in one.facts} == said | {"DayBegan"}
    assert {message.name for one in heard for message in one.messages} == names(MESSAGE_WORDS)
    assert {code for one in heard for code in one.refused} == CODES
    assert {why for one in heard for fact in one.facts for why in reasons(fact)} >= REASONS.keys() - CODES
    endings = {outcome for one in heard for message in one.messages if (outcome := message.data.get("outcome"))}
    assert endings == {"PLACED", "WITHDRAWN", "START_FAILED", "COMPLETED"}
    waiting = {fact.data["why"] for one in heard for fact in one.facts if fact.name == "HandoverWaiting"}
    assert waiting == {"NO_CONTRACT", "NO_PROVIDER", "NO_ROOM", "ALL_ASKED"}


def names(*catalogues: Mapping[str, type[Word]]) -> set[str]:
    """Their short names."""
    return {word.__name__ for words in catalogues for word in words.values()}


def reasons(fact: Told) -> set[str]:
    """Why a reply changed nothing, if the page leaves no choice."""
    why = fact.data["why"] if fact.name == "ReplySetAside" else ()
    return set(why) if len(why) == 1 else set()
