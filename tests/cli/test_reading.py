"""The reading commands of `sis`: what they print, for people and for programs, and how they end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import ViewFolder
from services.words.keeping import Refused
from services.words.topics import EPISODES_LEDGER, EPISODES_REFUSED
from tests.command_line import Answer, CommandLine
from tests.episodes import words_said as say
from tests.episodes.words_said import EPISODE, SECOND, an_id, d
from tests.ledgers import Ledger

REFUSED = an_id("a refused event")


@pytest.fixture
def county(command: CommandLine) -> CommandLine:
    """A county with one open episode, one that has ended, and one refusal."""
    ledger, refused = Ledger(), Ledger(EPISODES_REFUSED)
    ledger.day(d("2012-10-01"))
    for fact in (say.registered(), say.referred("2012-10-01", SECOND), say.rejected("2012-10-01", SECOND)):
        ledger.add(fact)
    for fact in (
        say.referred("2012-10-01"),
        say.accepted("2012-10-01"),
        say.started("2012-10-01"),
        say.contact("2012-10-01"),
    ):
        ledger.add(fact)
    refused.refuse(
        Refused(type="kmpt.episodes.v1.PersonDied", source="/kmpt/cjld", code="UNKNOWN_PERSON", parameters={}), REFUSED
    )
    view = View(ViewFolder(command.data / "view").current())
    view.apply(EPISODES_LEDGER, 0, ledger.records)
    view.apply(EPISODES_REFUSED, 0, refused.records)
    view.close()
    return command


def test_a_caseload_is_json_for_programs(county: CommandLine) -> None:
    """An array of rows, open ones only unless all are asked for."""
    assert [row["episode_id"] for row in county("caseload", "--json").json()] == [EPISODE]
    everything = county("caseload", "--all", "--json").json()
    assert [row["episode_id"] for row in everything] == sorted([EPISODE, SECOND])
    assert set(everything[0]) == {
        *("episode_id", "person_id", "model", "setting", "phase", "on_hold", "exempt", "holder", "worker_id", "area"),
        *("district", "referred_on", "started_on", "free_until", "chargeable_from", "cap_on", "day", "days_to_cap"),
        *("contacts", "minutes", "last_contact_on", "review_overdue", "handover", "flags"),
    }


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--team", "maidstone-cmht"], 1),
        (["--team", "cjld"], 0),
        (["--provider", "maidstone-cmht"], 0),
        (["--holder", "maidstone-cmht", "--all"], 2),
        (["--phase", "ENABLEMENT"], 1),
        (["--phase", "ENDED"], 0),
        (["--phase", "ENDED", "--all"], 1),
    ],
)
def test_a_caseload_is_asked_for_by_holder_and_phase(county: CommandLine, filters: Sequence[str], count: int) -> None:
    """Every filter narrows the rows."""
    assert len(county("caseload", "--json", *filters).json()) == count


def test_a_caseload_in_a_pipe_is_plain_lines(county: CommandLine) -> None:
    """Piped, a table is tab-separated lines under the names of their fields, without colour."""
    answer = county("caseload")

    names, row = (line.split("\t") for line in answer.out.splitlines())
    shown = dict(zip(names, row, strict=True))
    assert (shown["phase"], shown["holder"], shown["on_hold"], shown["cap_on"]) == (
        "ENABLEMENT",
        "maidstone-cmht",
        "no",
        "2013-03-31",
    )
    assert "\x1b" not in answer.out


def test_the_folder_may_be_named_before_or_after_the_command(
    county: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--data` stands where the hand puts it, or SIS_DATA says it."""
    before = county("caseload", "--json")
    after = county.as_typed("caseload", "--json", "--data", str(county.data))
    monkeypatch.setenv("SIS_DATA", str(county.data))
    by_setting = county.as_typed("caseload", "--json")

    assert before == after == by_setting
    assert before.code == 0


