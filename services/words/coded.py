"""Which fields of a word are codes, and of which list.

Knows the marks that `fields` puts on types. Must never know the lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args, get_origin

from services.words.fields import CodeOf
from services.words.word import Word


@dataclass(frozen=True, slots=True)
class Coded:
    """A field that holds a code, or a list of codes, of the named list."""

    field: str
    list_name: str
    many: bool

    def codes(self, word: Word) -> Iterable[str]:
        """The codes that a word holds in this field; none if it is absent."""
        value = getattr(word, self.field)
        if value is None:
            return ()
        return value if self.many else (value,)


@cache
def coded_fields(word: type[Word]) -> tuple[Coded, ...]:
    """The coded fields of a word, teams first (ruling 15), the rest in the order of the fields."""
    found = [
        Coded(name, mark.list_name, many)
        for name, info in word.model_fields.items()
        for mark, many in _marks(info.annotation, info.metadata)
    ]
    return tuple(sorted(found, key=lambda coded: coded.list_name != "team"))


def _marks(annotation: object, metadata: Iterable[object] = (), many: bool = False) -> Iterable[tuple[CodeOf, bool]]:
    for mark in metadata:
        if isinstance(mark, CodeOf):
            yield mark, many
    for inner in get_args(annotation):
        yield from _marks(inner, getattr(inner, "__metadata__", ()), many or get_origin(annotation) is list)
