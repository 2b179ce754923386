"""What makes an engine a recorder or an allocator: its rules, its words, and the hooks round a decision and a turn.

Knows shapes. Must never know which service it serves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from services.log.keys import TurnKeys
from services.words.deciding import Decision, Fact, Input, Message
from services.words.envelope import Envelope
from services.words.keeping import RulesAdopted
from services.words.refusals import Refusal
from services.words.word import Word

S = TypeVar("S")


class UnknownRelease(Exception):
    """An inbox names rules that this program does not have."""


class Place(NamedTuple):
    """Where an input lies in an inbox."""

    topic: str
    partition: int
    offset: int


Prepare = Callable[[Input[Word], Place, TurnKeys], Input[Word]]
"""Adds to an input what the vault answers; pure rules never ask."""
Complete = Callable[[Input[Word], Decision, Place, TurnKeys], Decision | None]
"""Claims and wraps after a decision; None: the vault's answer holds no more, prepare and decide again."""
Finish = Callable[[Sequence[Decision]], Sequence[Decision]]
"""Seals and fills in what a turn's decisions left open, all of them at its end, when none is decided again."""


def _as_they_are(decisions: Sequence[Decision]) -> Sequence[Decision]:
    return decisions


def _nobody_hears(_said: Envelope, _data: object, _refusal: Refusal, _state: object) -> Sequence[Message]:
    return ()


@dataclass(frozen=True, slots=True)
class Rules(Generic[S]):
    """The rules of one service.

    `words` are the types that its inbox takes, `own` those that only the service itself writes, `doors` the system
    types with the door that must have signed them. `source` is the `ce_source` of what the service says of its own
    accord. `is_subject` tells whether a text can be the subject of an unsigned word. `releases` names the rules that
    this program has. `answer_reuse` are the types whose reused id is not refused here but decided by the rules, because
    its sender hears of it (ruling 68). `said_of_erased` may still be said of a person whose key was destroyed.
    `answer_refusal` says what a sender hears of a refusal, before the rules saw its word or by them, from its envelope
    and its opened data, which may be anything; it must never raise.
    """

    initial: S
    decide: Callable[[Input[Word], S], Decision]
    evolve: Callable[[S, Fact], S]
    words: Mapping[str, type[Word]]
    own: Mapping[str, type[Word]]
    doors: Mapping[str, str]
    source: str
    releases: frozenset[str]
    is_subject: Callable[[str], bool]
    prepare: Prepare
    complete: Complete
    finish: Finish = _as_they_are
    answer_reuse: frozenset[str] = frozenset()
    said_of_erased: frozenset[str] = frozenset()
    answer_refusal: Callable[[Envelope, object, Refusal, S], Sequence[Message]] = _nobody_hears


def must_know(word: Word, rules: Rules[Any]) -> None:
    """Raise `UnknownRelease` if a word adopts rules that this program does not have."""
    if isinstance(word, RulesAdopted) and word.release not in rules.releases:
        have = ", ".join(sorted(rules.releases))
        raise UnknownRelease(
            f"from here on the rules of release {word.release} hold, and this program has those of {have}: "
            f"start the program of that release"
        )
