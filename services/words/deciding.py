"""What goes into a decision and what comes out of it; the shape that both services' rules have.

Knows inputs, facts, refusals and messages as values. Must never know where they are kept.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from services.words.refusals import Refusal
from services.words.word import Sealed, Word

W = TypeVar("W", bound=Word)

NumberAnswer = Literal["free", "taken", "invalid"]


class Input(NamedTuple, Generic[W]):
    """One admitted word with its envelope, opened.

    `received_on` is the London day of the input's append time; `number` is the answer for the NHS number in
    it, None if it holds none; `sealed` is its sealing as a ledger keeps it. `reused`: its id was recorded before, with
    other content, and the rules are to say so themselves. `authentic`: the host has found the signature in it to hold.
    """

    id: str
    source: str
    subject: str
    time: str
    word: W
    received_on: date
    number: NumberAnswer | None = None
    sealed: Sealed | None = None
    reused: bool = False
    authentic: bool = False


class Fact(NamedTuple):
    """A word to be written to the ledger under `key`.

    `copied`: it is the input's own word and keeps source, type and time of it. `correlation` is the episode's id, else
    the handover's, else the subject. `cause_id` and `cause_source` are the input's. `same`: no field differs from the
    input's, so its bytes may be kept as they are.
    """

    key: str
    subject: str
    word: Word
    correlation: str
    cause_id: str
    cause_source: str
    copied: bool = False
    same: bool = False


class Message(NamedTuple):
    """A word to a provider, to be written to its offers topic in the same transaction as the facts it tells of."""

    provider_id: str
    key: str
    word: Word


class Decision(NamedTuple):
    """All that follows from one input; empty if nothing does.

    `after`: the state after its facts, by rules that have it at hand; it is what evolving by each of them gives.
    """

    facts: tuple[Fact, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    messages: tuple[Message, ...] = ()
    after: Any = None


NOTHING = Decision()


def refuse(code: str, **parameters: str) -> Decision:
    """A decision that is one refusal; `parameters` are names, limits and dates, never a value that failed."""
    return Decision(refusals=(Refusal(code, parameters),))
