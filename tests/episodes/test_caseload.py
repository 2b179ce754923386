"""What a row of the caseload shows, rule by rule (design section 9, rulings 39, 40 and 47 to 59, 97, 98)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.words.calendar import DayBegan
from services.words.people import AccommodationChanged, MoveCheckDone
from services.words.topics import EPISODES_LEDGER, EPISODES_REFUSED
from services.words.word import Word
from services.words.work import ContactCorrected, WorkerAssigned
from tests.episodes import words_said as say
from tests.episodes.words_said import CONTACT, EPISODE, LEGACY, SECOND, an_id, d
from tests.memory_county import MemoryCounty, feed_of
from tests.shown_caseload import PROVIDER, ShownCaseload, handover_requested, sis_started

HANDOVER, SIS, THIRD = an_id("a handover"), an_id("a sis episode"), an_id("the third episode")
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def county_shown(tmp_path: Path) -> ShownCaseload:
    """Nothing told yet."""
    return ShownCaseload(tmp_path)


def begun(on: str, episode: str = EPISODE) -> list[Word]:
    """Referred, accepted and begun on one day."""
    return [say.referred(on, episode), say.accepted(on, episode), say.started(on, episode)]


def whole(on: str, last_day: str, episode: str = EPISODE) -> list[Word]:
    """An episode that has ended."""
    return [*begun(on, episode), say.ended(last_day, episode)]


def test_the_sample_gives_the_caseload_worked_out_by_hand(county: MemoryCounty, tmp_path: Path) -> None:
    """A year of Maidstone, decided by the recorder and folded into a view, is the caseload that the rules give."""
    for event in feed_of("maidstone-2012.ndjson"):
        county.emit([event])
        if event["type"] == DayBegan.TYPE and event["data"]["date"].endswith("-01"):
            county.settle()
    county.settle()
    url = url_of(tmp_path / "view.sqlite")
    view = View(url)
    for topic in (EPISODES_LEDGER, EPISODES_REFUSED):
        for number in range(county.partitions):
            view.apply(topic, number, county.log.seen((topic, number), 0, 10**9)[0])
    reading = Reading(url)

    rows, refused = reading.caseload(Asked(ended_too=True)), reading.refused()

    expected = json.loads((DATA / "maidstone-2012.caseload.json").read_text("utf-8"))
    assert [_without_handover_id(row) for row in rows] == [_without_handover_id(row) for row in expected]
    assert [list(row) for row in rows] == [list(row) for row in expected]
    assert sorted((one["event_id"], one["code"]) for one in refused) == [
        (one["event_id"], one["code"]) for one in json.loads((DATA / "maidstone-2012.refused.json").read_text("utf-8"))
    ]


def _without_handover_id(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "handover": row["handover"] and row["handover"]["state"]}


PHASES: list[tuple[list[Word], str]] = [
    ([say.referred("2012-10-01")], "REFERRED"),
    ([say.referred("2012-10-01"), say.rejected("2012-10-01")], "ENDED"),
    ([say.referred("2012-10-01"), say.accepted("2012-10-01")], "ACCEPTED"),
    (begun("2012-10-01"), "ENABLEMENT"),
    ([*begun("2012-10-01"), say.reviewed("2012-10-01")], "ENABLEMENT"),
    ([*begun("2012-10-01"), say.enablement_ended("2012-10-20")], "AWAITING_REVIEW"),
    ([*begun("2012-10-01"), say.enablement_ended("2012-10-20"), say.charged_from("2012-10-21")], "CHARGEABLE"),
    ([*begun("2012-10-01"), say.cap_near("2012-10-01", "2012-10-02")], "ENABLEMENT"),
    ([*begun("2012-10-01"), say.enablement_ended("2012-10-20"), say.cap_reached("2012-10-21")], "CAP_REACHED"),
    ([*begun("2012-10-01"), say.cap_reached("2012-10-01"), say.charged_from("2012-10-01")], "CAP_REACHED"),
    ([*begun("2012-10-01"), say.in_error()], "ENDED"),
    (whole("2012-10-01", "2012-10-01"), "ENDED"),
]


@pytest.mark.parametrize(("facts", "phase"), PHASES, ids=[f"{n} {phase}" for n, (_, phase) in enumerate(PHASES)])
def test_s3_to_s5_the_phase_is_what_the_facts_say(county_shown: ShownCaseload, facts: list[Word], phase: str) -> None:
    """The facts of the ledger say the phase; a charge that begins after the cap leaves it at the cap (ruling 38)."""
    county_shown.tell("2012-10-01", say.registered(), *facts)

    assert county_shown.row()["phase"] == phase


def test_ruling_47_a_row_shows_where_the_person_lives_now(county_shown: ShownCaseload) -> None:
    """Area and district are the person's present ones, on ended rows too, whichever team held the case."""
    county_shown.tell("2012-10-01", say.registered(district="maidstone"), *whole("2012-10-01", "2012-10-01"))
    county_shown.tell("2012-10-02", say.corrected(district="thanet"), say.corrected(district=None))

    row = county_shown.row()

    assert (row["district"], row["area"], row["holder"]["id"]) == ("thanet", "EAST_KENT", "maidstone-cmht")


