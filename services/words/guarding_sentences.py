"""Every fact about disclosure, erasure and holds as one plain English sentence.

Knows words and the meaning of codes. Must never say who a person is.
"""

from __future__ import annotations

from typing import assert_never

from services.county.lawful import DISCLOSURE_PURPOSES, ERASURE_PURPOSES, LEGAL_BASES, RECIPIENTS
from services.words import guarding
from services.words.catalogue import GuardWord


def guard_sentence(fact: GuardWord) -> str:
    """The fact in plain words; a code that no list knows is said as it stands."""
    match fact:
        case guarding.DisclosureRequested():
            why = DISCLOSURE_PURPOSES.get(fact.purpose, fact.purpose)
            return f"{fact.by} asked to be told who the person is: {why}; basis: {_basis(fact.legal_basis)}."
        case guarding.DisclosureApproved():
            return f"{fact.by} approved that it be disclosed who the person is."
        case guarding.ErasureRequested():
            why = ERASURE_PURPOSES.get(fact.purpose, fact.purpose)
            return f"{fact.by} asked to erase the person's records: {why}; basis: {_basis(fact.legal_basis)}."
        case guarding.ErasureApproved():
            return f"{fact.by} approved that the person's records be erased."
        case guarding.LegalHoldPlaced():
            return f"{fact.by} placed a legal hold on the person's records: {_basis(fact.legal_basis)}."
        case guarding.LegalHoldLifted():
            return f"{fact.by} lifted a legal hold on the person's records."
        case guarding.ReleasedOutside():
            recipient = RECIPIENTS.get(fact.recipient, fact.recipient)
            return f"{fact.by} released who the person is to {recipient}, outside the trust."
        case guarding.PersonErased():
            return "The person's key was destroyed: what identified them is [erased]."
        case _:
            assert_never(fact)


def _basis(code: str) -> str:
    return LEGAL_BASES.get(code, code)
