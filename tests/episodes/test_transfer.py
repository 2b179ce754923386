"""What the commissioner watches: what is due, waves with their balance, the burn-down and what is still in house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.episodes.reading import Reading
from services.episodes.shown import EpisodeShown, Holder
from services.episodes.transfer import burn_down
from services.words import commissioning
from services.words.answers import ReplyUnreadable
from services.words.referred import MessageNotCollected
from tests.episodes import words_said as say
from tests.episodes.words_said import LEGACY as LEGACY_EPISODE
from tests.episodes.words_said import PERSON, d
from tests.handover.story import EAST, MEDWAY, MONDAY, Story, day_of, handover, one_provider, with_providers
from tests.ledgers import Ledger
from tests.memory_handover import an_id
from tests.shown_handovers import ledger_of, read

ANN, BEN = "Ann", "Ben"
OF_OLD: dict[str, Any] = {"cause": "LEGACY_CSS"}
Row = dict[str, Any]


def reading(folder: Path, story: Story, look: Callable[[Reading], list[Row]]) -> list[Row]:
    """What a view of the story's ledger answers."""
    with read(folder, ledger_of(story).records) as view:
        return look(view)


def due(folder: Path, story: Story) -> list[tuple[str, str, str | None]]:
    """Since when and what kind, and of which case."""
    rows = reading(folder, story, Reading.due)
    return [(row["since"], row["kind"], row["handover_id"]) for row in rows if row["kind"] != "STALE_CAPACITY"]


def nothing_due() -> Story:
    """A provider with a fresh declaration and nobody to support."""
    return one_provider()


def waiting() -> Story:
    """There is no room for Ann."""
    story = one_provider(minutes=60)
    story.request(ANN)
    return story


def in_no_wave() -> Story:
    """A legacy case that nobody has planned for."""
    story = one_provider()
    story.request(ANN, **OF_OLD)
    return story


def in_a_wave() -> Story:
    """The same case, in a wave."""
    story = in_no_wave()
    story.tell(
        commissioning.WavePlanned(
            wave_id="w1", lot=EAST, freeze_on=day_of("2012-10-03"), start_on=day_of("2012-10-05")
        ),
        EAST,
    )
    story.tell(commissioning.CaseAddedToWave(wave_id="w1", handover_id=handover(ANN)), EAST)
    return story


def not_started() -> Story:
    """Accepted for the Friday, and on the Monday after nobody has heard that it began."""
    story = _asked()
    story.accept("oak", ANN, "2012-10-05")
    story.day("2012-10-08")
    return story


def stale() -> Story:
    """Nothing was declared since the contract began, more than a week ago."""
    story = one_provider()
    story.day("2012-10-09")
    return story


def toolkit_runs_out() -> Story:
    """The toolkit of the only provider runs out within the month."""
    story = Story()
    story.day(MONDAY)
    story.provider("oak", dspt_valid_to="2012-10-20")
    story.contract("c-oak", "oak")
    return story


def not_collected() -> Story:
    """A message lies in the exchange folder of a provider without Kafka."""
    story = one_provider()
    story.day("2012-10-08")
    word = MessageNotCollected(
        provider_id="oak", message_id=an_id("message"), message="Pack", handover_id=None, since=day_of("2012-10-02")
    )
    story.tell(word, "oak")
    return story


def not_read() -> Story:
    """Twice there lay something in oak's topic that was no reply."""
    story = one_provider()
    for number in (1, 2):
        story.tell(ReplyUnreadable(reply_id=f"kmpt.sis.replies.oak.v1/0/{number}", reply="Unknown"), "oak")
    return story


def foreign() -> Story:
    """Elm answers about Ann, of whom only oak was asked."""
    story = with_providers(("oak", "elm"))
    story.request(ANN)
    story.decline("elm", ANN)
    return story


def put_off() -> Story:
    """A legacy case that was deferred, and is in no wave again."""
    story = in_a_wave()
    story.tell(commissioning.CaseDeferred(wave_id="w1", handover_id=handover(ANN), reason="in hospital"), EAST)
    return story


def medway() -> Story:
    """What no contract covers is not possible, and nobody has to follow it up here."""
    story = one_provider()
    story.request(ANN, lot=MEDWAY, district="medway")
    return story


