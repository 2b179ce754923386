"""One spelling of every JSON value, so that what is the same hashes, signs and seals the same.

Knows JSON. Must never know what a value means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import orjson
import rfc8785

_LARGEST = 2**53 - 1
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""A JSON value: dicts, lists and scalars. Strings are scalars here, though Python counts them as sequences."""


def canonical(value: Json) -> bytes:
    """Spell a JSON value by RFC 8785.

    RFC 8785 has no spelling for whole numbers beyond ±(2^53 − 1): they keep every digit here, so that two different
    ones never look the same, and all else is spelt as ever. What is spelt, read and spelt again is the same bytes.
    Raises `ValueError` for what JSON cannot say (NaN, infinity, half a surrogate pair).
    """
    try:
        return canonical_plain(value) if _is_plain(value) else rfc8785.dumps(value)
    except orjson.JSONEncodeError:
        return rfc8785.dumps(value)  # which says what is wrong with it
    except rfc8785.IntegerDomainError:
        return _every_digit(value)


def canonical_plain(value: Json) -> bytes:
    """Spell, many times faster and byte for byte like `canonical`, a value known to be plain.

    Plain: only texts, true and false, null, whole numbers within ±(2^53 − 1), lists, and dicts whose keys are ASCII.
    The caller answers for that; nothing is checked.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _is_plain(value: Json) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_LARGEST <= value <= _LARGEST  # type: ignore[operator]  # it is an int
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(inner) for key, inner in value.items())  # type: ignore[union-attr]  # it is a dict
    return kind is list and all(map(_is_plain, value))  # type: ignore[arg-type]  # it is a list


def _every_digit(value: Json) -> bytes:
    match value:
        case dict():
            # RFC 8785 3.2.3: keys go by their UTF-16 code units.
            keys = sorted(value, key=lambda key: key.encode("utf-16be"))
            return b"{" + b",".join(rfc8785.dumps(key) + b":" + _every_digit(value[key]) for key in keys) + b"}"
        case list() | tuple():
            return b"[" + b",".join(map(_every_digit, value)) + b"]"
        case int() if not isinstance(value, bool):
            return str(value).encode()
        case _:
            return rfc8785.dumps(value)


def without_nulls(value: Any) -> Any:
    """The value as JSON, without the fields that are null: null counts as absent (ruling 14); bytes are hexadecimal."""
    if type(value) is dict:
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    if type(value) is list:
        return [without_nulls(inner) for inner in value]
    return value.hex() if type(value) is bytes else value
