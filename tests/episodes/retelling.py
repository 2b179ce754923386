"""A story of the rules told to a real engine: it must write the same, and nothing when it hears it all again."""

from __future__ import annotations

from typing import Any

from services.log.doors import signed
from services.log.kept import Kept
from services.vault.key_files import door_key
from services.words.calendar import DayBegan
from services.words.catalogue import OUTCOME_WORDS
from services.words.deciding import Fact, Input
from services.words.word import Word
from tests.episodes.story import Story
from tests.episodes.words_said import PERSON, an_id
from tests.memory_county import MemoryCounty

FILLED_BY_HOST = ("sealed", "dossier")
"""Fields whose bytes come from the vault, and are not the same in a story and in an engine."""


def retell(story: Story, county: MemoryCounty) -> None:
    """Tell a story to an engine twice: the second time nothing is added."""
    county.start()
    tell(story, county)
    tell(story, county)
    county.settle()
    assert [_fact(fact) for fact in story.facts] == [_kept(kept) for kept in county.ledger()]
    refused = [refusal.code for decision in story.decisions for refusal in decision.refusals]
    assert [kept.data["code"] for kept in county.refused()] == refused
    assert county.alarms == []


def tell(story: Story, county: MemoryCounty) -> None:
    """Put all inputs of a story into the inbox, those of doors with their signature."""
    for told in story.inputs:
        for draft in county.draft(event_of(told)):
            if told.word.TYPE in OUTCOME_WORDS:
                draft = signed(draft, "outcomes", door_key(county.folder, "outcomes"))
            county.log.append(draft)


def said(word: Word, id: str = "", of: str = PERSON, **data: Any) -> dict[str, Any]:
    """A word as an event in a feed, with other data where some are given; its id follows from what it says."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "source": "/kmpt/maidstone-cmht",
        "type": word.TYPE,
        "subject": of,
        "time": "2012-10-01T09:30:00+01:00",
        "data": {**word.model_dump(mode="json", exclude_none=True), **data},
    }
    if isinstance(word, DayBegan):
        del event["subject"]
    return {**event, "id": id or an_id(repr(event))}


def event_of(told: Input[Word]) -> dict[str, Any]:
    """An input as an event in a feed."""
    event = {
        "specversion": "1.0",
        "id": told.id,
        "source": told.source,
        "type": told.word.TYPE,
        "time": told.time,
        "data": told.word.model_dump(mode="json", exclude_none=True),
    }
    return event if isinstance(told.word, DayBegan) else {**event, "subject": told.subject}


def _fact(fact: Fact) -> tuple[str, str, str, dict[str, Any]]:
    return fact.key, fact.cause_id, fact.word.TYPE, _clear(fact.word)


def _kept(kept: Kept) -> tuple[str, str, str, dict[str, Any]]:
    return kept.key, kept.causation_id, kept.type, _clear(kept.word())


def _clear(word: Word) -> dict[str, Any]:
    return {name: value for name, value in word if name not in FILLED_BY_HOST}
