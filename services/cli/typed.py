"""A word made of what somebody typed, or which of it has not the form that is needed.

Knows names of fields. Must never repeat a value, which may be anybody's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from services.cli.failures import USAGE, Failed
from services.words.word import Word

W = TypeVar("W", bound=Word)


def word_of(kind: type[W], command: str, fields: Mapping[str, object]) -> W:
    """The word of these fields; `command` is whose help says more. Raises `Failed`."""
    try:
        return kind.model_validate(fields)
    except ValidationError as fault:
        wrong = ", ".join(sorted({str(place) for error in fault.errors() for place in error["loc"][:1]}))
        raise Failed(f"{wrong}: not of the form that is needed; see {command} --help", USAGE) from fault
