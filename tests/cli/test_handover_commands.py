"""`sis handover` and `sis contracts`: what they print, for people and for programs, and how they end."""

from __future__ import annotations

import pytest

from services.episodes.view import View
from services.episodes.view_folder import ViewFolder
from tests.command_line import Answer, CommandLine
from tests.episodes import words_said as say
from tests.episodes.words_said import EPISODE, PERSON, an_id, d
from tests.handover.story import EAST, handover, one_provider, with_providers
from tests.ledgers import Ledger
from tests.shown_handovers import CIPHERTEXT_HASH, PACKED, ledger_of

NEIGHBOUR = an_id("a neighbour")


@pytest.fixture
def county(command: CommandLine) -> CommandLine:
    """A county with one case that was accepted, one that is offered and one that was withdrawn."""
    story = one_provider()
    for case in ("Ann", "Ben", "Cid"):
        story.request(case)
    story.accept("oak", "Ann", "2012-10-15")
    story.withdrawn("Cid", "DECLINED_BY_PERSON")
    fold(command, ledger_of(story))
    return command


def fold(command: CommandLine, ledger: Ledger) -> None:
    """Let the county's view show a ledger partition."""
    view = View(ViewFolder(command.data / "view").current())
    view.apply(ledger.records[0].topic, ledger.records[0].partition, ledger.records)
    view.close()


def test_handovers_are_json_for_programs(county: CommandLine) -> None:
    """An array of rows; what is over only if all are asked for."""
    rows = county("handover", "list", "--json").json()

    assert {row["handover_id"]: row["state"] for row in rows} == {
        handover("Ann"): "ACCEPTED",
        handover("Ben"): "OFFERED",
    }
    assert len(county("handover", "list", "--all", "--json").json()) == 3
    assert set(rows[0]) == {
        *("handover_id", "person_id", "episode_id", "lot", "district", "state", "weekly_minutes", "provider_id"),
        *("contract_id", "requested_on", "respond_by", "started_on", "wave_id", "offers"),
    }
    assert set(rows[0]["offers"][0]) == {
        *("offer_id", "provider_id", "contract_id", "offered_on", "respond_by", "answer", "answered_on", "reason"),
        "start_on",
    }


def test_handovers_in_a_pipe_are_plain_lines(county: CommandLine) -> None:
    """Piped, a table is tab-separated lines under the names of their fields."""
    names, *lines = (line.split("\t") for line in county("handover", "list").out.splitlines())

    shown = [dict(zip(names, line, strict=True)) for line in lines]
    assert {(one["state"], one["provider_id"], one["respond_by"]) for one in shown} == {
        ("ACCEPTED", "oak", ""),
        ("OFFERED", "oak", "2012-10-08"),
    }


def test_a_handover_tells_its_story_and_who_was_told_what(county: CommandLine) -> None:
    """One handover: its row, its offers, a sentence for each fact, and every disclosure with its fields."""
    found = county("handover", "show", handover("Ann"), "--json").json()
    plain = county("handover", "show", handover("Ann")).out

    assert found["state"] == "ACCEPTED"
    assert [told["what"] for told in found["told"]] == ["OFFER", "PACK"]
    assert found["told"][1]["ciphertext_hash"] == CIPHERTEXT_HASH.hex()
    for fact in found["timeline"]:
        assert f"  {fact['sentence']}\n" in plain
    assert " ".join(PACKED) in plain
    assert CIPHERTEXT_HASH.hex() in plain


def test_ruling_95_what_a_provider_that_lost_the_case_was_told_stands_there_too(command: CommandLine) -> None:
    """Who declined and who has the case: each with the outcome that it heard, on the day on which it heard it."""
    story = with_providers(("oak", "ash"))
    story.request("Ann")
    story.decline("oak", "Ann")
    story.accept("ash", "Ann", "2012-10-02")
    story.day("2012-10-02")
    story.start("ash", "Ann", "2012-10-02")
    story.support_started("Ann")
    fold(command, ledger_of(story))

    found = command("handover", "show", handover("Ann"), "--json").json()
    plain = command("handover", "show", handover("Ann")).out.splitlines()

    assert [(one["on"], one["provider_id"], one["outcome"]) for one in found["told"][3:]] == [
        ("2012-10-02", "ash", "COMPLETED"),
        ("2012-10-02", "oak", "PLACED"),
    ]
    assert plain[-1].split("\t") == ["2012-10-02", "oak", "HANDOVER_CLOSED", "PLACED", "handover_id outcome", "", ""]


