"""`sis wave`: what the commissioner is shown of the transfer, and that what is told by these commands is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.episodes.view import View
from services.episodes.view_folder import ViewFolder
from services.words import commissioning
from services.words.handover_catalogue import COMMISSIONER_WORDS
from tests.command_line import CommandLine
from tests.episodes import words_said as say
from tests.episodes.words_said import d
from tests.handover.story import EAST, MEDWAY, WEST, Story, day_of, episode, handover, one_provider, person
from tests.ledgers import Ledger
from tests.shown_handovers import ledger_of

LEGACY: dict[str, Any] = {"cause": "LEGACY_CSS"}
DAYS = ("--freeze-on", "2012-10-10", "--start-on", "2012-10-20")
HEAD = "episode_id,person_id,provider_id,contract_id,since,weekly_minutes,on"


class Office:
    """The commissioner at the keyboard: commands are typed, and what they print is told to the allocator."""

    def __init__(self, command: CommandLine, story: Story) -> None:
        self.command = command
        self.story = story
        self._folded = 0

    def typed(self, *arguments: str) -> list[dict[str, Any]]:
        """Type a command with `--dry-run`, and tell what it printed; returns the events."""
        self.fold()
        answer = self.command("wave", *arguments, "--dry-run")
        assert answer.code == 0, answer.err
        events: list[dict[str, Any]] = answer.json()
        for event in events:
            word = COMMISSIONER_WORDS[event["type"]].model_validate(event["data"])
            self.story.tell(word, event["subject"], id=event["id"])
            assert self.story.refused() == [], event
        return events

    def fold(self) -> None:
        """Let the view show what has been decided since."""
        records = ledger_of(self.story).records[self._folded :]
        if records:
            fold(self.command, records)
        self._folded += len(records)


def fold(command: CommandLine, records: Any) -> None:
    """Let the view show these records."""
    view = View(ViewFolder(command.data / "view").current())
    view.apply(records[0].topic, records[0].partition, records)
    view.close()


@pytest.fixture
def office(command: CommandLine) -> Office:
    """Two legacy cases in East Kent and one in West Kent, with a provider that has room in the east."""
    story = one_provider()
    for case in ("Ann", "Ben"):
        story.request(case, **LEGACY)
    story.request("Cid", lot=WEST, district="maidstone", **LEGACY)
    return Office(command, story)


def test_a_wave_is_planned_filled_and_closed_by_command(office: Office) -> None:
    """H7: plan, add all that wait, defer one with a reason, close; each is taken as it is printed, and it balances."""
    office.typed("plan", "w1", "--lot", EAST, *DAYS)
    added = office.typed("add", "w1", "--all")
    assert {event["data"]["handover_id"] for event in added} == {handover("Ann"), handover("Ben")}
    office.story.day("2012-10-10")
    (deferred,) = office.typed("defer", "w1", handover("Ben"), "--reason", "in hospital")
    office.story.day("2012-10-20")
    office.typed("close", "w1")
    office.fold()

    (wave,) = office.command("wave", "list", "--json").json()
    shown = office.command("wave", "show", "w1").out
    assert deferred["data"]["reason"] == "in hospital"
    assert (wave["state"], wave["cases"]) == ("CLOSED", [handover("Ann"), handover("Ben")])
    assert shown.endswith("2 cases = 0 started + 1 waiting + 1 deferred + 0 withdrawn + 0 not possible\n")


def test_named_cases_are_added(office: Office) -> None:
    """Cases can be named; naming none and not saying all is wrong use."""
    office.typed("plan", "w1", "--lot", EAST, *DAYS)
    office.typed("add", "w1", handover("Ben"))

    assert office.story.at("Ben") == ("IN_WAVE", None)
    assert office.story.at("Ann") == ("REQUESTED", None)
    assert office.command("wave", "add", "w1").code == 2
    assert office.command("wave", "add", "w1", handover("Ann"), "--all").code == 2


def test_the_same_command_says_the_same(office: Office) -> None:
    """Typed twice before it is decided it has one id, and so is decided once."""
    plan = ("plan", "w1", "--lot", EAST, *DAYS, "--dry-run")
    office.fold()

    assert office.command("wave", *plan).out == office.command("wave", *plan).out


def test_a_case_can_be_added_again_on_the_day_on_which_it_was_taken_out(office: Office) -> None:
    """H7: what was recorded of it already does not make the second word a repeat of the first."""
    office.typed("plan", "w1", "--lot", EAST, *DAYS)
    (first,) = office.typed("add", "w1", handover("Ben"))
    office.typed("defer", "w1", handover("Ben"), "--reason", "in hospital")

    (again,) = office.typed("add", "w1", handover("Ben"))

    assert first["id"] != again["id"]
    assert office.story.at("Ben") == ("IN_WAVE", None)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "w9"), 1),
        (("close", "w9"), 1),
        (("add", "w9", "--all"), 1),
        (("defer", "w9", handover("Ann"), "--reason", "no"), 1),
        (("plan", "w1", "--lot", EAST, "--freeze-on", "soon", "--start-on", "2012-10-20"), 2),
    ],
)
def test_what_cannot_be_said_is_said_so(office: Office, words: tuple[str, ...], code: int) -> None:
    """An unknown wave is a finding, a day that is none is wrong use; both in one plain sentence."""
    office.fold()

    answer = office.command("wave", *words)

    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith("sis: ")
    assert answer.err.count("\n") == 1


def row(case: str, minutes: str = "60", contract_id: str = "c-oak") -> str:
    """A line of the table of external CSS."""
    return f"{episode(case)},{person(case)},oak,{contract_id},2010-04-01,{minutes},2012-10-01"


def test_external_css_is_contracted_anew_many_at_once(office: Office, tmp_path: Path) -> None:
    """H8: one table, one word a line; each is running support of its provider from then on."""
    cases = [f"old {number}" for number in range(5)]
    table = tmp_path / "external.csv"
    table.write_text("\n".join([HEAD, *map(row, cases)]), "utf-8-sig")

    events = office.typed("recontract", str(table))

    assert {event["type"] for event in events} == {commissioning.ExternalCssRecontracted.TYPE}
    assert [office.story.at(case) for case in cases] == [("STARTED", "oak")] * 5
    assert office.story.book.contracts["c-oak"].used == 300


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{HEAD}\n{row('one')}\n{row('two', 'an hour')}".encode(), "line 3 is not such a case"),
        (f"{HEAD}\n{row('one', '0')}".encode(), "line 2 is not such a case"),
        (f"{HEAD}\n{row('one')},more".encode(), "line 2 is not such a case"),
        (f"{HEAD}\nx,y,z,c-oak".encode(), "line 2 is not such a case"),
        (f"{HEAD}\n{row('one', contract_id='c-elm')}".encode(), "line 2: no column or contract c-elm"),
        (b"episode_id\nsomething", "line 2: no column or contract weekly_minutes"),
        (f"{HEAD}\n{row('one')}\n".encode() + b"\xff\xfe", "is no table of text"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_table_with_a_wrong_line_sends_nothing(
    office: Office, tmp_path: Path, content: bytes | None, words: str
) -> None:
    """Which line, and what is wrong with it; what stands before it is not sent either."""
    office.fold()
    table = tmp_path / "external.csv"
    if content is not None:
        table.write_bytes(content)

    answer = office.command("wave", "recontract", str(table))

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("plan", "", "--lot", EAST, *DAYS), "wave_id: not of the form that is needed; see sis wave plan --help"),
        (("plan", "w2", "--lot", "KENT", *DAYS), "there is no lot of this name; a wave is of EAST_KENT or WEST_KENT"),
        (("plan", "w2", "--lot", EAST, *DAYS[:3], "soon"), "a day is written YYYY-MM-DD"),
        (("add", "w1", "Ann"), "handover_id: not of the form that is needed; see sis wave add --help"),
        (("add", "w1"), "name handovers, or --all for every legacy case of the lot that is in no wave"),
        (("defer", "w1", "Ann", "--reason", "ill"), "handover_id: not of the form that is needed"),
        (("defer", "w1", handover("Ann"), "--reason", ""), "reason: not of the form that is needed"),
        (("defer", "w1", handover("Ann"), "--reason", "x" * 4001), "reason: not of the form that is needed"),
    ],
)
def test_what_is_typed_amiss_is_said_and_nothing_sent(office: Office, typed: tuple[str, ...], words: str) -> None:
    """Which of it, and where to read more; what was typed is not repeated, for a reason is about a person."""
    office.typed("plan", "w1", "--lot", EAST, *DAYS)
    office.fold()

    answer = office.command("wave", *typed)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sis: {words}")


def test_the_end_state_lists_its_exceptions(office: Office) -> None:
    """R25: exit code 1 while long-term support is in house, each with where its handover stands, and 0 at last."""
    office.story.request("Dot", lot=MEDWAY, district="medway", **LEGACY)
    office.typed("plan", "w1", "--lot", EAST, *DAYS)
    office.typed("add", "w1", handover("Ann"))
    office.fold()
    people = Ledger()
    people.day(d("2012-09-20"))
    for case, district in (("Ann", "ashford"), ("Ben", "ashford"), ("Dot", "medway")):
        people.add(say.registered(district=district), person=person(case))
        people.add(say.legacy("2008-03-01", episode(case)), person=person(case))
    fold(office.command, people.records)

    answer = office.command("wave", "end-state", "--json")

    assert answer.code == 1
    assert {row["episode_id"]: (row["area"], row["state"], row["why"], row["wave_id"]) for row in answer.json()} == {
        episode("Ann"): (EAST, "IN_WAVE", None, "w1"),
        episode("Ben"): (EAST, "REQUESTED", None, None),
        episode("Dot"): (MEDWAY, "NOT_POSSIBLE", "MEDWAY", None),
    }
    for case in ("Ann", "Ben", "Dot"):
        people.add(say.ended("2012-10-05", episode(case)), person=person(case))
    fold(office.command, people.records[-3:])
    done = office.command("wave", "end-state")
    assert (done.code, done.out) == (0, "no long-term support is in house\n")


@pytest.mark.parametrize("when", ["2012-10-05", "2012-11-10"])
def test_the_burn_down_is_a_row_a_month(office: Office, when: str) -> None:
    """From the month before the contracts to today's."""
    office.story.day(day_of(when).isoformat())
    office.fold()

    rows = office.command("wave", "burn-down", "--json").json()

    assert [row["month"] for row in rows] == ["2012-09", "2012-10", "2012-11"][: day_of(when).month - 7 - 1]
    assert office.command("wave", "burn-down").out.splitlines()[0].split("\t")[0] == "month"
