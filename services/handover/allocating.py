"""The allocator's rules over the handover inbox: `decide` and `evolve`.

Knows which page of the rules a word belongs to. Must never know a log, a clock or a key.
"""

from __future__ import annotations

from typing import assert_never, cast

from services.handover.book import Book
from services.handover.commissioning import (
    contract_refusal,
    contract_told,
    not_collected,
    provider_refusal,
    provider_told,
)
from services.handover.days import day_begun
from services.handover.deciding import Deciding
from services.handover.erasing import erasure_told
from services.handover.history import evolve
from services.handover.placing import place
from services.handover.recontracting import recontract_refusal, recontracted
from services.handover.referring import referred_refusal, referred_told
from services.handover.replying import replied, reply_refusal
from services.handover.unread import unreadable_told
from services.handover.waves import wave_refusal, wave_told
from services.words.answers import AnswerWord, ReplyUnreadable
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.deciding import NOTHING, Decision, Input
from services.words.handover_catalogue import ContractWord, ProviderWord, RecontractWord, ReferredWord, WaveWord
from services.words.keeping import RulesAdopted
from services.words.referred import MessageNotCollected, PersonErased, ProviderConnected
from services.words.refusals import Refusal
from services.words.word import Word

__all__ = ["INITIAL", "decide", "evolve"]

InboxWord = (
    ProviderWord
    | ProviderConnected
    | MessageNotCollected
    | ContractWord
    | WaveWord
    | RecontractWord
    | ReferredWord
    | PersonErased
    | AnswerWord
    | ReplyUnreadable
    | DayBegan
    | RulesAdopted
)
"""Everything that the handover inbox takes."""
INITIAL = Book()


def decide(told: Input[Word], book: Book) -> Decision:
    """All that follows from one input."""
    word = cast(InboxWord, told.word)
    if isinstance(word, DayBegan) and book.today is not None and word.date <= book.today:
        return NOTHING
    refusal = _refusal(word, told, book)
    if refusal is not None:
        return Decision(refusals=(refusal,))
    page = Deciding(told, book)
    _record(page, word, told.subject)
    place(page)
    return page.made()


def _refusal(word: InboxWord, told: Input[Word], book: Book) -> Refusal | None:
    if isinstance(word, AnswerWord):
        return _stranger(told.subject, book) or (None if told.reused else reply_refusal(word))
    if isinstance(word, ReplyUnreadable):
        return _stranger(told.subject, book)
    if isinstance(word, ReferredWord):
        return referred_refusal(word, book)
    if isinstance(word, DayBegan):
        late = word.date > told.received_on
        return Refusal("IN_THE_FUTURE", {"limit": told.received_on.isoformat()}) if late else None
    if isinstance(word, ProviderWord | ProviderConnected | MessageNotCollected):
        return provider_refusal(word, told.subject, book)
    if isinstance(word, ContractWord):
        return contract_refusal(word, told.subject, book)
    if isinstance(word, WaveWord):
        return wave_refusal(word, told.subject, book)
    if isinstance(word, RecontractWord):
        return recontract_refusal(word, told.subject, book)
    if isinstance(word, RulesAdopted | PersonErased):
        return None
    assert_never(word)


def _stranger(provider_id: str, book: Book) -> Refusal | None:
    return None if provider_id in book.providers else Refusal("UNKNOWN_PROVIDER")


def _record(page: Deciding, word: InboxWord, subject: str) -> None:
    if isinstance(word, AnswerWord):
        replied(page, word, subject)
    elif isinstance(word, ReplyUnreadable):
        unreadable_told(page, word, subject)
    elif isinstance(word, ReferredWord):
        referred_told(page, word)
    elif isinstance(word, PersonErased):
        erasure_told(page, word)
    elif isinstance(word, DayBegan):
        day_begun(page, word)
    elif isinstance(word, ProviderWord | ProviderConnected):
        provider_told(page, word)
    elif isinstance(word, MessageNotCollected):
        not_collected(page, word)
    elif isinstance(word, ContractWord):
        contract_told(page, word, subject)
    elif isinstance(word, WaveWord):
        wave_told(page, word, subject)
    elif isinstance(word, RecontractWord):
        recontracted(page, word, subject)
    elif isinstance(word, RulesAdopted):
        page.copy(CALENDAR_KEY)
    else:
        assert_never(word)