def test_an_episode_tells_its_story_and_its_dates(county: CommandLine) -> None:
    """One episode: its row, one sentence for each fact, and why each date falls where it does."""
    found = county("episode", EPISODE, "--json").json()

    assert [fact["sentence"] for fact in found["timeline"]][-2:] == [
        "Support began on 1 October 2012.",
        "A contact of 30 minutes began on 1 October 2012 at 11:00 (face to face; the person's home; attended on time).",
    ]
    assert found["why"]["free_until"] == (
        "Day 1 is 1 October 2012; 42 days with it are free of charge, the last is s + 41 = 11 November 2012, "
        "and no hold stops them (S1)."
    )
    plain = county("episode", EPISODE).out
    assert found["why"]["cap_on"] in plain
    assert "Support began on 1 October 2012." in plain


def test_an_episode_that_is_not_there_is_a_finding(county: CommandLine) -> None:
    """Who asks for an unknown episode is told so, with exit code 1 and nothing on standard output."""
    assert county("episode", an_id("nothing")) == Answer(
        1, "", "sis: UNKNOWN_EPISODE: there is no episode with this id\n"
    )


def test_refusals_are_listed_and_shown(county: CommandLine) -> None:
    """Every refusal has a code and a plain sentence; one of them is shown with where it lies."""
    listed = county("refused", "list", "--json").json()
    assert [list(one) for one in listed] == [
        ["event_id", "type", "subject", "code", "sentence", "source", "refused_at"]
    ]
    assert listed[0]["sentence"] == "Nobody is registered under this id; register the person first."
    assert listed[0]["sentence"] in county("refused", "list").out

    shown = county("refused", "show", REFUSED, "--json").json()
    assert (shown[0]["topic"], shown[0]["partition"], shown[0]["inbox_offset"]) == (EPISODES_REFUSED, 0, 0)
    assert "UNKNOWN_PERSON" in county("refused", "show", REFUSED).out
    assert county("refused", "show", an_id("nothing")).code == 1


def test_settings_are_shown_and_explained(county: CommandLine) -> None:
    """`sis config` shows what is set, and lists what can be set."""
    assert county("config", "show", "--json").json()["data"] == str(county.data)
    assert f"SIS_DATA\t{county.data}" in county("config", "show").out
    assert "SIS_CALENDAR\tfeed\t" in county("config", "schema").out
    assert county("config", "schema", "--json").json()["properties"]["calendar"]["enum"] == ["feed", "clock"]


