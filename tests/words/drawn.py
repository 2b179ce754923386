"""Words drawn at random from their models, and one fixed example of each: what a schema must be able to carry."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from services.county.codes import CODES
from services.words.fields import CodeOf
from services.words.provider_fields import raw_public_key
from services.words.word import Word

M = TypeVar("M", bound=BaseModel)

_INSTANTS = st.builds(
    lambda moment, minutes: moment.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(timespec="seconds"),
    st.datetimes(datetime(1000, 1, 1), datetime(9998, 12, 30)),  # noqa: DTZ001  # the offset is drawn beside it
    st.integers(-720, 840),
)


def _is_public_key(text: str) -> bool:
    try:
        raw_public_key(text)
    except ValueError:
        return False
    return True


_BY_VALIDATOR: dict[str, tuple[st.SearchStrategy[Any], Any]] = {
    "_instant": (_INSTANTS, "2012-10-01T09:30:00+01:00"),
    "_provider_id": (st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True), "weald-support"),
    "_public_key": (
        st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode()).filter(_is_public_key),
        base64.b64encode(bytes(range(32))).decode(),
    ),
}
"""For texts that a function of the words judges: how to draw one, and an example."""


def words(word: type[Word]) -> st.SearchStrategy[Word]:
    """Words of a type as a ledger holds them: without what is sealed."""
    return _models(word, hidden=word.SEALED)


def example_of(word: type[Word]) -> Word:
    """One word of a type with every field that a ledger shows; the same whenever it is asked for."""
    fields = {name: _drawn(info.annotation, info.metadata)[1] for name, info in word.model_fields.items()}
    return word(**{name: value for name, value in fields.items() if name not in word.SEALED})


def _models(model: type[M], hidden: Iterable[str] = ()) -> st.SearchStrategy[M]:
    return st.fixed_dictionaries(
        {
            name: _drawn(info.annotation, info.metadata)[0]
            for name, info in model.model_fields.items()
            if name not in hidden
        }
    ).map(lambda fields: model(**fields))


def _drawn(annotation: Any, metadata: Iterable[Any] = ()) -> tuple[st.SearchStrategy[Any], Any]:
    """How to draw a value of a field, and an example of one."""
    marks = list(metadata)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _drawn(arguments[0], [*arguments[1:], *marks])
    if origin in (Union, UnionType):
        (inner,) = [member for member in arguments if member is not NoneType]
        values, example = _drawn(inner, marks)
        return st.none() | values, example
    least, most = _limit(marks, "min_length"), _limit(marks, "max_length")
    if origin is list:
        values, example = _drawn(arguments[0])
        return st.lists(values, min_size=least or 0, max_size=min(most or 4, 4)), [example]
    if origin is dict:
        return st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3), {"field": "on", "limit": "3"}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        example = annotation(**{n: _drawn(i.annotation, i.metadata)[1] for n, i in annotation.model_fields.items()})
        return _models(annotation), example
    return _plain(annotation, marks, least or 0)


def _plain(annotation: Any, marks: list[Any], least: int) -> tuple[st.SearchStrategy[Any], Any]:
    if annotation is date:
        return st.dates(), date(2012, 10, 1)
    if annotation is bool:
        return st.booleans(), True
    if annotation is bytes:
        return st.binary(max_size=60), b"bytes"
    if annotation is int:
        low, high = _limit(marks, "ge"), _limit(marks, "le")
        lowest, highest = -(2**63) if low is None else low, 2**63 - 1 if high is None else high
        return st.integers(lowest, highest), max(lowest, min(highest, 42))
    assert annotation is str
    return _text(marks, least)


def _text(marks: list[Any], least: int) -> tuple[st.SearchStrategy[str], str]:
    for mark in marks:
        name = getattr(getattr(mark, "func", None), "__name__", "")
        if name in _BY_VALIDATOR:
            return _BY_VALIDATOR[name]
    if code := next((mark for mark in marks if isinstance(mark, CodeOf)), None):
        codes = sorted(CODES[code.list_name])
        return st.sampled_from(codes) | st.text(min_size=1, max_size=20), codes[0]
    if _limit(marks, "pattern") is not None:
        return st.uuids().map(str), "6f0f3a0e-7b1c-4e57-9a53-2f4c1d8b9e10"
    return st.text(min_size=least, max_size=40), "a text"


def _limit(marks: Iterable[Any], name: str) -> Any:
    """A limit that stands in one of the marks of a field, however deep pydantic keeps it."""
    for mark in marks:
        found = getattr(mark, name, None)
        found = _limit(getattr(mark, "metadata", ()), name) if found is None else found
        if found is not None:
            return found
    return None