DAYS = [
    ("2012-10-01", [], 1, 181),
    ("2012-11-11", [], 42, 140),
    ("2013-03-31", [], 182, 0),
    ("2013-04-02", [], 184, -2),
    ("2012-12-24", [say.ended("2012-12-10")], 71, 111),
    ("2012-12-24", [say.in_error()], 85, 97),
    ("2012-12-24", [say.ended("2012-12-10"), say.in_error()], 71, 111),
]


@pytest.mark.parametrize(("today", "last", "day", "left"), DAYS)
def test_rulings_48_to_50_days_count_to_today_or_to_the_last_day(
    county_shown: ShownCaseload, today: str, last: list[Word], day: int, left: int
) -> None:
    """An open row counts to today, an ended one to its last day, one in error to that day or the earlier end."""
    county_shown.tell("2012-10-01", say.registered(), *begun("2012-10-01")).tell(today, *last)
    if last:
        county_shown.tell("2013-06-30")

    row = county_shown.row()

    assert (row["day"], row["days_to_cap"]) == (day, left)
    assert (row["started_on"], row["free_until"], row["cap_on"]) == ("2012-10-01", "2012-11-11", "2013-03-31")


def test_rulings_43_and_50_a_death_before_day_1_leaves_no_day_to_count(county_shown: ShownCaseload) -> None:
    """A death that is told late and lies before the clock's first day ends the episode there: no day is counted."""
    county_shown.tell("2012-10-10", say.registered(), *begun("2012-10-01")).tell(
        "2012-10-20", say.died("2012-09-28"), say.ended("2012-09-28")
    )

    row = county_shown.row()

    assert (row["phase"], row["day"], row["days_to_cap"]) == ("ENDED", None, None)
    assert row["cap_on"] == "2013-03-31"
    assert "before day 1" in county_shown.episode()["why"]["day"]


def test_ruling_50_before_the_start_nothing_is_counted(county_shown: ShownCaseload) -> None:
    """An episode without a clock has neither day nor cap."""
    county_shown.tell("2012-10-01", say.registered(), say.referred("2012-10-01"))

    row = county_shown.row()

    assert row["referred_on"] == "2012-10-01"
    assert {row[name] for name in ("started_on", "free_until", "cap_on", "day", "days_to_cap")} == {None}


@pytest.mark.parametrize(
    ("ended_on", "shown"), [("2012-11-11", None), ("2012-11-12", "2012-11-12"), ("2012-12-01", "2012-11-12")]
)
def test_ruling_51_a_charge_after_the_end_never_was(
    county_shown: ShownCaseload, ended_on: str, shown: str | None
) -> None:
    """An end reported late may lie before the first chargeable day: then nothing was ever chargeable."""
    charged = [say.reviewed("2012-11-01"), say.enablement_ended("2012-11-11"), say.charged_from("2012-11-12")]
    county_shown.tell("2012-12-01", say.registered(), *begun("2012-10-01"), *charged, say.ended(ended_on))

    assert county_shown.row()["chargeable_from"] == shown