def _asked() -> Story:
    story = one_provider()
    story.request(ANN)
    return story


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        (nothing_due, []),
        (_asked, ["ANSWER_DUE"]),
        (waiting, ["NO_CANDIDATE"]),
        (in_no_wave, ["IN_NO_WAVE"]),
        (in_a_wave, []),
        (not_started, ["START_DUE"]),
        (stale, ["STALE_CAPACITY"]),
        (toolkit_runs_out, ["DSPT"]),
        (not_collected, ["NOT_COLLECTED"]),
        (not_read, ["UNREADABLE_REPLY"]),
        (foreign, ["ANSWER_DUE", "FOREIGN_REPLY"]),
        (put_off, ["IN_NO_WAVE"]),
        (medway, []),
    ],
    ids=lambda told: getattr(told, "__name__", ""),
)
def test_what_is_to_be_followed_up(tmp_path: Path, told: Callable[[], Story], kinds: list[str]) -> None:
    """R17: deadlines, missing starts, stale capacity, toolkits, cases without candidate or wave, and nothing else."""
    rows = reading(tmp_path, told(), Reading.due)

    found = [row["kind"] for row in rows if told is stale or row["kind"] != "STALE_CAPACITY"]
    assert found == kinds
    assert all(row["sentence"].endswith(".") for row in rows)


@pytest.mark.parametrize(
    ("told", "provider_id", "case", "sentence"),
    [
        (not_read, "oak", None, "oak sent 2 times on 1 October 2012 what could not be read as a reply;"),
        (foreign, "elm", handover(ANN), "elm answered once on 1 October 2012 about a case"),
    ],
)
def test_what_a_provider_said_amiss_is_looked_into_for_four_weeks(
    tmp_path: Path, told: Callable[[], Story], provider_id: str, case: str | None, sentence: str
) -> None:
    """A row a day, provider and case, however often; other replies that changed nothing are no reason to ask."""
    story = told()
    story.accept(provider_id, "nobody", "2012-10-08")
    (row,) = (row for row in reading(tmp_path, story, Reading.due) if row["kind"].endswith("_REPLY"))
    (tmp_path / "later").mkdir()
    story.day("2012-10-30")

    assert (row["since"], row["provider_id"], row["handover_id"]) == ("2012-10-01", provider_id, case)
    assert row["sentence"].startswith(sentence)
    assert not any(row["kind"].endswith("_REPLY") for row in reading(tmp_path / "later", story, Reading.due))


def test_what_was_not_collected_is_asked_about_for_four_weeks(tmp_path: Path) -> None:
    """Nothing says that it was collected later, so the row goes of itself; the fact stays."""
    story = not_collected()
    story.day("2012-10-30")
    (tmp_path / "last").mkdir()
    assert due(tmp_path / "last", story) == [("2012-10-02", "NOT_COLLECTED", None)]

    story.day("2012-10-31")

    assert due(tmp_path, story) == []


@pytest.mark.parametrize(("today", "kinds"), [("2012-10-08", []), ("2012-10-09", ["STALE_CAPACITY"])])
def test_capacity_is_stale_when_it_is_older_than_seven_days(tmp_path: Path, today: str, kinds: list[str]) -> None:
    """Declared on 1 October: on the 8th it is seven days old, on the 9th it is older (I14)."""
    story = one_provider()
    story.declared("c-oak", 500, MONDAY)
    story.day(today)

    assert [row["kind"] for row in reading(tmp_path, story, Reading.due)] == kinds


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    """What has waited longest stands at the top."""
    story = one_provider(minutes=60)
    story.request(BEN)
    story.day("2012-10-03")
    story.request(ANN)

    assert due(tmp_path, story) == [
        ("2012-10-01", "NO_CANDIDATE", handover(BEN)),
        ("2012-10-03", "NO_CANDIDATE", handover(ANN)),
    ]


def test_running_support_on_an_ended_contract_is_to_be_replaced(tmp_path: Path) -> None:
    """Ruling 78: support goes on when its contract ends, and somebody has to contract it anew."""
    story = with_providers(["oak"])
    story.request(ANN)
    story.accept("oak", ANN, "2012-10-02")
    story.day("2012-10-02")
    story.start("oak", ANN, "2012-10-02")
    story.support_started(ANN)
    story.tell(commissioning.ContractEnded(contract_id="c-oak", on=day_of("2012-10-03")), EAST)
    story.day("2012-10-05")

    assert due(tmp_path, story) == [("2012-10-03", "TO_BE_REPLACED", handover(ANN))]


