"""docs/asyncapi.yaml is what the topics and schemas are, and is an AsyncAPI 3.0 document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fastavro
import pytest
import yaml

from services.log.schemas import released, released_ids
from services.provider.asyncapi import document, page
from services.words.handover_catalogue import MESSAGE_WORDS, REPLY_WORDS
from services.words.topics import provider_topics
from tests.command_line import ROOT

NAMES_BY_OBJECT: dict[str, set[str]] = {
    "document": {
        *("asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"),
    },
    "info": {"title", "version", "description", "termsOfService", "contact", "license", "tags", "externalDocs"},
    "channel": {
        *("address", "messages", "title", "summary", "description", "servers", "parameters", "tags", "externalDocs"),
        "bindings",
    },
    "operation": {
        *("action", "channel", "title", "summary", "description", "security", "tags", "externalDocs", "bindings"),
        *("traits", "messages", "reply"),
    },
    "message": {
        *("headers", "payload", "correlationId", "contentType", "name", "title", "summary", "description", "tags"),
        *("externalDocs", "bindings", "examples", "traits"),
    },
    "components": {
        *("schemas", "servers", "channels", "operations", "messages", "securitySchemes", "serverVariables"),
        *("parameters", "correlationIds", "replies", "replyAddresses", "externalDocs", "tags", "operationTraits"),
        *("messageTraits", "serverBindings", "channelBindings", "operationBindings", "messageBindings"),
    },
}
"""The fields of each object of the AsyncAPI Specification 3.0.0; beside them only names that begin with x-."""


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """The document as it is kept, read as any tool reads it."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text("utf-8"))
    return read


def test_the_page_is_made_of_topics_and_schemas() -> None:
    """`python -m services.provider.asyncapi > docs/asyncapi.yaml` writes it anew."""
    assert (ROOT / "docs" / "asyncapi.yaml").read_text("utf-8") == page()


def test_yaml_reads_what_was_meant(kept: dict[str, Any]) -> None:
    """Nothing is lost or turned into something else between the document and its text."""
    assert kept == document()


def test_every_object_has_the_fields_of_the_specification_only(kept: dict[str, Any]) -> None:
    """AsyncAPI 3.0.0: required fields are there, and no others than are defined."""
    found: list[tuple[str, dict[str, Any]]] = [
        ("document", kept),
        ("info", kept["info"]),
        ("components", kept["components"]),
        *(("channel", one) for one in kept["channels"].values()),
        *(("operation", one) for one in kept["operations"].values()),
        *(("message", one) for one in kept["components"]["messages"].values()),
    ]
    for kind, one in found:
        assert {name for name in one if not name.startswith("x-")} <= NAMES_BY_OBJECT[kind], kind
    assert kept["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(kept["info"])
    assert all(one["action"] in ("send", "receive") and "channel" in one for one in kept["operations"].values())


def test_every_reference_leads_somewhere(kept: dict[str, Any]) -> None:
    """And an operation's messages are its channel's, as the specification asks."""
    for reference in _references(kept):
        place: Any = kept
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]
    for one in kept["operations"].values():
        assert all(message["$ref"].startswith(f"{one['channel']['$ref']}/messages/") for message in one["messages"])


def test_channels_are_the_providers_topics_with_all_their_words(kept: dict[str, Any]) -> None:
    """Every message and every reply, each with its schema as released and the id that stands in its bytes."""
    offers, replies = provider_topics("{provider}")
    assert kept["channels"]["offers"]["address"] == offers.name
    assert kept["channels"]["replies"]["address"] == replies.name
    words = {**MESSAGE_WORDS, **REPLY_WORDS}
    described = {one["name"]: one for one in kept["components"]["messages"].values()}
    assert set(words) < set(described)
    for name in words:
        assert described[name]["payload"]["schema"] == released(name)
        assert described[name]["x-registry-id"] == released_ids()[name]
        fastavro.parse_schema(described[name]["payload"]["schema"])
    for channel, of_channel in (("offers", MESSAGE_WORDS), ("replies", REPLY_WORDS)):
        assert set(kept["channels"][channel]["messages"]) == {word.__name__ for word in of_channel.values()}


def test_parameters_are_those_of_the_address(kept: dict[str, Any]) -> None:
    """A channel whose address has a part in braces says what it is."""
    for channel in kept["channels"].values():
        assert ("{provider}" in channel["address"]) == ("provider" in channel.get("parameters", {}))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