@pytest.mark.parametrize(
    "arguments",
    [["caseload", "--colour"], ["nothing"], ["episode"], ["refused"], ["caseload", "--team"]],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(county: CommandLine, arguments: Sequence[str]) -> None:
    """What cannot be asked so ends with 2 and says what can be asked."""
    answer = county(*arguments)

    assert answer.code == 2
    assert "Error" in answer.err or "Usage: sis" in answer.out
    assert "Traceback" not in answer.err


def test_an_unknown_setting_is_wrong_usage(county: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt setting is named rather than passed over."""
    monkeypatch.setenv("SIS_DATTA", "x")

    assert county.as_typed("caseload") == Answer(
        2, "", "sis: SIS_DATTA is not a setting; `sis config schema` lists those there are\n"
    )


def test_a_folder_without_a_system_says_how_to_start_one(command: CommandLine) -> None:
    """Asking where no system is ends with 2, says what to do, and makes no folder."""
    answer = command("caseload")

    assert answer.code == 2
    assert (
        answer.err
        == f"sis: there is no system in {command.data}; start one with `sis up`, or name its folder: --data DIR\n"
    )
    assert not command.data.exists()


def test_a_rebuild_needs_the_running_system(county: CommandLine) -> None:
    """Without its broker a view cannot be made anew: try again when the system runs."""
    assert county("view", "rebuild") == Answer(75, "", "sis: the system is not running; start it with `sis up`\n")


def test_no_traceback_reaches_a_user(county: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is one plain line that points to a file; neither holds what the error quoted."""

    def unforeseen(*_: object) -> None:
        raise ZeroDivisionError(say.NUMBER)

    monkeypatch.setattr(Reading, "caseload", unforeseen)
    monkeypatch.setenv("SIS_DATA", str(county.data))
    log = county.data / "logs" / "sis.log"

    assert county.as_typed("caseload") == Answer(
        1, "", f"sis: something went wrong that should not; {log} says where\n"
    )
    kept = log.read_text("utf-8")
    assert "ZeroDivisionError" in kept
    assert "unforeseen" in kept
    assert say.NUMBER not in kept


@pytest.mark.parametrize(
    "words",
    [[], ["caseload"], ["episode"], ["refused", "list"], ["refused", "show"], ["view", "rebuild"], ["config"]],
)
def test_every_command_explains_itself(command: CommandLine, words: Sequence[str]) -> None:
    """`--help` works everywhere, without a system."""
    answer = command(*words, "--help")

    assert answer.code == 0
    assert f"Usage: {' '.join(['sis', *words])}" in answer.out


def test_a_history_is_told_of_an_episode_and_of_its_person(county: CommandLine) -> None:
    """The same id shapes, the same sentences: an episode's history is part of its person's."""
    episode, whole = county("audit", "history", EPISODE), county("audit", "history", say.PERSON)

    assert (episode.code, whole.code) == (0, 0)
    assert set(episode.out.splitlines()) <= set(whole.out.splitlines())
    assert "Its details are sealed." in episode.out


@pytest.mark.parametrize("id", [an_id("nobody"), "nobody", "999 007 9471"])
def test_a_history_of_nobody_is_said_to_be_of_nobody(county: CommandLine, id: str) -> None:
    """An id of which nothing was recorded is a finding with its code; what was typed is not repeated."""
    answer = county("audit", "history", id)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "sis: UNKNOWN_PERSON: there is no episode, handover or person with this id; nothing was recorded of one\n"
    )


def test_a_history_of_an_episode_is_not_told_of_somebody_else(county: CommandLine) -> None:
    """The episode is there and is not this person's: it is said so, with the code that a refused event has."""
    answer = county("audit", "history", EPISODE, "--person", an_id("nobody"))

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("sis: UNKNOWN_EPISODE: ")


def test_of_whom_nothing_was_disclosed_an_empty_list_is_given(county: CommandLine) -> None:
    """No provider, no colleague: nobody was told anything, and no vault is made by asking."""
    answer = county("audit", "disclosures", say.PERSON)

    assert "nothing of this person was disclosed to anybody" in answer.err
    assert not (county.data / "vault").exists()


def test_where_the_vault_is_missing_its_log_is_not_called_as_it_was_written(county: CommandLine) -> None:
    """Whoever removed it removed the log of who opened what: said in words and in JSON, and it ends with 1."""
    in_words, for_programs = (county("audit", "disclosures", say.PERSON, *json) for json in ((), ("--json",)))

    assert (in_words.code, for_programs.code) == (1, 1)
    assert in_words.err.endswith("the vault is missing here, so its log of who opened what was not verified\n")
    assert for_programs.json()["openings_verified"] is None


@pytest.mark.parametrize("person", [an_id("nobody"), "nobody", "999 007 9471"])
def test_whoever_is_nobody_was_disclosed_to_nobody(county: CommandLine, person: str) -> None:
    """An unknown person is a finding with its code, in plain words; what was typed is not repeated."""
    answer = county("audit", "disclosures", person)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "sis: UNKNOWN_PERSON: nobody is registered under this id; nothing was recorded of one\n"


def test_what_is_due_for_erasure_is_listed_by_a_day(county: CommandLine) -> None:
    """Nobody is due in 2013; as long as support goes on nobody ever is."""
    for on in ("2013-01-01", "2050-01-01"):
        answer = county("retention", "due", "--on", on, "--json")
        assert (answer.code, answer.json()) == (0, [])
    assert "0 due by 2050-01-01, 0 kept by a legal hold" in county("retention", "due", "--on", "2050-01-01").err
