"""A message that a provider without Kafka leaves lying is a fact that somebody has to act on."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.words.referred import MessageNotCollected
from tests.handover.story import EAST, Story, day_of, handover, one_provider
from tests.memory_handover import MemoryAllocator, an_id


def left_lying(provider_id: str = "oak", case: str | None = "ann") -> MessageNotCollected:
    """An offer of 1 October that nobody fetched."""
    return MessageNotCollected(
        provider_id=provider_id,
        message_id=an_id("message"),
        message="Offer",
        handover_id=handover(case) if case else None,
        since=day_of("2012-10-01"),
    )


def offered() -> Story:
    """Ann is offered to oak."""
    story = one_provider()
    story.request("ann")
    return story


@pytest.mark.parametrize(("case", "key"), [("ann", EAST), ("nobody", "oak"), (None, "oak")])
def test_it_is_recorded_where_its_handover_is_told_of_and_changes_nothing(case: str | None, key: str) -> None:
    """In the lot of a handover that is known, else under the provider; the offer stays as it is."""
    story = offered()
    before = story.book

    story.tell(left_lying(case=case), "oak")

    assert story.said() == ["MessageNotCollected"]
    assert story.last.facts[0].key == key
    assert story.announced() == []
    assert story.book == before


@pytest.mark.parametrize(
    ("word", "subject", "code"),
    [
        (left_lying("elm"), "elm", "UNKNOWN_PROVIDER"),
        (left_lying("elm"), "oak", "INVALID_DATA"),
    ],
)
def test_it_is_refused_of_a_provider_that_is_not_there(word: MessageNotCollected, subject: str, code: str) -> None:
    """An exchange folder that no provider has is somebody's mistake, and is said so."""
    story = offered()

    story.tell(word, subject)

    assert story.refused() == [code]


def test_only_the_exchange_may_say_it(tmp_path: Path) -> None:
    """A word without the exchange's signature is refused, and the same report twice is one fact."""
    allocator = MemoryAllocator.at(tmp_path)
    registration = {
        "name": "Oak",
        "dspt_valid_to": "2020-12-31",
        "public_key": "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=",
    }
    allocator.say("ProviderRegistered", "oak", {"provider_id": "oak", **registration})
    data = left_lying(case=None).model_dump(mode="json", exclude_none=True)

    allocator.say_unsigned("MessageNotCollected", "oak", data)
    allocator.say("MessageNotCollected", "oak", data, an_id("report"))
    allocator.say("MessageNotCollected", "oak", data, an_id("report"))

    assert [refusal.data["code"] for refusal in allocator.refused()] == ["NOT_YOURS"]
    assert [fact.type.rpartition(".")[2] for fact in allocator.ledger()].count("MessageNotCollected") == 1
