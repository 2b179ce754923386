"""A fact of a timeline as a sentence.

Knows which words are of which ledger, and what a timeline leaves out. Must never know where it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from services.words.catalogue import EVERY_WORD
from services.words.handover_catalogue import HANDOVER_WORDS
from services.words.handover_sentences import handover_sentence_of
from services.words.sentences import sentence_of

_NO_DOSSIER = {"key_id": "", "key": b"", "blob": b"", "source": "", "id": "", "type": "", "subject": ""}


def said(type_name: str, data: Mapping[str, Any]) -> str:
    """The sentence of a fact of a timeline, which keeps no dossier and shows bytes as hexadecimal digits."""
    fact = fact_of(type_name, data)
    return handover_sentence_of(fact) if type_name in HANDOVER_WORDS else sentence_of(fact)


def fact_of(type_name: str, data: Mapping[str, Any]) -> Any:
    """A fact of a timeline as its word again; where a dossier stood there is an empty one."""
    word = EVERY_WORD[type_name]
    whole = dict(data)
    if "dossier" in word.model_fields:
        whole["dossier"] = _NO_DOSSIER
    for name, field in word.model_fields.items():
        if name in data and bytes in get_args(field.annotation):
            whole[name] = bytes.fromhex(data[name])
    return word.model_validate(whole)
