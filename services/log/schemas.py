"""The Avro schema of every word: as its model implies it, and as it was released in `schemas/`.

Knows both and that they must agree. Must never be asked what a word means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from services.words.word import Word

_PRIMITIVES: Mapping[object, str] = {str: "string", int: "long", bool: "boolean", bytes: "bytes", date: "string"}


def schema_of(word: type[Word]) -> dict[str, Any]:
    """The schema that the word's model implies; its `doc` is the first line of the docstring."""
    schema = _record(word, set())
    return {**schema, "sealed": list(word.SEALED)} if word.SEALED else schema


def _record(model: type[BaseModel], named: set[str]) -> dict[str, Any]:
    namespace, _, name = (model.TYPE if issubclass(model, Word) else f"kmpt.log.v1.{model.__name__}").rpartition(".")
    named.add(name)
    hidden = model.SEALED if issubclass(model, Word) else ()
    fields = [
        _field(name, info.annotation, info.is_required(), named)
        for name, info in model.model_fields.items()
        if name not in hidden
    ]
    doc = (model.__doc__ or "").strip().splitlines()[0]
    return {"type": "record", "name": name, "namespace": namespace, "doc": doc, "fields": fields}


def _field(name: str, annotation: object, required: bool, named: set[str]) -> dict[str, Any]:
    kind = _type(annotation, named)
    return {"name": name, "type": kind} if required else {"name": name, "type": kind, "default": None}


def _type(annotation: object, named: set[str]) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], named)
    if origin in (Union, UnionType):
        return ["null", *(_type(member, named) for member in arguments if member is not NoneType)]
    if origin is list:
        return {"type": "array", "items": _type(arguments[0], named)}
    if origin is dict:
        return {"type": "map", "values": _type(arguments[1], named)}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"kmpt.log.v1.{annotation.__name__}" if annotation.__name__ in named else _record(annotation, named)
    return _PRIMITIVES[annotation]


@cache
def released_ids() -> Mapping[str, int]:
    """Full name to the registry id that it has for ever."""
    ids: dict[str, int] = json.loads(files("schemas").joinpath("ids.json").read_text("utf-8"))
    return ids


@cache
def released(type_name: str) -> dict[str, Any]:
    """The schema of a type as `schemas/` holds it."""
    schema: dict[str, Any] = json.loads(files("schemas").joinpath(f"{type_name}.avsc").read_text("utf-8"))
    return schema


def differences(words: Mapping[str, type[Word]]) -> list[str]:
    """Each word whose model and released schema disagree, or that has no id, in one sentence each."""
    found = []
    for name, word in words.items():
        if name not in released_ids():
            found.append(f"{name} has no id in schemas/ids.json")
        elif released(name) != schema_of(word):
            found.append(f"{name}: the model and schemas/{name}.avsc differ")
    return found
