from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.episodes.recording import County, decide
from services.log.memory_turns import Crash, CrashAt, Step
from services.log.record import Draft
from services.words.deciding import Decision, Input
from services.words.topics import EPISODES_INBOX
from services.words.word import Word
from tests.log.engine_county import (
    ALL_AT_ONCE,
    RULES,
    EngineCounty,
    adopted,
    an_id,
    contact,
    copied_vault,
    corrected,
    day,
    days,
    decide_all,
    decided_anew,
    died,
    episode,
    event,
    has_repeats,
    make_all_keys,
    moved,
    nhs_number,
    person,
    redriven,
    registered,
    start_and_decide_all,
)
from tests.memory_county import feed_of

PARTITIONS = 2
SIZE = 5
"""Inputs a turn in the trials with a crash: the eventful inbox takes many turns."""


def eventful(folder: Path) -> EngineCounty:
    """An inbox of two partitions with everything in it that a restart or another batch could make a difference to."""
    county = EngineCounty(folder, PARTITIONS)
    county.emit([adopted(), *days("2012-07-30", "2012-08-08")])
    for number in range(PARTITIONS):
        _eventful_partition(county, number)
    county.emit(days("2012-08-09", "2012-10-05"))
    make_all_keys(county)
    return county


def _eventful_partition(county: EngineCounty, number: int) -> None:
    ada, ben, cyn = (person(name, number, PARTITIONS) for name in ("ada", "ben", "cyn"))
    first, second, third = (10 * number + n for n in range(3))
    early = county.put(corrected(ada, second))
    county.emit([registered(ada, first), *episode(ada, f"{number}a", "2012-07-31")])
    again = county.put(redriven(ada, early))
    county.emit([registered(ben, first), registered(cyn, first, an_id(f"cyn {number}"))])
    taken = county.put(registered(cyn, second, an_id(f"cyn's mended {number}")))
    county.emit([corrected(ada, third), redriven(cyn, taken), redriven(cyn, taken), registered(cyn, second)])
    county.put(corrected(ada, first))
    county.emit(_repeats(ada, number))
    county.emit([day("2012-08-01"), day("2030-01-01"), redriven(ben, again), redriven(ada, 10_000)])
    _strangers(county, number, ada)
    county.emit([died(ben, "2012-08-03"), moved(ben, "2012-08-04")])
    for offset in range(early, early + 12):
        county.put(redriven(ben, offset))


def _repeats(subject: str, number: int) -> list[dict[str, Any]]:
    reused = an_id(f"reused {subject}")
    return [
        *(contact(subject, f"{number}a", n) for n in (1, 2, 1, 2, 3)),
        contact(subject, f"{number}b", 1),
        moved(subject, "2012-08-01", reused),
        moved(subject, "2012-08-02", reused),
        moved(subject, "2012-08-02", reused),
        moved(subject, "2031-08-01", an_id(f"later {subject}")),
        moved(subject, "2031-08-01", an_id(f"later {subject}")),
        moved(subject, "2012-08-01", an_id(f"later {subject}")),
        event("Unheard", subject, {"of": [1, 2.5, {"x": None}]}),
        event("PersonDied", subject, {"on": 7}),
    ]


def _strangers(county: EngineCounty, number: int, subject: str) -> None:
    (good,) = county.draft(moved(subject, "2012-08-05"))
    drafts = [
        Draft(EPISODES_INBOX, number, None, [], None),
        Draft(EPISODES_INBOX, number, good.key, good.headers, b"\0\0\0"),
        Draft(EPISODES_INBOX, 1 - number, good.key, good.headers, good.value),
        Draft(EPISODES_INBOX, number, good.key, [*good.headers, ("extra", b"\xff")], good.value),
        *county.unsigned(day("2012-08-31")),
    ]
    for draft in drafts * 2:
        county.put(draft)
    (unseen,) = county.draft(registered(an_id(f"unseen {number}"), 50 + number))
    county.put(Draft(EPISODES_INBOX, number, good.key, unseen.headers, unseen.value))


def raw_of(county: EngineCounty) -> list[tuple[Any, ...]]:
    """Every byte, after a look that there is much to compare."""
    raw = county.raw()
    assert len(raw) > 100
    return raw


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterable[EngineCounty]:
    """The eventful inbox, its vault before any decision beside it in `before`, decided in one go."""
    county = eventful(tmp_path_factory.mktemp("reference") / "data")
    copied_vault(county, county.folder.parent / "before")
    county.start()
    county.settle()
    yield county
    county.close()


def test_eventful_inbox_holds_what_it_must(reference: EngineCounty) -> None:
    """The inbox of these trials leads to every kind of refusal that the engine itself gives, and to redriven facts."""
    codes = set(reference.codes())

    assert codes >= {
        "UNREADABLE", "MISROUTED", "ID_REUSED", "UNKNOWN_TYPE", "NOT_YOURS", "INVALID_DATA", "UNKNOWN_PERSON",
        "DUPLICATE_PERSON", "PERSON_DIED", "IN_THE_FUTURE", "UNKNOWN_EPISODE",
    }  # fmt: skip
    corrections = [fact for fact in reference.ledger() if fact.type.endswith("PersonDetailsCorrected")]
    assert len(corrections) == 2 * PARTITIONS
    assert not has_repeats(reference.ledger())
    assert not has_repeats(reference.refused())


