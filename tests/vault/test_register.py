"""The register: no two persons hold one NHS number, and an input once answered hears the same for ever (ruling 1)."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.vault.turn import Turn
from services.vault.vault import Vault

_ANN, _BEN = "3f0c0b52-0000-4000-8000-000000000001", "3f0c0b52-0000-4000-8000-000000000002"
_ONE, _TWO = "9990000018", "9990000026"
_INBOX = "kmpt.episodes.inbox.v1"
_RACES = 20

_claims = st.lists(
    st.tuples(st.sampled_from([_ONE, _TWO, "9990000034"]), st.sampled_from([_ANN, _BEN, "third"]), st.booleans())
)


def decide(turn: Turn, offset: int, number: str, person: str, *, replaces: bool = False, partition: int = 0) -> str:
    """What a host does with a registration: ask, claim if it would be recorded, and ask again if the claim is lost."""
    answer = turn.holder(_INBOX, partition, offset, number, person)
    if answer == "free" and not turn.claim(_INBOX, partition, offset, number, person, f"event {offset}", replaces):
        answer = turn.holder(_INBOX, partition, offset, number, person)
        assert answer == "taken"
    return answer


def race(folder: Path, person: str, partition: int, together: Barrier) -> None:
    """One of two recorders: it asks for number after number at the same moment as the other, and notes the answers."""
    with closing(Vault(folder)) as vault:
        turn, answers = vault.turn("recorder", "to decide"), []
        for offset in range(_RACES):
            number = f"{9990000000 + offset}"
            asked = turn.holder(_INBOX, partition, offset, number, person)
            together.wait()
            assert asked == "free"
            answers.append(decide(turn, offset, number, person, partition=partition))
            turn.commit()
            together.wait()
    (folder / person).write_text("\n".join(answers))


def claim_and_die(folder: Path, *, after_commit: bool) -> None:
    """A recorder whose process dies before the log's own commit."""
    turn = Vault(folder).turn("recorder", "to decide")
    assert decide(turn, 5, _ONE, _ANN) == "free"
    if after_commit:
        turn.commit()
    os._exit(9)


@pytest.mark.parametrize(
    ("before", "number", "person", "replaces", "answer", "holders"),
    [
        ([], _ONE, _ANN, False, "free", {_ONE: _ANN}),
        ([(_ONE, _ANN)], _ONE, _BEN, False, "taken", {_ONE: _ANN}),
        ([(_ONE, _ANN)], _ONE, _ANN, False, "free", {_ONE: _ANN}),
        ([(_ONE, _ANN)], _TWO, _BEN, False, "free", {_ONE: _ANN, _TWO: _BEN}),
        ([(_ONE, _ANN)], _TWO, _ANN, True, "free", {_ONE: None, _TWO: _ANN}),
        ([(_ONE, _ANN)], _ONE, _ANN, True, "free", {_ONE: _ANN}),
        ([(_ONE, _ANN), (_TWO, _BEN)], _TWO, _ANN, True, "taken", {_ONE: _ANN, _TWO: _BEN}),
        ([(_ONE, _ANN)], _TWO, _BEN, True, "free", {_ONE: _ANN, _TWO: _BEN}),
    ],
    ids=[
        "nobody holds it",
        "another holds it",
        "it is theirs",
        "another number",
        "a correction frees the old number (ruling 20)",
        "a correction that keeps the number",
        "a correction to another's number frees nothing",
        "a correction frees nothing of others",
    ],
)
def test_who_gets_a_number(
    vault: Vault,
    before: list[tuple[str, str]],
    number: str,
    person: str,
    replaces: bool,
    answer: str,
    holders: dict[str, str | None],
) -> None:
    """A number is free for whoever holds it and for all if nobody does; only a correction frees the former number."""
    turn = vault.turn("recorder", "to decide")
    for offset, (held, holder) in enumerate(before):
        decide(turn, offset, held, holder)
    turn.commit()
    assert decide(turn, 9, number, person, replaces=replaces) == answer
    turn.commit()
    assert {held: vault.find(held, "ann.archer", "check") for held in holders} == holders


