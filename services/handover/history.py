"""How each fact of the handover ledger changes the book: `evolve`, which is total and never refuses.

Knows which fact is whose: providers and contracts, waves, or one handover. Must never ask whether it should have been
recorded, nor read what a host filled in.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never, cast

from services.handover.book import Book, with_contract, with_contracts, with_provider
from services.handover.contract import Contract
from services.handover.handover_history import moved, referred_to
from services.handover.offer_history import answered
from services.handover.provider import Provider
from services.handover.raising import raised
from services.handover.wave_history import wave_told
from services.words import commissioning
from services.words.allocated import WaveFrozen, WaveStarted
from services.words.answers import AnswerWord
from services.words.calendar import DayBegan
from services.words.deciding import Fact
from services.words.handover_catalogue import (
    ContractWord,
    HandoverFact,
    HandoverStep,
    NotedFact,
    OfferFact,
    ProviderWord,
    RecontractWord,
    ReferredWord,
    WaveWord,
)
from services.words.keeping import RulesAdopted
from services.words.referred import MessageNotCollected, PersonErased, ProviderConnected

_ChangesNothing = AnswerWord | NotedFact | MessageNotCollected | PersonErased | RulesAdopted
_OfOneHandover = ReferredWord | RecontractWord
"""Unions are made once: making one takes as long as asking whether a word is in it, and every fact is asked."""


def evolve(book: Book, fact: Fact) -> Book:
    """The book after a fact."""
    word = cast(HandoverFact, fact.word)
    if isinstance(word, OfferFact):
        return answered(book, word)
    if isinstance(word, HandoverStep):
        return moved(book, word)
    if isinstance(word, _ChangesNothing):
        return book
    if isinstance(word, _OfOneHandover):
        return referred_to(book, word, fact.key)
    if isinstance(word, DayBegan):
        return _day(book, word.date)
    if isinstance(word, ContractWord):
        return _contracted(book, word)
    if isinstance(word, ProviderWord | ProviderConnected):
        return with_provider(book, _provider(book, word))
    if isinstance(word, WaveWord | WaveFrozen | WaveStarted):
        return wave_told(book, word)
    assert_never(word)


def _day(book: Book, day: date) -> Book:
    """A new day: declarations and contracts that take effect on it raise capacity (ruling 62)."""
    former = [book.contracts[name] for name in sorted(book.contracts)]
    book = with_contracts(book._replace(today=day, early=()), former)
    for contract in former:
        if _is_raise(contract, book.contracts[contract.id]):
            book = raised(book, contract.id)
    return book


def _is_raise(before: Contract, now: Contract) -> bool:
    """Whether a contract became active, or more is declared for it; its end and a lowering are none."""
    return (now.active and not before.active) or (now.active and now.capacity > before.capacity)


def _contracted(book: Book, word: ContractWord) -> Book:
    match word:
        case commissioning.ContractActivated():
            known = book.of_provider.get(word.provider_id, ())
            book = book._replace(of_provider=book.of_provider.set(word.provider_id, (*known, word.contract_id)))
            return raised(with_contract(book, _new(word)), word.contract_id)
        case commissioning.ContractEnded():
            return with_contract(book, book.contracts[word.contract_id]._replace(last_on=word.on))
        case commissioning.CapacityDeclared():
            before = book.contracts[word.contract_id]
            declared = (*before.declared, (word.on, word.weekly_minutes))
            book = with_contract(book, before._replace(declared=declared))
            is_raise = _is_raise(before, book.contracts[word.contract_id])
            return raised(book, word.contract_id) if is_raise else book
        case _:
            assert_never(word)


def _new(word: commissioning.ContractActivated) -> Contract:
    return Contract(
        id=word.contract_id,
        provider_id=word.provider_id,
        lot=word.lot,
        districts=frozenset(word.districts),
        tier=word.tier,
        minutes=word.weekly_minutes,
        from_on=word.from_on,
        last_on=word.to_on,
    )


def _provider(book: Book, word: ProviderWord | ProviderConnected) -> Provider:
    known = book.providers.get(word.provider_id)
    if isinstance(word, commissioning.ProviderRegistered):
        fresh = known or Provider(word.provider_id, word.dspt_valid_to, word.public_key)
        return fresh._replace(dspt_valid_to=word.dspt_valid_to, public_key=word.public_key)
    assert known is not None
    match word:
        case commissioning.ProviderKeyChanged():
            return known._replace(public_key=word.public_key)
        case commissioning.ProviderSuspended():
            return known._replace(suspended=True)
        case commissioning.ProviderResumed():
            return known._replace(suspended=False)
        case ProviderConnected():
            return known._replace(connected=True)
        case _:
            assert_never(word)