def test_a_handover_that_was_never_offered_says_so(command: CommandLine) -> None:
    """Nobody asked and nobody told is said in plain words."""
    story = one_provider()
    story.request("Ann", cause="LEGACY_CSS")
    fold(command, ledger_of(story))

    plain = command("handover", "show", handover("Ann")).out

    assert "\nOffers\n  nobody was asked\n" in plain
    assert plain.endswith("\nWho was told what and when\n  nobody was told anything\n")


def test_a_handover_that_is_not_there_is_a_finding(county: CommandLine) -> None:
    """Who asks for an unknown handover is told so, with exit code 1 and nothing on standard output."""
    answer = county("handover", "show", an_id("nothing"))

    assert answer == Answer(1, "", "sis: UNKNOWN_HANDOVER: there is no handover with this id\n")


def test_contracts_show_what_is_left(county: CommandLine) -> None:
    """Each contract with its minutes a week, for programs and for people."""
    (row,) = county("contracts", "--json").json()
    names, line = (line.split("\t") for line in county("contracts").out.splitlines())

    assert (row["declared"], row["reserved"], row["used"], row["free"]) == (600, 120, 120, 360)
    shown = dict(zip(names, line, strict=True))
    assert (shown["contract_id"], shown["lot"], shown["free"], shown["suspended"]) == ("c-oak", EAST, "360", "no")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["handover", "list"],
            "no handover is under way; `sis handover list --all` shows those that are over too\n",
        ),
        (["handover", "list", "--all"], "no handover was ever asked for\n"),
        (["handover", "due"], "nothing is to be followed up\n"),
        (["contracts"], "there is no contract yet; the commissioner emits ContractActivated to make one\n"),
    ],
)
def test_where_there_is_nothing_it_says_so(command: CommandLine, words: list[str], said: str) -> None:
    """Nothing to show is no error: it is said beside the empty table, and is an empty array for programs."""
    ViewFolder(command.data / "view").current()

    plain = command(*words)

    assert (plain.code, plain.err, len(plain.out.splitlines())) == (0, said, 1)
    assert command(*words, "--json") == Answer(0, "[]\n", "")


def test_ruling_10_an_episode_that_two_people_have_is_asked_for_with_the_person(command: CommandLine) -> None:
    """Two people may have an episode of one id: the command says so, and shows whose it is told."""
    ledger = Ledger()
    ledger.day(d("2012-10-01"))
    for person in (PERSON, NEIGHBOUR):
        for fact in (say.registered(), say.referred("2012-10-01")):
            ledger.add(fact, person=person)
    fold(command, ledger)

    answer = command("episode", EPISODE)

    one, other = sorted([PERSON, NEIGHBOUR])
    words = f"sis: 2 people have an episode with this id; say whose: --person {one} or --person {other}\n"
    assert answer == Answer(2, "", words)
    for person in (PERSON, NEIGHBOUR):
        assert command("episode", EPISODE, "--person", person, "--json").json()["person_id"] == person
    assert command("episode", EPISODE, "--person", an_id("nobody")).code == 1


@pytest.mark.parametrize(
    "words", [["handover"], ["handover", "due"], ["handover", "list"], ["handover", "show"], ["contracts"]]
)
def test_every_command_explains_itself(command: CommandLine, words: list[str]) -> None:
    """`--help` works everywhere."""
    answer = command(*words, "--help")

    assert answer.code == 0
    assert f"Usage: {' '.join(['sis', *words])}" in answer.out
