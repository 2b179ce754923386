"""A decision in the making: what is said so far, the book as it then stands, and who may be asked next because of it.

Knows keys, subjects and correlations of facts (design §4, §8). Must never know a rule.
"""

from __future__ import annotations

from services.handover.book import Book
from services.handover.handover import Handover
from services.handover.history import evolve
from services.words.deciding import Decision, Fact, Input, Message
from services.words.word import Sealed, Word


class Deciding:
    """Made for one input. The first fact is always the input's copy, and so bears its subject.

    `restless`: handovers to be placed; `freed`: contracts of which minutes were freed; `raised`: lots of which a
    contract's capacity was raised; `lots`: those in which anything may have changed that decides who can be asked.
    """

    def __init__(self, told: Input[Word], book: Book) -> None:
        self.told = told
        self.book = book
        self.restless: dict[str, None] = {}
        self.freed: dict[str, None] = {}
        self.raised: set[str] = set()
        self.lots: set[str] = set()
        self._after = book
        self._facts: list[Fact] = []
        self._messages: list[Message] = []

    def copy(self, key: str, handover: Handover | None = None, word: Word | None = None) -> None:
        """The input's own word; its sealed text is to be kept under the key of the person whom it is about."""
        told = self.told
        made = word or told.word
        if made.SEALED:
            made = made.model_copy(update={**dict.fromkeys(made.SEALED), "sealed": _kept(told.sealed, handover)})
        same = word is None and not made.SEALED
        correlation = handover.episode_id if handover else _correlation(told.word) or told.subject or key
        self._write(Fact(key, told.subject, made, correlation, told.id, told.source, copied=True, same=same))

    def say(self, key: str, word: Word, correlation: str | None = None) -> None:
        """A fact of the allocator's own; the first of an input bears the input's subject."""
        subject = key if self._facts else self.told.subject
        self._write(Fact(key, subject, word, correlation or key, self.told.id, self.told.source))

    def about(self, handover: Handover, word: Word) -> Handover:
        """A fact about a handover; returns the handover as it then is."""
        self.say(handover.lot, word, handover.episode_id)
        return self.book.handovers[handover.id]

    def tell(self, provider_id: str, key: str, word: Word) -> None:
        """A message to a provider; one that is not connected yet has no topic, and hears when it is."""
        if self.book.providers[provider_id].connected:
            self._messages.append(Message(provider_id, key, word))

    def place_again(self, handover: Handover) -> None:
        """The handover lost what it had, and is to be tried in its turn."""
        self.restless[handover.id] = None

    def made(self) -> Decision:
        """All of it."""
        return Decision(tuple(self._facts), (), tuple(self._messages), self._after)

    def _write(self, fact: Fact) -> None:
        self._facts.append(fact)
        # From what the facts made so far and from nothing else: so it is what a ledger with these facts gives, always.
        self.book = self._after = evolve(self._after, fact)


def _correlation(word: Word) -> str | None:
    """The episode that a word names, else the handover."""
    fields = word.__dict__
    return fields.get("episode_id") or fields.get("handover_id")


def _kept(sealed: Sealed | None, handover: Handover | None) -> Sealed | None:
    """The sealing marked with whose key it is to be wrapped under: erasing the person must reach it (design §6)."""
    if sealed is None or handover is None:
        return sealed
    return sealed.model_copy(update={"key_id": handover.person_id})