@pytest.mark.parametrize(
    ("facts", "today", "exempt"),
    [
        ([say.exempted("2012-11-01")], "2012-10-31", False),
        ([say.exempted("2012-11-01")], "2012-11-01", True),
        ([say.exempted("2012-12-01", "CJD"), say.exempted("2012-11-01")], "2012-11-02", True),
        ([say.exempted("2012-11-01"), say.exempted("2012-12-01", "CJD")], "2012-11-02", True),
        ([say.exempted("2012-10-20"), say.ended("2012-10-19")], "2012-11-02", False),
        ([say.ended("2012-10-19"), say.exempted("2012-10-19")], "2012-11-02", True),
    ],
)
def test_ruling_52_exempt_from_the_earliest_day_that_has_come(
    county_shown: ShownCaseload, facts: list[Word], today: str, exempt: bool
) -> None:
    """The earliest exemption counts once its day has come; on an ended row, if it came by the last day."""
    county_shown.tell("2012-10-19", say.registered(), *begun("2012-10-01"), *facts).tell(today)

    assert county_shown.row()["exempt"] is exempt


def test_ruling_51_a_charge_is_shown_although_exempt(county_shown: ShownCaseload) -> None:
    """Who is exempt is chargeable in name: the phase goes on as usual (S12)."""
    charged = [say.enablement_ended("2012-11-11"), say.charged_from("2012-11-12"), say.exempted("2012-10-01")]
    county_shown.tell("2012-11-12", say.registered(), *begun("2012-10-01"), *charged)

    row = county_shown.row()

    assert (row["exempt"], row["phase"], row["chargeable_from"]) == (True, "CHARGEABLE", "2012-11-12")


MISSED = say.contact("2012-10-03", attendance="3")
ATTENDED = ContactCorrected(episode_id=EPISODE, contact_id=CONTACT, attendance="5")
CONTACTS: list[tuple[str, list[Word], tuple[int, int, str | None]]] = [
    ("none", [], (0, 0, None)),
    ("on time, and late but seen", [say.contact("2012-10-03"), say.contact("2012-10-02", THIRD, attendance="6")],
     (2, 60, "2012-10-03")),
    ("a missed visit", [MISSED], (0, 0, None)),
    ("a missed visit that was none", [MISSED, ATTENDED], (1, 30, "2012-10-03")),
    ("minutes corrected twice", [say.contact("2012-10-03"), say.contact_corrected(), say.contact_corrected(minutes=20)],
     (1, 20, "2012-10-03")),
    ("entered in error", [say.contact("2012-10-03"), say.contact_in_error()], (0, 0, None)),
    ("after midnight in London", [say.contact("2012-10-03", time="T23:30:00Z")], (1, 30, "2012-10-04")),
    ("indirect work", [say.indirect("2012-10-03")], (0, 0, None)),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "counted"), [case[1:] for case in CONTACTS], ids=[case[0] for case in CONTACTS])
def test_ruling_53_contacts_that_were_delivered_count(
    county_shown: ShownCaseload, facts: list[Word], counted: tuple[int, int, str | None]
) -> None:
    """Only a contact at which the person was seen counts, as corrected, on the London day on which it began."""
    county_shown.tell("2012-10-05", say.registered(), *begun("2012-10-01"), *facts)

    row = county_shown.row()

    assert (row["contacts"], row["minutes"], row["last_contact_on"]) == counted


@pytest.mark.parametrize(
    ("days", "shown"),
    [(["2012-10-01", "2012-10-05"], 1), (["2012-10-05", "2012-10-01"], 0), (["2012-10-05", "2012-10-05"], 1)],
)
def test_ruling_54_the_worker_of_the_latest_day_has_the_case(
    county_shown: ShownCaseload, days: list[str], shown: int
) -> None:
    """Of two workers the one with the later day has the case; of equal days, the one recorded later."""
    workers = [an_id("first worker"), an_id("second worker")]
    given = [WorkerAssigned(episode_id=EPISODE, on=d(on), worker_id=who) for on, who in zip(days, workers, strict=True)]
    county_shown.tell("2012-10-05", say.registered(), *begun("2012-10-01"), *given)

    assert county_shown.row()["worker_id"] == workers[shown]


