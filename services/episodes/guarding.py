"""Who may have a person's records disclosed or erased, and what stops it: two people, a listed reason, no legal hold.

Knows requests and holds by their ids. Must never know a key, nor what the records say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from immutables import Map

from services.county.lawful import LISTS
from services.words import guarding
from services.words.catalogue import GuardWord
from services.words.deciding import Input
from services.words.refusals import Refusal


class Asked(NamedTuple):
    """A request: DISCLOSURE or ERASURE, by whom with which key, and whether another person has approved it."""

    kind: str
    by: str
    public_key: str
    approved: bool = False


class Guard(NamedTuple):
    """What was asked about one person's records, and what holds them."""

    asked: Map[str, Asked] = Map()
    holds: Map[str, None] = Map()
    erased: bool = False

    @property
    def to_be_erased(self) -> bool:
        """Whether an erasure is approved, which nothing can call back."""
        return any(one.kind == "ERASURE" and one.approved for one in self.asked.values())


NO_GUARD = Guard()


def guard_refusal(told: Input[GuardWord], guard: Guard, *, known: bool) -> Refusal | None:
    """The first reason against recording a word; `known`: whether somebody is registered under the id."""
    return next(_refusals(told, guard, known), None)


def guarded(guard: Guard, word: GuardWord) -> Guard:
    """The guard after a word that was recorded."""
    match word:
        case guarding.DisclosureRequested():
            return _asked(guard, word.request_id, Asked("DISCLOSURE", word.by, word.public_key))
        case guarding.ErasureRequested():
            return _asked(guard, word.request_id, Asked("ERASURE", word.by, word.public_key))
        case guarding.DisclosureApproved() | guarding.ErasureApproved():
            return _asked(guard, word.request_id, guard.asked[word.request_id]._replace(approved=True))
        case guarding.LegalHoldPlaced():
            return guard._replace(holds=guard.holds.set(word.hold_id, None))
        case guarding.LegalHoldLifted():
            return guard._replace(holds=guard.holds.delete(word.hold_id))
        case guarding.ReleasedOutside():
            return guard
        case guarding.PersonErased():
            return guard._replace(erased=True)
        case _:
            assert_never(word)


def _refusals(told: Input[GuardWord], guard: Guard, known: bool) -> Iterator[Refusal]:
    word = told.word
    if not known:
        yield Refusal("UNKNOWN_PERSON")
        return
    if isinstance(word, guarding.SignedWord) and not told.authentic:
        yield Refusal("FORGED")
    yield from _unlisted(word)
    yield from _out_of_place(word, guard)


def _unlisted(word: GuardWord) -> Iterator[Refusal]:
    """Codes that no list has."""
    if isinstance(word, guarding.DisclosureRequested | guarding.ErasureRequested):
        disclosed = isinstance(word, guarding.DisclosureRequested)
        name = "disclosure purpose" if disclosed else "erasure purpose"
        if word.purpose not in LISTS[name]:
            yield Refusal("UNKNOWN_CODE", {"field": "purpose", "list": name})
    if (
        isinstance(word, guarding.DisclosureRequested | guarding.ErasureRequested | guarding.LegalHoldPlaced)
        and word.legal_basis not in LISTS["legal basis"]
    ):
        yield Refusal("UNKNOWN_CODE", {"field": "legal_basis", "list": "legal basis"})
    if isinstance(word, guarding.ReleasedOutside) and word.recipient not in LISTS["recipient"]:
        yield Refusal("UNKNOWN_CODE", {"field": "recipient", "list": "recipient"})


def _out_of_place(word: GuardWord, guard: Guard) -> Iterator[Refusal]:
    match word:
        case guarding.DisclosureRequested() | guarding.ErasureRequested():
            if word.request_id in guard.asked:
                yield Refusal("ID_REUSED", {"what": "request"})
        case guarding.DisclosureApproved():
            yield from _not_approvable(word, guard.asked.get(word.request_id), "DISCLOSURE")
        case guarding.ErasureApproved():
            yield from _not_approvable(word, guard.asked.get(word.request_id), "ERASURE")
            if guard.holds:
                yield Refusal("LEGAL_HOLD")
        case guarding.LegalHoldPlaced():
            if guard.to_be_erased:
                yield Refusal("ERASURE_APPROVED")
            if word.hold_id in guard.holds:
                yield Refusal("ID_REUSED", {"what": "hold"})
        case guarding.LegalHoldLifted():
            if word.hold_id not in guard.holds:
                yield Refusal("UNKNOWN_REQUEST")
        case guarding.ReleasedOutside():
            yield from _not_approved(guard.asked.get(word.request_id), "DISCLOSURE")
        case guarding.PersonErased():
            yield from _not_approved(guard.asked.get(word.request_id), "ERASURE")
        case _:
            assert_never(word)


def _not_approvable(
    word: guarding.DisclosureApproved | guarding.ErasureApproved, asked: Asked | None, kind: str
) -> Iterator[Refusal]:
    if asked is None or asked.kind != kind:
        yield Refusal("UNKNOWN_REQUEST")
    elif asked.by == word.by or asked.public_key == word.public_key:
        yield Refusal("SAME_PERSON")
    elif asked.approved:
        yield Refusal("ID_REUSED", {"what": "approval"})


def _not_approved(asked: Asked | None, kind: str) -> Iterator[Refusal]:
    if asked is None or asked.kind != kind:
        yield Refusal("UNKNOWN_REQUEST")
    elif not asked.approved:
        yield Refusal("NOT_APPROVED")


def _asked(guard: Guard, request_id: str, asked: Asked) -> Guard:
    return guard._replace(asked=guard.asked.set(request_id, asked))