@pytest.mark.parametrize("size", [1, 7, ALL_AT_ONCE])
def test_same_inbox_in_other_batches_gives_the_same_bytes(reference: EngineCounty, tmp_path: Path, size: int) -> None:
    """Design, sentence 3: decided by the same vault in batches of another size, every byte comes out the same."""
    anew = decided_anew(reference, copied_vault(reference, tmp_path / "data"))

    anew.start(size=size)
    anew.settle()

    assert anew.raw() == raw_of(reference)
    anew.close()


@pytest.mark.parametrize("size", [1, 7, ALL_AT_ONCE])
def test_feed_in_other_batches_gives_the_same_bytes(tmp_path: Path, size: int) -> None:
    """Design, sentence 3: a whole feed decided again in batches of another size gives the same bytes."""
    county = EngineCounty(tmp_path / "data", 4)
    county.start()
    county.tell(*feed_of("maidstone-2012.ndjson"))
    anew = decided_anew(county, copied_vault(county, tmp_path / "copy"))

    anew.start(size=size)
    anew.settle()

    assert anew.raw() == raw_of(county)
    anew.close()
    county.close()


@pytest.mark.parametrize("turn", [1, 2, 4, 7, 10])
@pytest.mark.parametrize("step", list(Step))
def test_crash_at_any_step_changes_no_byte(reference: EngineCounty, tmp_path: Path, step: Step, turn: int) -> None:
    """Design, sentence 3: an engine that dies at any step and is started again writes what it would have written."""
    anew = decided_anew(reference, _vault_before(reference, tmp_path))

    anew.settle_through_crash(CrashAt(turn, step, drafts=1 if step is Step.AFTER_DRAFTS else 0), SIZE)

    assert anew.raw() == raw_of(reference)
    anew.close()


@pytest.mark.parametrize("step", list(Step))
def test_crash_in_one_great_turn_changes_no_byte(reference: EngineCounty, tmp_path: Path, step: Step) -> None:
    """Ruling 1: numbers freed and claimed in a turn that dies after the vault's commit are claimed alike again."""
    anew = decided_anew(reference, _vault_before(reference, tmp_path))

    anew.settle_through_crash(CrashAt(1, step, drafts=3 if step is Step.AFTER_DRAFTS else 0), ALL_AT_ONCE)

    assert anew.raw() == raw_of(reference)
    anew.close()


@pytest.mark.parametrize("decided", [30, 60, 75, 90])
def test_death_in_the_middle_of_deciding_changes_no_byte(reference: EngineCounty, tmp_path: Path, decided: int) -> None:
    """Ruling 1: whatever part of a turn the vault had kept when the process died, the answers are the same again."""
    anew = decided_anew(reference, _vault_before(reference, tmp_path))

    for number in range(PARTITIONS):
        anew.rules = replace(RULES, decide=_dying_after(decided))
        with pytest.raises(Crash):
            asyncio.run(start_and_decide_all(anew.engine(number)))
        anew.restart_vault()
        anew.rules = RULES
        asyncio.run(start_and_decide_all(anew.engine(number)))

    assert anew.raw() == raw_of(reference)
    anew.close()


@settings(max_examples=15, phases=(Phase.explicit, Phase.generate))  # an example decides two partitions, with restarts
@given(runs=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 4)), max_size=6))
def test_any_batches_and_restarts_change_no_byte(
    reference: EngineCounty, tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[int, int]]
) -> None:
    """Design, sentence 3: turns of any sizes, with a restart after any number of them, give the same bytes."""
    anew = decided_anew(reference, _vault_before(reference, tmp_path_factory.mktemp("anew")))

    for number in range(PARTITIONS):
        for size, turns in runs:
            anew.start(size=size)
            for _ in range(turns):
                asyncio.run(anew.engines[number].step(wait=0))
        anew.start()
        asyncio.run(decide_all(anew.engines[number]))

    assert anew.raw() == raw_of(reference)
    anew.close()


def test_memory_rebuilt_is_the_memory_that_was(reference: EngineCounty) -> None:
    """A restarted engine knows what the former one knew: state, sequences, chain ends, ids and position."""
    before = [engine.memory for engine in reference.engines]
    reference.start()
    after = [engine.memory for engine in reference.engines]

    assert [memory.state for memory in after] == [memory.state for memory in before]
    assert [(memory.ledger, memory.refused) for memory in after] == [
        (memory.ledger, memory.refused) for memory in before
    ]
    assert [len(memory.remembered) for memory in after] == [len(memory.remembered) for memory in before]
    assert nhs_number(0) not in repr(after)


def _dying_after(decided: int) -> Callable[[Input[Word], County], Decision]:
    left = decided

    def dying(told: Input[Word], county: County) -> Decision:
        nonlocal left
        left -= 1
        if left == 0:
            raise Crash
        return decide(told, county)

    return dying


def _vault_before(reference: EngineCounty, folder: Path) -> Path:
    return copied_vault(EngineCounty(reference.folder.parent / "before", PARTITIONS), folder / "data")
