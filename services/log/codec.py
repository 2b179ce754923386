"""Words to bytes and back: Confluent framing (0x00, 4-byte schema id) and the Avro body.

Knows the released schemas and the shapes that they carry. Must never judge what a word says.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import fastavro
from fastavro.types import Schema
from pydantic import BaseModel

from services.log.schemas import released, released_ids
from services.words.word import Sealed, Word

_FRAME = struct.Struct(">bI")


class Undecodable(Exception):
    """The bytes are not a framed Avro body of a schema that is known here; the text says in which way."""


def encode(word: Word) -> bytes:
    """The framed bytes of a word; sealed fields have no place in them."""
    # Straight from the fields, and not by way of the model: every fact and message comes by here.
    fields = word.__dict__.items()
    return _write(word.TYPE, {name: plain(value) for name, value in fields if name not in word.SEALED})


def decode(value: bytes | None) -> tuple[str, dict[str, Any]]:
    """Full name and fields of a framed value. Raises `Undecodable`."""
    if not value:
        raise Undecodable("it is empty")
    if len(value) < _FRAME.size or value[0] != 0:
        raise Undecodable("it does not begin with a schema id")
    name = _names().get(int.from_bytes(value[1:5], "big"))
    if name is None:
        raise Undecodable("its schema id is unknown")
    return name, _read(name, value)


def _read(name: str, value: bytes) -> dict[str, Any]:
    body = BytesIO(value)
    body.seek(_FRAME.size)
    try:
        fields = fastavro.schemaless_reader(body, _parsed(name), None)
    except Exception as fault:  # the body is a stranger's: fastavro answers it with whatever the bytes provoke
        raise Undecodable("its body is not of its schema") from fault
    if body.read(1):
        raise Undecodable("its body goes on after its end")
    assert isinstance(fields, dict)
    return fields


def carries(type_name: str, data: object) -> bool:
    """Whether the released schema can carry these clear JSON fields exactly as they are."""
    shapes = _shapes(type_name)
    if shapes is None or type(data) is not dict:
        return False
    if not data.keys() <= shapes.keys():
        return False
    return all(_fits(data.get(name), shape) for name, shape in shapes.items())


def encode_data(type_name: str, data: Mapping[str, Any], sealed: Sealed | None) -> bytes:
    """Framed bytes of clear JSON fields that the schema `carries`, with the sealing of the others."""
    return _write(type_name, {**data, "sealed": plain(sealed)} if sealed else data)


@cache
def is_flat(type_name: str) -> bool:
    """Whether what the released schema decodes to is JSON as it stands: no bytes and no records in it."""
    shapes = _shapes(type_name) or {"": (False, "unknown", "")}
    kinds = {items or kind for _, kind, items in shapes.values()}
    return kinds <= {"string", "long", "boolean"}


def plain(value: object) -> Any:
    """A field's value as Avro and JSON write it: dates as YYYY-MM-DD, models as their fields."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, BaseModel):
        return {name: plain(inner) for name, inner in value}
    return value


def _write(name: str, fields: Mapping[str, Any]) -> bytes:
    body = BytesIO()
    body.write(_FRAME.pack(0, released_ids()[name]))
    fastavro.schemaless_writer(body, _parsed(name), fields)
    return body.getvalue()


@cache
def _parsed(name: str) -> Schema:
    return fastavro.parse_schema(released(name))


@cache
def _names() -> Mapping[int, str]:
    return {number: name for name, number in released_ids().items()}


@cache
def _shapes(type_name: str) -> Mapping[str, tuple[bool, str, str]] | None:
    """Field to (may be absent, type, type of items), for those that are sent in clear; None: no such type."""
    if type_name not in released_ids():
        return None
    return {field["name"]: _shape(field) for field in released(type_name)["fields"] if field["name"] != "sealed"}


def _shape(field: Mapping[str, Any]) -> tuple[bool, str, str]:
    optional = type(field["type"]) is list
    kind = field["type"][1] if optional else field["type"]
    return (optional, kind["type"], kind.get("items", "")) if type(kind) is dict else (optional, kind, "")


def _fits(value: object, shape: tuple[bool, str, str]) -> bool:
    optional, kind, items = shape
    if value is None:
        return optional
    match kind:
        case "string":
            return type(value) is str
        case "long":
            return type(value) is int and -(2**63) <= value < 2**63
        case "boolean":
            return type(value) is bool
        case "array":
            return type(value) is list and items == "string" and all(type(item) is str for item in value)
        case _:
            return False
