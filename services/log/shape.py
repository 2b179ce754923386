"""From opened data to a word, or to the refusal INVALID_DATA that names the field and what is wrong with it.

Knows the models. Must never repeat a value that failed, nor the name of a field that no schema has.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from services.words.refusals import Refusal
from services.words.word import Word

_PROBLEMS = {
    "missing": "MISSING",
    "extra_forbidden": "UNKNOWN_FIELD",
    "int_type": "NOT_WHOLE",
    "int_from_float": "NOT_WHOLE",
    "int_parsing_size": "TOO_LARGE",
    "greater_than_equal": "TOO_SMALL",
    "less_than_equal": "TOO_LARGE",
    "string_type": "NOT_TEXT",
    "string_too_short": "EMPTY",
    "string_too_long": "TOO_LONG",
    "string_pattern_mismatch": "NOT_AN_ID",
    "list_type": "NOT_A_LIST",
    "too_short": "EMPTY",
    "too_long": "TOO_LONG",
    "bool_type": "NOT_YES_OR_NO",
    "date_type": "NOT_A_DAY",
    "value_error": "NOT_A_DAY",
}
_LIMITS = ("ge", "le", "max_length")


def shaped(word: type[Word], data: object) -> Word | Refusal:
    """The data as a word of this type, or INVALID_DATA (rulings 14 to 18)."""
    if type(data) is not dict:
        return _invalid("data", "NOT_AN_OBJECT")
    for filled in word.FILLED:
        if filled in data:
            return _invalid(filled, "FILLED_BY_HOST")
    try:
        made = word.model_validate(data)
    except ValidationError as fault:
        return _first(fault)
    missing = made.missing()
    return _invalid(missing[0], "MISSING") if missing else made


def _first(fault: ValidationError) -> Refusal:
    """The first of the errors by the place of their fields, so that the choice does not depend on a library's order."""
    errors = fault.errors(include_url=False, include_context=True, include_input=False)
    error = min(errors, key=lambda found: tuple(str(part) for part in found["loc"]))
    problem = _PROBLEMS.get(error["type"], "NOT_AS_IT_SHOULD_BE")
    context: dict[str, Any] = error.get("ctx", {})
    limit = next((str(context[name]) for name in _LIMITS if name in context), None)
    return _invalid(_place(error["loc"], problem), problem, limit)


def _place(loc: tuple[int | str, ...], problem: str) -> str:
    """The field's name; of a name that the sender made up only that it is one."""
    names = [str(part) for part in loc if type(part) is str]
    if problem == "UNKNOWN_FIELD":
        names[-1:] = []
    return ".".join(names) or "data"


def _invalid(field: str, problem: str, limit: str | None = None) -> Refusal:
    parameters = {"field": field, "problem": problem}
    return Refusal("INVALID_DATA", parameters if limit is None else {**parameters, "limit": limit})
