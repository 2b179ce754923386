"""Words to bytes and back, for ever: round trips, golden bytes, released schemas, and bytes that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse
from hypothesis import given, settings
from hypothesis import strategies as st

from services.log.codec import Undecodable, carries, decode, encode, encode_data, plain
from services.log.schemas import differences, released, released_ids, schema_of
from services.words.catalogue import EVERY_WORD
from services.words.word import Sealed, Word
from services.words.work import ContactRecorded
from tests.log.golden_words import golden
from tests.words.drawn import example_of, words

each_word = pytest.mark.parametrize("word", EVERY_WORD.values(), ids=EVERY_WORD.keys())


@each_word
@settings(max_examples=6)
@given(st.data())
def test_a_word_comes_back_as_it_was(word: type[Word], data: st.DataObject) -> None:
    """Whatever a word says, its bytes say the same."""
    said = data.draw(words(word))
    name, fields = decode(encode(said))
    assert name == word.TYPE
    assert EVERY_WORD[name].model_validate(fields) == said


@each_word
def test_sealed_fields_have_no_place_in_bytes(word: type[Word]) -> None:
    """What is to be sealed is not written in clear, also if it stands in the word."""
    said = example_of(word).model_copy(update=dict.fromkeys(word.SEALED, "a secret"))
    assert encode(said) == encode(example_of(word))
    assert b"a secret" not in encode(said)


@each_word
def test_the_bytes_of_a_word_never_change(word: type[Word]) -> None:
    """What was written years ago reads as it did, and is written so still, byte for byte."""
    kept = golden()[word.TYPE]
    said = word.model_validate_json(kept["says"])
    assert encode(said).hex() == kept["bytes"]
    name, fields = decode(bytes.fromhex(kept["bytes"]))
    assert EVERY_WORD[name].model_validate(fields) == said


def test_every_golden_word_is_still_there() -> None:
    """A word is never removed; a breaking change is a word of the next version."""
    assert set(golden()) <= set(EVERY_WORD)


def test_the_frame_is_confluent_s() -> None:
    """A zero, the schema's id in four bytes, and the body."""
    value = encode(example_of(ContactRecorded))
    assert value[0] == 0
    assert int.from_bytes(value[1:5], "big") == released_ids()[ContactRecorded.TYPE]


# Released schemas


def test_models_and_released_schemas_agree() -> None:
    """The models say exactly what the schemas say."""
    assert differences(EVERY_WORD) == []


def test_ids_are_given_once() -> None:
    """A registry id is one word's for ever."""
    ids = list(released_ids().values())
    assert len(set(ids)) == len(ids)
    assert all(1 <= number < 2**31 for number in ids)


def test_a_word_without_an_id_or_with_another_shape_is_named() -> None:
    """Whoever adds or changes a word hears what is missing, in one sentence each."""

    class Unheard(Word, prefix="kmpt.episodes.v1"):
        """Nobody has released this."""

    class ContactTold(Word, prefix="kmpt.episodes.v1"):
        """Another shape under a released name."""

    assert differences({"kmpt.episodes.v1.Unheard": Unheard}) == [
        "kmpt.episodes.v1.Unheard has no id in schemas/ids.json"
    ]
    (text,) = differences({ContactRecorded.TYPE: ContactTold})
    assert text.startswith(f"{ContactRecorded.TYPE}: ")


def incompatible(reader: dict[str, Any], writer: dict[str, Any]) -> bool:
    """Whether Avro says that what one schema wrote cannot be read with the other."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro ships no types
    answer = checker.get_compatibility(parse(json.dumps(reader)), parse(json.dumps(writer)))
    return bool(answer.compatibility is not SchemaCompatibilityType.compatible)


@each_word
def test_full_compatibility_with_what_was_released(word: type[Word]) -> None:
    """FULL: what was written with the released schema reads with the model's, and the other way round."""
    assert not incompatible(schema_of(word), released(word.TYPE))
    assert not incompatible(released(word.TYPE), schema_of(word))


def changed(schema: dict[str, Any], change: str) -> dict[str, Any]:
    """A schema with one change."""
    first, *others = schema["fields"]
    match change:
        case "a field more that may be absent":
            return {**schema, "fields": [first, *others, {"name": "n", "type": ["null", "string"], "default": None}]}
        case "a field more that must be there":
            return {**schema, "fields": [first, *others, {"name": "n", "type": "string"}]}
        case "a field less":
            return {**schema, "fields": others}
        case "a field of another type":
            return {**schema, "fields": [{**first, "type": "boolean"}, *others]}
        case _:
            return {**schema, "doc": "said otherwise"}


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        ("a field more that may be absent", False),
        ("another doc", False),
        ("a field more that must be there", True),
        ("a field less", True),
        ("a field of another type", True),
    ],
)
def test_what_breaks_compatibility(change: str, breaks: bool) -> None:
    """FULL compatibility lets a word grow by what may be absent, and by nothing else."""
    schema = released(ContactRecorded.TYPE)
    other = changed(schema, change)
    assert (incompatible(other, schema) or incompatible(schema, other)) is breaks


