"""The questions that auditors ask first find what was planted for them, and nothing where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.audit.ask import CannotAsk, ask_export, questions
from services.audit.export_tables import TABLES
from services.audit.export_writing import questions_text
from services.words import allocated, commissioning, recorded, referred
from services.words.keeping import Refused
from services.words.topics import EPISODES_REFUSED, HANDOVER_LEDGER
from services.words.word import Word
from services.words.work import ContactRecorded
from tests.audit.exported import asked
from tests.episodes import words_said as said
from tests.episodes.words_said import EPISODE, LEGACY, POLICY, an_id, d
from tests.ledgers import Ledger
from tests.memory_handover import public_key_of
from tests.shown_caseload import DOSSIER, sis_started

HANDOVER, SIS = an_id("a handover"), an_id("a sis episode")
LOT = "EAST_KENT"


def told(today: str, *facts: Word) -> list[Ledger]:
    """One person's facts, and the county's today after them."""
    ledger = Ledger()
    for fact in (said.registered(), *facts):
        ledger.add(fact)
    ledger.day(d(today))
    return [ledger]


def enabled(today: str, *facts: Word) -> list[Ledger]:
    """Support from 2 July 2012 on: free until 12 August, to end by 1 January."""
    began = (said.referred("2012-07-02"), said.accepted("2012-07-02"), said.started("2012-07-02"))
    return told(today, *began, *facts)


def charged(on: str) -> Word:
    """Charging begins."""
    return recorded.ChargeablePeriodStarted(episode_id=EPISODE, on=d(on), policy=POLICY)


def transferred(last_day: str, first_day: str) -> list[Ledger]:
    """In-house support ends on a day, external support begins on a day."""
    return enabled("2012-12-01", said.ended(last_day, reason="08"), sis_started(HANDOVER, SIS, first_day))


# The commissioner's side


def handed_over(*days: tuple[str, str | None]) -> list[Ledger]:
    """Cases asked for and started (or not yet) on these days, all by one provider."""
    facts: list[tuple[str, Word]] = [("2012-07-01", contract())]
    for number, (requested, started) in enumerate(days):
        facts += [(requested, requested_case(number, requested)), (requested, offered(number, requested))]
        if started:
            facts.append((started, completed(number, started)))
    return [handovers(*facts)]


def handovers(*facts: tuple[str, Word]) -> Ledger:
    """The handover ledger, each fact on its day."""
    ledger = Ledger(HANDOVER_LEDGER)
    for today, fact in sorted(facts, key=lambda one: one[0]):
        ledger.day(d(today))
        ledger.add(fact, person=LOT)
    return ledger


def contract(minutes: int = 600) -> Word:
    """A contract of oak."""
    return commissioning.ContractActivated(
        contract_id="c-oak",
        provider_id="oak",
        lot=LOT,
        districts=["dover"],
        tier=1,
        weekly_minutes=minutes,
        pence_per_hour=1500,
        from_on=d("2012-04-01"),
        to_on=d("2015-03-31"),
    )


def requested_case(number: int, on: str) -> Word:
    """Long-term support is asked for."""
    return referred.HandoverRequested(
        handover_id=an_id(f"handover {number}"),
        person_id=an_id(f"person {number}"),
        episode_id=an_id(f"episode {number}"),
        on=d(on),
        district="dover",
        lot=LOT,
        weekly_minutes=120,
        needs=["BASIC_SKILLS"],
        risk="LOW",
        age_band="35-44",
        cause="LONG_TERM_SUPPORT",
        dossier=DOSSIER,
        policy=POLICY,
    )


def offered(number: int, on: str) -> Word:
    """It is offered to oak."""
    return allocated.OfferMade(
        offer_id=an_id(f"offer {number}"),
        handover_id=an_id(f"handover {number}"),
        lot=LOT,
        ordinal=1,
        provider_id="oak",
        contract_id="c-oak",
        weekly_minutes=120,
        on=d(on),
        respond_by=d(on),
        policy=POLICY,
    )


def completed(number: int, on: str) -> Word:
    """Oak supports the person."""
    return allocated.HandoverCompleted(
        handover_id=an_id(f"handover {number}"),
        lot=LOT,
        provider_id="oak",
        sis_episode_id=an_id(f"sis {number}"),
        on=d(on),
    )


def suspended(*later: tuple[str, Word]) -> list[Ledger]:
    """Oak is known, and stopped on 2 July; what comes later on the same day comes after it."""
    oak = commissioning.ProviderRegistered(
        provider_id="oak", name="Oak", dspt_valid_to=d("2020-12-31"), public_key=public_key_of("oak")
    )
    before = (("2012-07-01", oak), ("2012-07-01", contract()), ("2012-07-02", requested_case(0, "2012-07-02")))
    return [handovers(*before, ("2012-07-02", commissioning.ProviderSuspended(provider_id="oak")), *later)]


def taken(minutes: int) -> list[Ledger]:
    """One case of 120 minutes is offered though so many are declared."""
    declared = commissioning.CapacityDeclared(contract_id="c-oak", weekly_minutes=minutes, on=d("2012-07-01"))
    on = "2012-07-02"
    told_so = (("2012-07-01", contract()), ("2012-07-01", declared), (on, requested_case(0, on)), (on, offered(0, on)))
    return [handovers(*told_so)]


def refused(*codes: str) -> list[Ledger]:
    """Contacts that were refused with these codes."""
    ledger = Ledger(EPISODES_REFUSED)
    for number, code in enumerate(codes):
        word = Refused(type=ContactRecorded.TYPE, source="/kmpt/maidstone-cmht", code=code, parameters={})
        ledger.refuse(word, an_id(f"refused {number}"))
    return [ledger]


@dataclass(frozen=True)
class Planted:
    """Ledgers with a finding, what the answer must say of it, and ledgers like them without one."""

    wrong: Callable[[], Sequence[Ledger]]
    found: list[dict[str, Any]]
    right: Callable[[], Sequence[Ledger]]


resumed = ("2012-07-02", commissioning.ProviderResumed(provider_id="oak"))
offer = ("2012-07-02", offered(0, "2012-07-02"))
PLANTED = {
    "over-six-weeks-without-review": Planted(
        lambda: enabled("2012-09-01"),
        [{"holder": "maidstone-cmht", "free_until": date(2012, 8, 12), "days_over": 20, "open": True}],
        lambda: enabled("2012-09-01", said.reviewed("2012-08-10")),
    ),
    "over-six-months": Planted(
        lambda: enabled("2013-02-01", said.ended("2013-01-05")),
        [{"cap_on": date(2013, 1, 1), "counted_to": date(2013, 1, 5), "days_over": 4, "open": False}],
        lambda: enabled("2013-02-01", said.ended("2013-01-01")),
    ),
    "charged-in-first-42-days": Planted(
        lambda: enabled("2012-09-01", said.reviewed("2012-08-10"), charged("2012-08-12")),
        [{"free_until": date(2012, 8, 12), "chargeable_from": date(2012, 8, 12), "completed_on": None}],
        lambda: enabled("2012-09-01", said.reviewed("2012-08-10"), charged("2012-08-13")),
    ),
    "charged-after-early-completion": Planted(
        lambda: enabled(
            "2012-09-01",
            said.completed("2012-07-20", "FURTHER_SUPPORT"),
            said.reviewed("2012-07-21"),
            charged("2012-07-21"),
        ),
        [{"completed_on": date(2012, 7, 20), "agreed_on": date(2012, 7, 21), "chargeable_from": date(2012, 7, 21)}],
        lambda: enabled("2012-09-01", said.reviewed("2012-08-10"), charged("2012-08-13")),
    ),
    "waiting-by-provider": Planted(
        lambda: handed_over(
            ("2012-07-02", "2012-07-12"),
            ("2012-07-02", "2012-07-22"),
            ("2012-07-02", "2012-08-11"),
            ("2012-07-02", None),
        ),
        [{"provider": "oak", "handovers": 4, "started": 3, "median_days": 20.0, "p90_days": 36.0, "longest_days": 40}],
        lambda: handed_over(),
    ),
    "two-or-no-accountable": Planted(
        lambda: transferred("2012-10-20", "2012-11-01"),
        [{"found": "NONE", "from_on": date(2012, 10, 21), "to_on": date(2012, 10, 31)}],
        lambda: transferred("2012-10-31", "2012-11-01"),
    ),
    "two-organisations": Planted(
        lambda: enabled(
            "2012-12-01", said.legacy("2011-01-01"), said.ended("2012-10-31", LEGACY), sis_started_after(LEGACY)
        ),
        [{"organisation": "KMPT", "other_organisation": "weald-support", "from_on": date(2012, 11, 1), "to_on": None}],
        lambda: enabled("2012-12-01", said.legacy("2011-01-01")),
    ),
    "offers-after-suspension": Planted(
        lambda: suspended(offer),
        [{"provider": "oak", "offered_on": date(2012, 7, 2)}],
        lambda: suspended(resumed, offer),
    ),
    "capacity-exceeded": Planted(
        lambda: taken(119),
        [{"provider": "oak", "taken": 120, "capacity": 119, "minutes_over": 1}],
        lambda: taken(120),
    ),
    "refusals-by-code": Planted(
        lambda: refused("AFTER_CAP", "AFTER_CAP", "BEFORE_START"),
        [{"code": "AFTER_CAP", "refusals": 2, "types": 1}, {"code": "BEFORE_START", "refusals": 1, "types": 1}],
        lambda: refused(),
    ),
}


def sis_started_after(episode: str) -> Word:
    """External support follows this in-house episode."""
    return sis_started(HANDOVER, SIS, "2012-11-01", episode, "LEGACY_CSS")


def test_every_question_has_something_planted_for_it() -> None:
    """No question is shipped that was never seen to find anything."""
    assert set(PLANTED) == set(questions())
    assert questions_text().count("-- Question: ") == len(PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_question_finds_what_was_planted(name: str, tmp_path: Path) -> None:
    """Exactly as many rows as findings, each as it was planted."""
    answer = asked(name, PLANTED[name].wrong(), tmp_path).as_json()
    for row, found in zip(answer, PLANTED[name].found, strict=True):
        assert {column: row[column] for column in found} == found


@pytest.mark.parametrize("name", PLANTED)
def test_a_question_finds_nothing_where_all_is_right(name: str, tmp_path: Path) -> None:
    """A ledger that differs in the one thing that matters gives no row."""
    assert asked(name, PLANTED[name].right(), tmp_path).rows == []


def test_two_organisations_accountable_for_one_line_are_found(tmp_path: Path) -> None:
    """The provider has begun and the team has not ended: both are accountable from that day on, and still."""
    ledgers = enabled("2012-12-01", sis_started(HANDOVER, SIS, "2012-11-01"))
    answer = asked("two-or-no-accountable", ledgers, tmp_path).as_json()
    assert [(row["found"], row["from_on"], row["to_on"]) for row in answer] == [("TWO", date(2012, 11, 1), None)]


@pytest.mark.parametrize(
    ("reviews", "late"),
    [
        (["2012-08-12"], None),  # the last of the 42 days
        (["2012-08-13"], 1),  # day 43
        (["2012-10-01", "2012-08-20"], 8),  # told in another order: the first counts, and the second changes nothing
        (["2012-10-01", "2012-08-01"], None),
    ],
)
def test_whoever_had_the_first_review_late_was_without_one_until_then(
    reviews: Sequence[str], late: int | None, tmp_path: Path
) -> None:
    """Free until 12 August: a review that came later does not undo the days without, and one in time settles it."""
    ledgers = enabled("2012-12-01", *(said.reviewed(on) for on in reviews))

    answer = asked("over-six-weeks-without-review", ledgers, tmp_path).as_json()

    assert [row["days_over"] for row in answer] == ([] if late is None else [late])
    assert all(row["first_review"] == min(map(d, reviews)) for row in answer)


@pytest.mark.parametrize(
    ("facts", "lawful"),
    [
        ([said.reviewed("2012-07-21")], True),
        ([], False),
        ([said.reviewed("2012-07-21", "GOALS_MET")], False),
        ([said.reviewed("2012-07-22")], False),
    ],
    ids=["agreed in time", "nobody agreed", "the goals were met", "agreed the day after"],
)
def test_a_charge_in_the_first_42_days_is_lawful_only_if_a_review_had_agreed_by_then(
    facts: Sequence[Word], lawful: bool, tmp_path: Path
) -> None:
    """Completed on 20 July, charged from the 21st: it is in the one answer or in the other, and never in both."""
    ledgers = enabled("2012-09-01", said.completed("2012-07-20", "FURTHER_SUPPORT"), *facts, charged("2012-07-21"))
    folder = tmp_path / "answers"
    folder.mkdir()

    found = asked("charged-in-first-42-days", ledgers, tmp_path).as_json()
    explained = asked("charged-after-early-completion", ledgers, folder).as_json()

    assert [len(found), len(explained)] == ([0, 1] if lawful else [1, 0])


def test_an_early_completion_explains_a_charge_in_the_first_42_days(tmp_path: Path) -> None:
    """The free weeks are up to six (R42): a charge after their early end is lawful, and asked for by another name."""
    ledgers = PLANTED["charged-after-early-completion"].wrong()
    assert asked("charged-in-first-42-days", ledgers, tmp_path).rows == []


def test_an_episode_entered_in_error_was_never_kept_too_long(tmp_path: Path) -> None:
    """It counts for nothing."""
    ledgers = enabled("2013-02-01", said.in_error())
    assert asked("over-six-months", ledgers, tmp_path).rows == []


def test_the_shipped_file_reads_every_table() -> None:
    """An auditor who starts DuckDB with it can ask all that was exported."""
    head = questions_text().partition("-- Question: ")[0]
    assert all(f"CREATE VIEW {table} AS FROM 'tables/{table}.parquet';" in head for table in TABLES)


def test_a_folder_that_is_no_export_cannot_be_asked(tmp_path: Path) -> None:
    """The answer names the command that says what is wrong with it."""
    with pytest.raises(CannotAsk, match="check-export"):
        ask_export(questions()["over-six-months"], tmp_path)