@pytest.mark.parametrize(
    ("facts", "overdue"),
    [
        ([], False),
        ([say.enablement_ended("2012-11-11")], True),
        ([say.reviewed("2012-11-01", "GOALS_MET"), say.enablement_ended("2012-11-11")], False),
        ([say.enablement_ended("2012-11-11"), say.ended("2012-11-12")], False),
        ([say.enablement_ended("2012-11-11"), say.cap_reached("2013-03-31")], False),
    ],
)
def test_ruling_55_a_review_is_overdue_when_none_was_ever_held(
    county_shown: ShownCaseload, facts: list[Word], overdue: bool
) -> None:
    """Overdue is who awaits a review and never had one."""
    county_shown.tell("2012-11-12", say.registered(), *begun("2012-10-01"), *facts)

    assert county_shown.row()["review_overdue"] is overdue


def test_ruling_56_a_legacy_case_has_no_clock(county_shown: ShownCaseload) -> None:
    """A long-term case shows since when it is supported, and no date of a clock."""
    county_shown.tell(
        "2012-09-01", say.registered(), say.legacy("2008-03-10"), say.contact("2012-08-31", episode=LEGACY)
    )

    row = county_shown.row(LEGACY)

    assert (row["model"], row["setting"], row["phase"]) == ("CSS", "IN_HOUSE", "LEGACY_CSS")
    assert (row["started_on"], row["contacts"]) == ("2008-03-10", 1)
    clock = ("referred_on", "free_until", "chargeable_from", "cap_on", "day", "days_to_cap")
    assert [row[name] for name in clock] == [None] * len(clock)


NEAR = begun("2012-10-01")
FLAGS: list[tuple[str, list[Word], str, list[str]]] = [
    ("the day before the warning", NEAR, "2013-03-02", []),
    ("28 days before the cap", NEAR, "2013-03-03", ["CAP_APPROACHING"]),
    ("the last permitted day", NEAR, "2013-03-31", ["CAP_APPROACHING"]),
    ("after the cap", NEAR, "2013-04-01", []),
    ("ended near the cap", whole("2012-10-01", "2013-03-05"), "2013-03-06", []),
    ("goals met", [*NEAR, say.reviewed("2012-11-01", "GOALS_MET")], "2012-11-02", ["TO_BE_ENDED"]),
    ("goals met, told after a later review",
     [*NEAR, say.reviewed("2012-11-02"), say.reviewed("2012-11-01", "GOALS_MET")], "2012-11-03", []),
    ("goals met, the same day told later",
     [*NEAR, say.reviewed("2012-11-01"), say.reviewed("2012-11-01", "GOALS_MET")], "2012-11-03", ["TO_BE_ENDED"]),
    ("goals met and ended",
     [*NEAR, say.reviewed("2012-11-01", "GOALS_MET"), say.ended("2012-11-02")], "2012-11-03", []),
    ("moved", [*NEAR, say.rehoused("2012-11-01")], "2012-11-01", ["MOVE_CHECKS_OPEN"]),
    ("moved and ended", [*NEAR, say.rehoused("2012-11-01"), say.ended("2012-11-02")], "2012-11-03", []),
    ("entered in error", [*NEAR, say.in_error()], "2012-11-02", ["ENTERED_IN_ERROR"]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "today", "flags"), [case[1:] for case in FLAGS], ids=[case[0] for case in FLAGS])
def test_ruling_57_flags(county_shown: ShownCaseload, facts: list[Word], today: str, flags: list[str]) -> None:
    """A flag says what is to be looked at; three of them only while the row is open."""
    county_shown.tell("2012-10-01", say.registered(), *facts).tell(today)

    assert county_shown.row()["flags"] == flags


