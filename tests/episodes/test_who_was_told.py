"""Who was told what: losers and those whose offer was withdrawn hear the outcome, and never who it was or why."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings

from services.handover.messages import PackToSeal
from services.words import messages
from services.words.deciding import Message
from services.words.people import Details
from tests.episodes.test_handover_shown import ANN, START, accepted, asked, completed, shown, started, withdrawn
from tests.handover.story import MONDAY, Story, with_providers
from tests.handover.test_random_histories import Histories
from tests.shown_handovers import ledger_of, read

NO_DISCLOSURE = (messages.ReplyNotTaken, messages.ErasureNotice)
"""What tells a provider nothing of a case: its own reply given back, and what it has to do with a pack it has."""


def told(folder: Path, story: Story) -> list[tuple[str, str, str | None]]:
    """What Ann's handover says of who was told what: provider, what, and outcome."""
    return [(one["provider_id"], one["what"], one["outcome"]) for one in shown(folder, story)["told"]]


def given_to_the_third() -> Story:
    """The first declined, the second did not answer, the third supports her now."""
    story = with_providers(("oak", "ash", "elm"))
    story.request(ANN)
    story.decline("oak", ANN)
    story.day("2012-10-09")
    story.accept("elm", ANN, START)
    story.day(START)
    story.start("elm", ANN, START)
    return story


def test_ruling_95_losers_hear_that_somebody_else_was_found(tmp_path: Path) -> None:
    """Once the person's ledger says so: who has the case hears COMPLETED, who declined or did not answer PLACED."""
    story = given_to_the_third()
    asked_only = told(tmp_path, story)
    story.support_started(ANN)

    assert asked_only == [
        ("oak", "OFFER", None),
        ("ash", "OFFER", None),
        ("ash", "OFFER_LAPSED", None),
        ("elm", "OFFER", None),
        ("elm", "PACK", None),
    ]
    assert told(tmp_path, story)[5:] == [
        ("elm", "HANDOVER_CLOSED", "COMPLETED"),
        ("oak", "HANDOVER_CLOSED", "PLACED"),
        ("ash", "HANDOVER_CLOSED", "PLACED"),
    ]


def test_ruling_95_when_the_person_has_died_all_hear_withdrawn(tmp_path: Path) -> None:
    """Who said that it has started, who declined and who did not answer hear the same one word."""
    story = given_to_the_third()
    story.withdrawn(ANN, "DIED")

    assert told(tmp_path, story)[5:] == [
        ("elm", "HANDOVER_CLOSED", "WITHDRAWN"),
        ("oak", "HANDOVER_CLOSED", "WITHDRAWN"),
        ("ash", "HANDOVER_CLOSED", "WITHDRAWN"),
    ]


def test_who_was_only_asked_hears_that_the_offer_is_withdrawn(tmp_path: Path) -> None:
    """An open offer counts as never made: its provider hears that, and no outcome."""
    assert told(tmp_path, withdrawn(asked)())[1:] == [("oak", "OFFER_WITHDRAWN", None)]


def test_who_does_not_start_after_all_hears_it_and_later_what_became_of_the_case(tmp_path: Path) -> None:
    """No start was confirmed in time: START_FAILED at once, PLACED when another provider supports her."""
    story = with_providers(("oak", "ash"))
    story.request(ANN)
    story.accept("oak", ANN, "2012-10-02")
    story.day("2012-10-10")
    story.accept("ash", ANN, START)
    story.day(START)
    story.start("ash", ANN, START)
    story.support_started(ANN)

    assert told(tmp_path, story) == [
        ("oak", "OFFER", None),
        ("oak", "PACK", None),
        ("oak", "HANDOVER_CLOSED", "START_FAILED"),
        ("ash", "OFFER", None),
        ("ash", "PACK", None),
        ("ash", "HANDOVER_CLOSED", "COMPLETED"),
        ("oak", "HANDOVER_CLOSED", "PLACED"),
    ]


def test_a_loser_that_is_asked_again_and_takes_the_case_is_no_loser(tmp_path: Path) -> None:
    """It hears COMPLETED alone, for it has the case (H2: asked again once its capacity was raised)."""
    story = with_providers(("oak",), minutes=600)
    story.declared("c-oak", 300, MONDAY)
    story.request(ANN)
    story.decline("oak", ANN)
    story.declared("c-oak", 600, MONDAY)
    story.accept("oak", ANN, START)
    story.day(START)
    story.start("oak", ANN, START)
    story.support_started(ANN)

    assert told(tmp_path, story) == [
        ("oak", "OFFER", None),
        ("oak", "OFFER", None),
        ("oak", "PACK", None),
        ("oak", "HANDOVER_CLOSED", "COMPLETED"),
    ]


def test_an_outcome_holds_no_identity() -> None:
    """What is told of an ending has the case's opaque id and a word, none of the person's details and no reason."""
    stories = (withdrawn(asked)(), withdrawn(accepted)(), withdrawn(started)(), completed(), given_to_the_third())
    endings = [one for story in stories for one in _shown_apart(story) if one["what"] not in ("OFFER", "PACK")]

    assert {one["what"] for one in endings} == {"OFFER_WITHDRAWN", "OFFER_LAPSED", "HANDOVER_CLOSED"}
    for one in endings:
        assert (one["details"], one["ciphertext_hash"]) == ([], None)
        assert set(one["fields"]) <= {"handover_id", "offer_id", "respond_by", "outcome"}
        assert not set(one["fields"]) & set(Details.model_fields)
        assert one["outcome"] in (None, "PLACED", "WITHDRAWN", "START_FAILED", "COMPLETED")
        assert one["on"] >= MONDAY


def _shown_apart(story: Story) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        rows: list[dict[str, Any]] = shown(Path(folder), story)["told"]
        return rows


class ToldHistories(Histories):
    """After each random history, what is shown as told is what the allocator sent, message by message."""

    def teardown(self) -> None:
        """Compare all handovers."""
        sent: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
        for message in self.story.messages:
            if not isinstance(message.word, NO_DISCLOSURE):
                sent[message.key].append((message.provider_id, *_named(message)))
        with TemporaryDirectory() as folder, read(Path(folder), ledger_of(self.story).records) as reading:
            found = {name: reading.handover(name) for name in self.story.book.handovers}
        for name, row in found.items():
            assert row is not None
            assert [(one["provider_id"], one["what"], one["outcome"]) for one in row["told"]] == sent[name]


def _named(message: Message) -> tuple[str, str | None]:
    """A message as it is shown: its name, and the outcome it tells."""
    word = message.word.pack if isinstance(message.word, PackToSeal) else message.word
    name = "".join(f"_{letter}" if letter.isupper() else letter for letter in type(word).__name__)
    return name.upper().removeprefix("_"), word.outcome if isinstance(word, messages.HandoverClosed) else None


TestToldHistories = ToldHistories.TestCase
TestToldHistories.settings = settings(max_examples=15, stateful_step_count=60, deadline=None)
