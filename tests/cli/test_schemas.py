"""Schemas and words are one, and stay readable for ever: FULL_TRANSITIVE (design §4)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from services.cli.schemas import faults
from services.log.schemas import released, released_ids, schema_of
from services.words.catalogue import EVERY_WORD
from tests.command_line import CommandLine

NAMES = set(released_ids())
SOME_WORD = "kmpt.episodes.v1.PersonDied"


def reads(reader: dict[str, Any], writer: dict[str, Any]) -> bool:
    """Whether what was written with one schema can be read with the other, as Apache Avro judges it."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # its constructor has no types
    judged = checker.get_compatibility(parse(json.dumps(reader)), parse(json.dumps(writer)))
    return bool(judged.compatibility is SchemaCompatibilityType.compatible)


def changed(**fields: Any) -> dict[str, Any]:
    """A released schema with fields added to it, made anew, or taken from it where they are None."""
    schema = copy.deepcopy(released(SOME_WORD))
    kept = [field for field in schema["fields"] if field["name"] not in fields]
    added = [{"name": name, **made} for name, made in fields.items() if made is not None]
    return {**schema, "fields": [*kept, *added]}


@pytest.mark.parametrize("name", sorted(EVERY_WORD))
def test_every_word_reads_and_is_read_by_its_released_schema(name: str) -> None:
    """What any release wrote can be read by this one, and what this one writes by any other."""
    model = schema_of(EVERY_WORD[name])

    assert reads(model, released(name))
    assert reads(released(name), model)


@pytest.mark.parametrize(
    ("schema", "both_ways"),
    [
        (changed(), True),
        (changed(place={"type": ["null", "string"], "default": None}), True),
        (changed(place={"type": "string"}), False),
        (changed(on=None), False),
        (changed(on={"type": "long"}), False),
    ],
    ids=["unchanged", "optional field added", "required field added", "field removed", "type changed"],
)
def test_a_breaking_change_would_be_seen(schema: dict[str, Any], both_ways: bool) -> None:
    """An optional field may come; a required one, a field removed or another type needs a new v2 type."""
    before = released(SOME_WORD)

    assert (reads(schema, before) and reads(before, schema)) == both_ways


def test_schemas_are_as_their_words(command: CommandLine) -> None:
    """`sis schemas check` compares every word with its schema and its id; programs get a list of what is wrong."""
    assert command("schemas", "check").out == f"{len(EVERY_WORD)} schemas are as their words, and each has its id\n"
    assert command("schemas", "check", "--json").json() == []


@pytest.mark.parametrize(
    ("ids", "names", "said"),
    [
        (released_ids(), NAMES, []),
        (released_ids(), NAMES - {SOME_WORD}, [f"{SOME_WORD} has no schema in schemas/"]),
        (
            released_ids(),
            NAMES | {"kmpt.episodes.v1.PersonSeen"},
            [
                "schemas/kmpt.episodes.v1.PersonSeen.avsc has no id in schemas/ids.json",
                "schemas/kmpt.episodes.v1.PersonSeen.avsc has no word: a released type is never removed",
            ],
        ),
        (
            {**released_ids(), SOME_WORD: released_ids()["kmpt.log.v1.Refused"]},
            NAMES,
            [f"the id {released_ids()['kmpt.log.v1.Refused']} is given twice in schemas/ids.json"],
        ),
    ],
    ids=["nothing", "a schema lost", "a schema too many", "an id twice"],
)
def test_what_is_wrong_with_schemas_is_named(ids: dict[str, int], names: set[str], said: list[str]) -> None:
    """A lost schema, one without id or word, and an id given twice are each one sentence."""
    assert faults(ids, names) == said