def test_ruling_58_what_has_ended_is_shown_on_asking(county_shown: ShownCaseload) -> None:
    """Rejected, ended and entered in error: all three are ended rows, and only `--all` shows them."""
    county_shown.tell(
        "2012-10-02",
        say.registered(),
        *[say.referred("2012-10-01"), say.rejected("2012-10-01")],
        *whole("2012-10-01", "2012-10-02", SECOND),
        *[*begun("2012-10-02", THIRD), say.in_error(THIRD)],
    )

    assert county_shown.rows(Asked()) == {}
    assert {row["phase"] for row in county_shown.rows().values()} == {"ENDED"}


ALL_CHECKS = ("BELONGINGS", "MONEY", "PROPERTY")


def moved(on: str) -> Word:
    """The person moves."""
    return AccommodationChanged(on=d(on), accommodation="02", settled="Y", moved=True)


def checks(on: str, *which: str) -> list[Word]:
    """Checks done on a day; all three if none is named."""
    return [MoveCheckDone(check=check, on=d(on)) for check in which or ALL_CHECKS]


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        (checks("2012-10-05"), False),
        ([moved("2012-10-05")], True),
        ([moved("2012-10-05"), *checks("2012-10-05")], False),
        ([moved("2012-10-05"), *checks("2012-10-06", "MONEY", "PROPERTY")], True),
        ([moved("2012-10-05"), *checks("2012-10-04")], True),
        ([moved("2012-10-05"), *checks("2012-10-06"), moved("2012-10-07")], True),
        ([moved("2012-10-07"), *checks("2012-10-07"), moved("2012-10-05")], False),
        ([moved("2012-10-05"), *checks("2012-10-08"), *checks("2012-10-04")], False),
        ([AccommodationChanged(on=d("2012-10-05"), accommodation="02", settled="Y", moved=False)], False),
    ],
)
def test_ruling_59_checks_after_a_move(county_shown: ShownCaseload, facts: list[Word], is_open: bool) -> None:
    """Belongings, money and property: each is open until it was seen to on or after the day of the latest move."""
    county_shown.tell("2012-10-09", say.registered(), *begun("2012-10-01"), *facts)

    assert ("MOVE_CHECKS_OPEN" in county_shown.row()["flags"]) is is_open


@pytest.mark.parametrize(
    ("again", "flags", "free_until"),
    [
        ("2012-10-30", ["CLOCK_CONTINUED"], "2012-11-11"),
        ("2012-11-01", ["CLOCK_CONTINUED"], "2012-11-11"),
        ("2012-11-05", ["CLOCK_CONTINUED"], "2012-11-11"),
        ("2012-11-06", ["RE_REFERRAL"], "2012-12-17"),
    ],
)
def test_s9_back_within_five_days_goes_on_with_the_clock(
    county_shown: ShownCaseload, again: str, flags: list[str], free_until: str
) -> None:
    """Up to 5 days after the last day the clock goes on, a start before it counts too; later a new clock is flagged."""
    county_shown.tell("2012-10-31", say.registered(), *whole("2012-10-01", "2012-10-31"))
    county_shown.tell("2012-11-06", *begun(again, SECOND))

    row = county_shown.row(SECOND)

    assert (row["flags"], row["free_until"], row["started_on"]) == (flags, free_until, again)
    assert county_shown.row()["flags"] == []


def test_ruling_39_a_chain_carries_the_first_clock(county_shown: ShownCaseload) -> None:
    """Back twice, each time within 5 days: the third episode still has the clock of the first."""
    county_shown.tell("2012-10-10", say.registered(), *whole("2012-10-01", "2012-10-10"))
    county_shown.tell("2012-10-20", *whole("2012-10-15", "2012-10-20", SECOND))
    county_shown.tell("2012-10-25", *begun("2012-10-25", THIRD))

    row = county_shown.row(THIRD)

    assert (row["flags"], row["free_until"], row["day"]) == (["CLOCK_CONTINUED"], "2012-11-11", 25)


