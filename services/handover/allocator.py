"""The allocator: the handover rules with their words, their doors, and the vault's part in packs.

Knows who may say what to the handover inbox. Must never keep an opened field beyond its input.
"""

from __future__ import annotations

from services.county.places import Area
from services.handover.allocating import INITIAL, decide, evolve
from services.handover.book import Book
from services.handover.packs import PackKeys, pack_sealer, texts_wrapped
from services.handover.unread import told_of_refusal
from services.log.keys import TurnKeys
from services.log.rules import Place, Rules
from services.words.calendar import DayBegan
from services.words.deciding import Input
from services.words.handover_catalogue import (
    ALLOCATOR_WORDS,
    ANSWER_WORDS,
    COMMISSIONER_WORDS,
    CONNECTION_WORDS,
    EXCHANGE_WORDS,
    REFERRED_WORDS,
    UNREADABLE_WORDS,
)
from services.words.keeping import Redriven, RulesAdopted
from services.words.release import RELEASE
from services.words.topics import is_provider_id
from services.words.word import Word

SOURCE = "/kmpt/allocator"
DOORS = ("ticker", "stack", "redrive", "referrals", "replies", "connections", "exchange")
"""Whose signatures the allocator knows."""


def allocator_rules(vault: PackKeys) -> Rules[Book]:
    """The allocator's rules; packs are sealed with the keys of this vault."""
    return Rules(
        initial=INITIAL,
        decide=decide,
        evolve=evolve,
        words={
            **COMMISSIONER_WORDS,
            **REFERRED_WORDS,
            **CONNECTION_WORDS,
            **EXCHANGE_WORDS,
            **ANSWER_WORDS,
            **UNREADABLE_WORDS,
            **{word.TYPE: word for word in (DayBegan, RulesAdopted, Redriven)},
        },
        own=ALLOCATOR_WORDS,
        doors={
            DayBegan.TYPE: "ticker",
            RulesAdopted.TYPE: "stack",
            Redriven.TYPE: "redrive",
            **dict.fromkeys(REFERRED_WORDS, "referrals"),
            **dict.fromkeys(CONNECTION_WORDS, "connections"),
            **dict.fromkeys(EXCHANGE_WORDS, "exchange"),
            **dict.fromkeys((*ANSWER_WORDS, *UNREADABLE_WORDS), "replies"),
        },
        source=SOURCE,
        releases=frozenset({RELEASE}),
        is_subject=is_subject,
        prepare=_as_it_is,
        complete=texts_wrapped,
        finish=pack_sealer(vault),
        answer_reuse=frozenset(ANSWER_WORDS),
        answer_refusal=told_of_refusal,
    )


def is_subject(text: str) -> bool:
    """Whether a text is a lot or can be a provider's id."""
    return text in set(Area) or is_provider_id(text)


def _as_it_is(told: Input[Word], _place: Place, _keys: TurnKeys) -> Input[Word]:
    """Nothing of a handover's input is asked of the vault before it is decided."""
    return told