def test_a_wave_is_shown_from_plan_to_balance(tmp_path: Path) -> None:
    """H7, ruling 70: a wave is planned, frozen, started and closed, and its counts are all of its cases."""
    story = in_a_wave()
    story.request(BEN, **OF_OLD)
    story.tell(commissioning.CaseAddedToWave(wave_id="w1", handover_id=handover(BEN)), EAST)
    assert _wave(tmp_path / "planned", story)["state"] == "PLANNED"
    story.day("2012-10-03")
    assert _wave(tmp_path / "frozen", story)["state"] == "FROZEN"
    story.tell(commissioning.CaseDeferred(wave_id="w1", handover_id=handover(BEN), reason="in hospital"), EAST)
    story.day("2012-10-05")
    assert _wave(tmp_path / "started", story)["fates"] == {"OFFERED": 1, "REQUESTED": 1}

    story.tell(commissioning.WaveClosed(wave_id="w1"), EAST)

    wave = _wave(tmp_path / "closed", story)
    assert (wave["state"], wave["cases"], wave["deferred"]) == (
        "CLOSED",
        [handover(ANN), handover(BEN)],
        [handover(BEN)],
    )
    assert wave["counts"] == {"started": 0, "waiting": 1, "deferred": 1, "withdrawn": 0, "not_possible": 0}


def test_a_case_deferred_before_the_freeze_was_never_in_the_wave(tmp_path: Path) -> None:
    """Ruling 89: before the freeze a deferral takes the case out."""
    story = in_a_wave()
    story.tell(commissioning.CaseDeferred(wave_id="w1", handover_id=handover(ANN), reason="no"), EAST)

    wave = _wave(tmp_path, story)

    assert (wave["cases"], wave["deferred"]) == ([], [])


def _wave(folder: Path, story: Story) -> Row:
    folder.mkdir(exist_ok=True)
    (wave,) = reading(folder, story, Reading.waves)
    return wave


def legacy(since: str, ended_on: str | None = None) -> EpisodeShown:
    """A legacy case in house."""
    ended = date.fromisoformat(ended_on) if ended_on else None
    return EpisodeShown("e", "CSS", date.fromisoformat(since), Holder("team", "cjld"), date(2008, 1, 1), ended_on=ended)


def test_the_burn_down_counts_who_is_in_house_at_the_end_of_each_month() -> None:
    """H7: from the month before the contracts to today, by area; the last day of support still counts."""
    cases = [
        (legacy("2008-01-01"), "ashford"),
        (legacy("2008-01-01", "2012-10-31"), "ashford"),
        (legacy("2009-01-01", "2012-11-05"), "maidstone"),
        (legacy("2009-01-01", "2012-09-29"), "medway"),
    ]

    rows = burn_down(cases, date(2012, 11, 10))

    assert rows == [
        {"month": "2012-09", "EAST_KENT": 2, "WEST_KENT": 1, "MEDWAY": 0, "total": 3},
        {"month": "2012-10", "EAST_KENT": 2, "WEST_KENT": 1, "MEDWAY": 0, "total": 3},
        {"month": "2012-11", "EAST_KENT": 1, "WEST_KENT": 0, "MEDWAY": 0, "total": 1},
    ]


def test_before_the_contracts_there_is_nothing_to_burn_down() -> None:
    """The table begins with September 2012."""
    assert burn_down([(legacy("2008-01-01"), "ashford")], date(2012, 8, 31)) == []


def test_what_is_still_in_house_stands_with_its_handover(tmp_path: Path) -> None:
    """H7: the transfer is complete when nothing is listed here; what is says where its handover stands."""
    people = Ledger()
    people.day(d("2012-09-20"))
    for fact in (say.registered(district="ashford"), say.legacy("2008-03-01")):
        people.add(fact, person=PERSON)

    with read(tmp_path, people.records, ledger_of(waiting()).records) as view:
        (row,) = view.still_in_house()

    assert (row["episode_id"], row["area"], row["since"], row["state"]) == (
        LEGACY_EPISODE,
        "EAST_KENT",
        "2008-03-01",
        None,
    )
