"""The view of what the allocator decided: a story's facts stand in a ledger partition, and are read from SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.log.record import Record
from services.words.allocated import PackReleased
from services.words.calendar import CALENDAR_KEY
from services.words.topics import HANDOVER_LEDGER
from services.words.word import Word
from tests.handover.story import Story
from tests.ledgers import Ledger

PACKED = ["address_lines", "family_name", "nhs_number"]
CIPHERTEXT_HASH = bytes(range(32))


def ledger_of(story: Story) -> Ledger:
    """The handover ledger of a story, one input a fact."""
    ledger = Ledger(HANDOVER_LEDGER)
    for fact in story.facts:
        ledger.add(_filled(fact.word), person="" if fact.key == CALENDAR_KEY else fact.key)
    return ledger


def _filled(word: Word) -> Word:
    """What a host fills in when it has sealed a pack."""
    if isinstance(word, PackReleased):
        return word.model_copy(update={"fields": PACKED, "ciphertext_hash": CIPHERTEXT_HASH})
    return word


@contextmanager
def read(folder: Path, *batches: Sequence[Record]) -> Iterator[Reading]:
    """A fresh view of these batches, folded in this order."""
    url = url_of(folder / "view.sqlite")
    view = View(url)
    for batch in batches:
        if batch:
            view.apply(batch[0].topic, batch[0].partition, batch)
    view.close()
    reading = Reading(url)
    try:
        yield reading
    finally:
        reading.close()