@given(claims=_claims, data=st.data())
@settings(max_examples=50, deadline=None)
def test_no_two_persons_ever_hold_one_number(
    tmp_path_factory: pytest.TempPathFactory, claims: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    """Whatever is claimed, corrected, committed or thrown away, the register is what a plain list of holders says."""
    committed: dict[str, str] = {}
    held: dict[str, str] = {}
    with closing(Vault(tmp_path_factory.mktemp("register"))) as vault:
        turn = vault.turn("recorder", "to decide")
        for offset, (number, person, replaces) in enumerate(claims):
            free = held.get(number, person) == person
            assert decide(turn, offset, number, person, replaces=replaces) == ("free" if free else "taken")
            if free:
                held = {other: who for other, who in held.items() if not (replaces and who == person)}
                held[number] = person
            match data.draw(st.sampled_from(["go on", "commit", "discard"])):
                case "commit":
                    turn.commit()
                    committed = held
                case "discard":
                    turn.discard()
                    held = committed
        turn.discard()
        assert {n: p for n in (_ONE, _TWO, "9990000034") if (p := vault.find(n, "a", "b"))} == committed


def test_a_turn_sees_what_it_claimed(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """Within a turn a number claimed is taken at once; for others only with the commit."""
    turn, other = vault.turn("recorder", "to decide"), open_vault().turn("recorder", "to decide")
    assert decide(turn, 1, _ONE, _ANN) == "free"
    assert turn.holder(_INBOX, 0, 2, _ONE, _BEN) == "taken"
    assert other.holder(_INBOX, 1, 1, _ONE, _BEN) == "free"
    turn.commit()
    assert other.holder(_INBOX, 1, 2, _ONE, _BEN) == "taken"


def test_an_input_hears_the_same_within_its_turn(vault: Vault) -> None:
    """An input asked for twice hears the same, although a later one of the same turn has claimed the number."""
    turn = vault.turn("recorder", "to decide")
    assert turn.holder(_INBOX, 0, 1, _ONE, _ANN) == "free"
    assert decide(turn, 2, _ONE, _BEN) == "free"
    assert turn.holder(_INBOX, 0, 1, _ONE, _ANN) == "free"


def test_two_processes_race_for_a_number(tmp_path: Path) -> None:
    """Of two recorders that were both told a number is free, exactly one gets it; the other hears it is taken."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(2, timeout=20)
    racers = [
        spawn.Process(target=race, args=(tmp_path, who, n, together), daemon=True) for n, who in enumerate((_ANN, _BEN))
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0, 0]
    answers = [(tmp_path / person).read_text().splitlines() for person in (_ANN, _BEN)]
    assert [sorted(pair) for pair in zip(*answers, strict=True)] == [["free", "taken"]] * _RACES
    with closing(Vault(tmp_path)) as vault:
        for offset in range(_RACES):
            winner = (_ANN, _BEN)[answers[1][offset] == "free"]
            assert vault.find(f"{9990000000 + offset}", "ann.archer", "check") == winner
            again = [
                vault.turn("recorder", "again").holder(_INBOX, n, offset, f"{9990000000 + offset}", person)
                for n, person in enumerate((_ANN, _BEN))
            ]
            assert again == [answers[0][offset], answers[1][offset]]


def test_a_claim_lost_answers_taken_for_ever(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """Who was told free and lost the claim hears taken from then on, even when the number is free again."""
    turn, other = vault.turn("recorder", "to decide"), open_vault().turn("recorder", "to decide")
    assert turn.holder(_INBOX, 0, 1, _ONE, _ANN) == "free"
    assert decide(other, 1, _ONE, _BEN, partition=1) == "free"
    other.commit()
    assert decide(turn, 1, _ONE, _ANN) == "taken"
    turn.commit()
    assert decide(other, 2, _TWO, _BEN, replaces=True, partition=1) == "free"
    other.commit()
    assert open_vault().turn("recorder", "again").holder(_INBOX, 0, 1, _ONE, _ANN) == "taken"
    assert turn.holder(_INBOX, 0, 2, _ONE, _ANN) == "free"


def test_a_claim_lost_overrules_an_answer_kept(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """Who heard free before a crash and is beaten to the number meanwhile hears taken from the lost claim on."""
    turn, other = vault.turn("recorder", "to decide"), open_vault().turn("recorder", "to decide")
    assert turn.holder(_INBOX, 0, 1, _ONE, _ANN) == "free"
    turn.commit()
    assert decide(other, 1, _ONE, _BEN, partition=1) == "free"
    other.commit()
    assert decide(turn, 1, _ONE, _ANN) == "taken"
    turn.commit()
    assert open_vault().turn("recorder", "again").holder(_INBOX, 0, 1, _ONE, _ANN) == "taken"


@pytest.mark.parametrize("first", ["free", "taken"])
def test_an_input_hears_the_same_for_ever(vault: Vault, open_vault: Callable[[], Vault], first: str) -> None:
    """Once answered, the same input hears the same whoever holds the number by then; another input asks anew."""
    if first == "taken":
        turn = vault.turn("recorder", "to decide")
        decide(turn, 1, _ONE, _BEN, partition=1)
        turn.commit()
    turn = vault.turn("recorder", "to decide")
    assert turn.holder(_INBOX, 0, 1, _ONE, _ANN) == first
    turn.commit()
    changed = {"free": (_ONE, False), "taken": (_TWO, True)}[first]
    assert decide(turn, 2, changed[0], _BEN, replaces=changed[1], partition=1) == "free"
    turn.commit()
    for host in (vault, open_vault()):
        again = host.turn("recorder", "again")
        assert again.holder(_INBOX, 0, 1, _ONE, _ANN) == first
        again.commit()
        assert again.holder(_INBOX, 0, 3, _ONE, _ANN) != first


def test_the_first_answer_stands(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """A former owner of a partition that commits late changes no answer that its successor gave."""
    late, successor, other = (open_vault().turn("recorder", "to decide") for _ in range(3))
    assert late.holder(_INBOX, 0, 1, _ONE, _ANN) == "free"
    assert decide(other, 1, _ONE, _BEN, partition=1) == "free"
    other.commit()
    assert successor.holder(_INBOX, 0, 1, _ONE, _ANN) == "taken"
    successor.commit()
    late.commit()
    assert vault.turn("recorder", "again").holder(_INBOX, 0, 1, _ONE, _ANN) == "taken"


@pytest.mark.parametrize("after_commit", [True, False])
def test_a_crash_before_the_logs_commit_changes_no_answer(
    vault: Vault,
    after_commit: bool,
    tmp_path: Path,
) -> None:
    """A recorder that died with a number claimed and its turn not in the log decides the same when it is back."""
    recorder = multiprocessing.get_context("spawn").Process(
        target=claim_and_die, args=(tmp_path,), kwargs={"after_commit": after_commit}, daemon=True
    )
    recorder.start()
    recorder.join()
    assert recorder.exitcode == 9
    between = vault.turn("recorder", "another partition")
    held = "taken" if after_commit else "free"
    assert between.holder(_INBOX, 1, 1, _ONE, _BEN) == held
    between.commit()
    turn = vault.turn("recorder", "again")
    assert decide(turn, 5, _ONE, _ANN) == "free"
    turn.commit()
    assert vault.find(_ONE, "ann.archer", "check") == _ANN


def test_a_key_made_in_between_leaves_the_claim_as_a_crash_would(vault: Vault, open_vault: Callable[[], Vault]) -> None:
    """A claim made before a person is first seen outlives its turn, and the same input then hears the same again."""
    turn = vault.turn("recorder", "to decide")
    assert decide(turn, 1, _ONE, _ANN) == "free"
    turn.wrap(_BEN, bytes(32))
    turn.discard()
    assert decide(open_vault().turn("recorder", "again"), 1, _ONE, _ANN) == "free"