# Bytes that are no word


@cache
def _examples() -> tuple[bytes, ...]:
    return tuple(encode(example_of(word)) for word in EVERY_WORD.values())


def answered(value: bytes | None) -> tuple[str, dict[str, Any]] | None:
    """The word in these bytes, or None if they are `Undecodable`; anything else that is raised fails the test."""
    try:
        return decode(value)
    except Undecodable:
        return None


def _cut(value: bytes) -> Iterator[bytes]:
    return (value[:length] for length in range(len(value)))


@each_word
def test_bytes_cut_anywhere_are_undecodable(word: type[Word]) -> None:
    """A record that lost its end is no word, wherever it was cut."""
    assert [part for part in _cut(encode(example_of(word))) if answered(part) is not None] == []


@each_word
def test_bytes_that_go_on_are_undecodable(word: type[Word]) -> None:
    """Nothing stands behind the end of a word."""
    value = encode(example_of(word))
    assert [more for more in (b"\0", b"\1", b"x" * 100, value) if answered(value + more) is not None] == []


@pytest.mark.parametrize("value", [None, b"", b"\0", b"\0\0\0\0", b"\0\xff\xff\xff\xff", b"\0\0\0\0\0", b"{}"])
def test_what_has_no_frame_is_undecodable(value: bytes | None) -> None:
    """No value, no frame, no such schema: each is told as what it is."""
    assert answered(value) is None


@given(st.integers(1, 255))
def test_another_magic_byte_is_undecodable(magic: int) -> None:
    """The first byte is zero."""
    assert answered(bytes((magic,)) + _examples()[0][1:]) is None


@given(st.integers(0, 2**32 - 1).filter(lambda number: number not in released_ids().values()))
def test_an_unknown_schema_is_undecodable(number: int) -> None:
    """An id that no schema has leads to no word."""
    assert answered(b"\0" + number.to_bytes(4, "big") + _examples()[0][5:]) is None


@settings(max_examples=150)
@given(st.sampled_from(sorted(released_ids().values())), st.binary(max_size=200))
def test_a_stranger_s_bytes_are_a_word_or_undecodable(number: int, body: bytes) -> None:
    """Whatever bytes stand behind a known id, they are a word's fields or undecodable, and nothing else is raised."""
    answered(b"\0" + number.to_bytes(4, "big") + body)


@settings(max_examples=150)
@given(st.data())
def test_a_byte_that_was_changed(data: st.DataObject) -> None:
    """A word with any of its bytes changed is another word, or undecodable."""
    value = bytearray(data.draw(st.sampled_from(_examples())))
    value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    answered(bytes(value))


# What a schema can carry


@each_word
def test_a_schema_carries_its_own_words(word: type[Word]) -> None:
    """What a word says in clear, as JSON, is what its schema carries, and bytes made of it are the word's."""
    fields = {name: plain(value) for name, value in example_of(word) if name not in (*word.SEALED, "sealed")}
    simple = all(type(value) in (str, int, bool, list, type(None)) for value in fields.values())
    assert carries(word.TYPE, fields) or not simple
    if simple:
        sealed = getattr(example_of(word), "sealed", None)
        assert sealed is None or isinstance(sealed, Sealed)
        assert encode_data(word.TYPE, fields, sealed) == encode(example_of(word))


@pytest.mark.parametrize(
    "changes",
    [
        {"minutes": "30"},
        {"minutes": 30.0},
        {"minutes": True},
        {"minutes": None},
        {"minutes": 2**63},
        {"minutes": -(2**63) - 1},
        {"place": 5},
        {"place": None},
        {"activities": "x"},
        {"activities": [5]},
        {"activities": None},
        {"surprise": 1},
        {"surprise": None},
        {"sealed": {"key_id": "x", "key": "x", "blob": "x"}},
    ],
)
def test_a_schema_carries_nothing_else(changes: dict[str, object]) -> None:
    """What a schema cannot carry exactly as it is travels sealed as JSON instead (ruling 4)."""
    fields = {name: plain(value) for name, value in example_of(ContactRecorded)}
    assert carries(ContactRecorded.TYPE, fields)
    assert not carries(ContactRecorded.TYPE, {**fields, **changes})


@pytest.mark.parametrize("data", [None, [], "x", 5, True])
def test_a_schema_carries_objects_only(data: object) -> None:
    """Data are an object, or are carried by no schema; nor is a type that nobody knows."""
    assert not carries(ContactRecorded.TYPE, data)
    assert not carries("kmpt.episodes.v1.TeaServed", {})


def test_words_come_back_with_the_least_and_the_largest_numbers() -> None:
    """A long holds 64 bits."""
    fields = {name: plain(value) for name, value in example_of(ContactRecorded)}
    for minutes in (-(2**63), 2**63 - 1):
        value = encode_data(ContactRecorded.TYPE, {**fields, "minutes": minutes}, None)
        assert decode(value)[1]["minutes"] == minutes