@pytest.mark.parametrize(
    "before",
    [
        [say.referred("2012-10-01"), say.rejected("2012-10-03")],
        [say.referred("2012-10-01"), say.accepted("2012-10-01"), say.ended("2012-10-03")],
        [*begun("2012-10-01"), say.in_error()],
        [*whole("2012-10-01", "2012-10-03"), say.in_error()],
        [say.legacy("2008-03-10", EPISODE), say.ended("2012-10-03")],
    ],
    ids=["rejected", "never started", "in error", "ended and in error", "legacy case"],
)
def test_ruling_39_what_never_ran_a_clock_hands_none_on(county_shown: ShownCaseload, before: list[Word]) -> None:
    """Rejected, never started, entered in error, or no STR at all: the next episode has its own clock and no flag."""
    county_shown.tell("2012-10-03", say.registered(), *before).tell("2012-10-05", *begun("2012-10-05", SECOND))

    row = county_shown.row(SECOND)

    assert (row["flags"], row["day"], row["free_until"]) == ([], 1, "2012-11-15")


def test_ruling_39_the_last_is_the_one_that_ended_latest(county_shown: ShownCaseload) -> None:
    """Of two former episodes the one with the later last day hands its clock on, whichever was recorded first."""
    county_shown.tell("2012-10-31", say.registered(), *whole("2012-09-01", "2012-10-31"))
    county_shown.tell("2012-10-31", *whole("2012-10-01", "2012-10-29", SECOND))
    county_shown.tell("2012-11-02", *begun("2012-11-02", THIRD))

    assert county_shown.row(THIRD)["free_until"] == "2012-10-12"


def test_ruling_6_an_error_told_later_takes_no_clock_back(county_shown: ShownCaseload) -> None:
    """The former episode turns out to be an error when its clock has gone on already: it goes on all the same."""
    county_shown.tell("2012-10-10", say.registered(), *whole("2012-10-01", "2012-10-10"))
    county_shown.tell("2012-10-12", *begun("2012-10-12", SECOND)).tell("2012-10-13", say.in_error())

    assert county_shown.row(SECOND)["free_until"] == "2012-11-11"


def test_ruling_42_a_hold_is_lifted_by_resuming_or_by_the_end(county_shown: ShownCaseload) -> None:
    """A row is on hold from the hold to the resumption or the end; the clock runs on meanwhile (S8)."""
    county_shown.tell("2012-10-10", say.registered(), *begun("2012-10-01"), say.held("2012-10-10"))
    assert (county_shown.row()["on_hold"], county_shown.row()["day"]) == (True, 10)

    county_shown.tell("2012-10-11", say.resumed("2012-10-11"))
    assert county_shown.row()["on_hold"] is False

    county_shown.tell("2012-10-12", say.held("2012-10-12"), say.ended("2012-10-12"))
    assert county_shown.row()["on_hold"] is False


def test_a_handover_is_shown_from_the_request_to_the_end_of_support(county_shown: ShownCaseload) -> None:
    """Ruling 97: both rows show the handover, and the provider only while it supports the person."""
    county_shown.tell("2012-11-09", say.registered(), *begun("2012-10-01"), handover_requested(HANDOVER, "2012-11-09"))
    assert county_shown.row()["handover"] == {"handover_id": HANDOVER, "state": "REQUESTED", "provider_id": None}

    county_shown.tell("2012-12-03", say.ended("2012-12-02", reason="08"), sis_started(HANDOVER, SIS, "2012-12-03"))
    running = {"handover_id": HANDOVER, "state": "COMPLETED", "provider_id": PROVIDER}
    assert [row["handover"] for row in county_shown.rows().values()] == [running, running]

    county_shown.tell("2013-05-31", say.sis_ended(HANDOVER, SIS, "2013-05-31"))
    over = {"handover_id": HANDOVER, "state": "COMPLETED", "provider_id": None}
    assert [row["handover"] for row in county_shown.rows().values()] == [over, over]
    assert county_shown.row(SIS)["phase"] == "ENDED"


