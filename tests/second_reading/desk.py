"""Second reading: what an allocator knows, and how it says what follows (design §8).

Written from the page; shares nothing with the program but the words that are said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from services.words.calendar import DayBegan
from services.words.word import Word
from tests.second_reading.commissioned import Case, Contract, Offer, Provider, Wave

POLICY = "2012.1"


class Open(StrEnum):
    """What the page leaves open: unless it is named, the first of the two holds."""

    AS_THE_DAYS_COME = "of a lapse and a contract's end that one day brings, the lapse counts, or what was due first"
    RAISED_THE_SAME_DAY = "who lapses or fails on a day is asked again for what is raised on it never, or at once"
    CHANGES_REPEAT = "a change that was reported before is another one, for it happened again, or says the same again"
    CLOSED_TO_THE_LOSER = (
        "who lost a case and answers the next one's offer of it is a stranger to that offer, or has lost"
    )


class Told(NamedTuple):
    """A fact, under its key; or, to a provider, a message under its handover."""

    where: str
    name: str
    data: dict[str, Any]


class Desk:
    """What the inbox has said so far, what follows from its last word, and how that is written down."""

    def __init__(self, reading: frozenset[Open] = frozenset()) -> None:
        self.reading = reading
        self.today: date | None = None
        self.providers: dict[str, Provider] = {}
        self.contracts: dict[str, Contract] = {}
        self.waves: dict[str, Wave] = {}
        self.cases: dict[str, Case] = {}
        self.time = 0
        self.standing: dict[str, int] = {}
        self.facts: list[Told] = []
        self.messages: list[Told] = []

    def taken(self, contract_id: str) -> int:
        """H3: minutes reserved by offers and used from acceptance to the end of support."""
        return sum(case.minutes for case in self.cases.values() if case.holder == contract_id)

    def free(self, contract: Contract) -> int:
        """Minutes that may still be taken today."""
        return contract.capacity(self.today or date.min) - self.taken(contract.id)

    def offer(self, offer_id: str) -> tuple[Case, Offer] | None:
        """An offer that was made, and its case."""
        made = ((case, offer) for case in self.cases.values() for offer in case.offers)
        return next((found for found in made if found[1].id == offer_id), None)

    def held_by(self, provider_id: str) -> Iterable[Case]:
        """The cases that take minutes of a provider's contracts."""
        return [case for case in self.cases.values() if self.provider_of(case) == provider_id]

    def provider_of(self, case: Case) -> str | None:
        """Who is asked, has accepted, or supports."""
        return self.contracts[case.holder].provider_id if case.holder else None

    def copy(self, word: Word, subject: str) -> None:
        """The word itself, as a fact under its lot."""
        known = self.cases.get(getattr(word, "handover_id", None) or "")
        offered = self.offer(getattr(word, "offer_id", None) or "")
        case = offered[0] if offered else known
        key = "calendar" if isinstance(word, DayBegan) else case.lot if case else subject
        self.facts.append(Told(key, type(word).__name__, plain(word)))

    def say(self, name: str, case: Case, **data: Any) -> None:
        """A fact about a case."""
        self.facts.append(Told(case.lot, name, {"handover_id": case.id, "lot": case.lot, **shown(data)}))

    def tell(self, provider_id: str, name: str, case: Case, **data: Any) -> None:
        """A message about a case."""
        self.messages.append(Told(provider_id, name, {"handover_id": case.id, **shown(data)}))


def of(offer: Offer) -> dict[str, Any]:
    """An offer and whose it is."""
    return {"offer_id": offer.id, "provider_id": offer.provider_id}


def plain(word: Word) -> dict[str, Any]:
    """What a word says, without what is sealed: free text, papers and keys."""
    hidden = {*word.SEALED, "sealed", "dossier", "public_key"}
    return shown(word.model_dump(exclude=hidden))


def shown(data: dict[str, Any]) -> dict[str, Any]:
    """Days as they are written; what is absent is left out."""
    return {name: str(value) if isinstance(value, date) else value for name, value in data.items() if value is not None}