@pytest.mark.parametrize("why", ["ENDED", "DIED", "ENTERED_IN_ERROR", "DECLINED_BY_PERSON"])
def test_ruling_46_a_withdrawn_request_stays_visible(county_shown: ShownCaseload, why: str) -> None:
    """A request that is no more is shown as withdrawn; an outcome that comes after it changes nothing (ruling 65)."""
    county_shown.tell("2012-11-09", say.registered(), *begun("2012-10-01"), handover_requested(HANDOVER, "2012-11-09"))
    county_shown.tell("2012-11-10", say.withdrawn(HANDOVER, "2012-11-10", why), say.set_aside(HANDOVER, why))

    assert county_shown.row()["handover"] == {"handover_id": HANDOVER, "state": "WITHDRAWN", "provider_id": None}


def test_ruling_98_a_sis_row_is_the_providers(county_shown: ShownCaseload) -> None:
    """External support is a row of its own: the provider holds it, there is no clock, no worker and no contact."""
    county_shown.tell("2012-11-09", say.registered(), *begun("2012-10-01"), handover_requested(HANDOVER, "2012-11-09"))
    county_shown.tell("2012-12-03", say.ended("2012-12-02", reason="08"), sis_started(HANDOVER, SIS, "2012-12-03"))

    row = county_shown.rows(Asked(provider=PROVIDER))[SIS]

    assert (row["model"], row["setting"], row["phase"]) == ("SIS", "EXTERNAL", "SIS")
    assert row["holder"] == {"kind": "provider", "id": PROVIDER}
    assert (row["started_on"], row["worker_id"], row["contacts"], row["area"]) == ("2012-12-03", None, 0, "WEST_KENT")
    clock = ("referred_on", "free_until", "chargeable_from", "cap_on", "day", "days_to_cap", "last_contact_on")
    assert [row[name] for name in clock] == [None] * len(clock)


def test_h8_recontracted_support_has_a_row_without_an_episode_in_house(county_shown: ShownCaseload) -> None:
    """External support that was contracted anew keeps its own id and shows its handover (ruling 93)."""
    county_shown.tell("2012-11-01", say.registered(), sis_started(HANDOVER, SIS, "2012-11-01", None, "RECONTRACTED"))

    assert list(county_shown.rows()) == [SIS]
    assert county_shown.row(SIS)["handover"]["state"] == "COMPLETED"


@pytest.mark.parametrize(
    ("moves", "team"),
    [
        ([("2012-10-05", "recovery-west")], "recovery-west"),
        ([("2012-10-05", "recovery-west"), ("2012-10-03", "eip-west")], "recovery-west"),
        ([("2012-10-05", "recovery-west"), ("2012-10-05", "eip-west")], "eip-west"),
    ],
)
def test_ruling_98_the_team_of_the_latest_day_holds_the_case(
    county_shown: ShownCaseload, moves: list[tuple[str, str]], team: str
) -> None:
    """Of two moves the one with the later day counts; of equal days, the one recorded later."""
    facts = [say.moved_to_team(on, to) for on, to in moves]
    county_shown.tell("2012-10-09", say.registered(), *begun("2012-10-01"), *facts)

    assert county_shown.row()["holder"] == {"kind": "team", "id": team}
    assert list(county_shown.rows(Asked(team=team))) == [EPISODE]
    assert county_shown.rows(Asked(team="maidstone-cmht")) == {}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(), {EPISODE, SIS, LEGACY}),
        (Asked(team="maidstone-cmht"), {EPISODE, LEGACY}),
        (Asked(provider="maidstone-cmht"), set()),
        (Asked(holder=PROVIDER), {SIS}),
        (Asked(holder="maidstone-cmht", phase="LEGACY_CSS"), {LEGACY}),
        (Asked(phase="ENABLEMENT"), {EPISODE}),
    ],
)
def test_a_caseload_is_asked_for_by_holder_and_phase(
    county_shown: ShownCaseload, asked: Asked, found: set[str]
) -> None:
    """Each asks for their own rows: a team, a provider, whoever holds them, or those in one phase; sorted by id."""
    county_shown.tell("2012-09-03", say.registered(), *begun("2012-09-03"), say.legacy("2008-03-10"))
    county_shown.tell("2012-09-04", sis_started(HANDOVER, SIS, "2012-09-04", None, "RECONTRACTED"))

    assert list(county_shown.rows(asked)) == sorted(found)
