"""`python -m services.provider.asyncapi > docs/asyncapi.yaml`: what a provider reads and writes, as AsyncAPI 3.0.

Made of the topics and the released schemas, so it cannot say anything else. Knows the shape of such a document. Must
never describe what a provider may not see.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from services.log.schemas import released, released_ids
from services.words import envelope as named
from services.words.handover_catalogue import MESSAGE_WORDS, REPLY_WORDS
from services.words.keeping import MonthKeyPublished
from services.words.topics import KEYS, Topic, catalogue, provider_topics
from services.words.word import Word

PROVIDER = "{provider}"
_AVRO = "application/vnd.apache.avro+json;version=1.9.0"
_HEADERS = {
    named.SPECVERSION: "CloudEvents 1.0, binary mode.",
    named.ID: "Of the message or reply; the same again is the same again.",
    named.TYPE: "Full name of the schema.",
    named.SOURCE: "Who says it.",
    named.SUBJECT: "The handover's id, as the record's key; for a month's key its id.",
    named.TIME: "When it happened, RFC 3339.",
    named.CONTENT_TYPE: "application/avro",
}
_Channel = tuple[Topic, Mapping[str, type[Word]], str, str]
"""A topic, the words on it, what a provider does there, and what it is for."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ABOUT = """The two topics of one external provider, and the public keys of the month.
Each value is framed as Confluent's registry does it: a zero byte, the schema's id in 4 bytes (x-registry-id), and the
Avro body. Read with isolation level read_committed. A provider without Kafka gets and gives the same as files."""


def document() -> dict[str, Any]:
    """The whole document."""
    offers, replies = provider_topics(PROVIDER)
    keys = next(topic for topic in catalogue() if topic.name == KEYS)
    channels: dict[str, _Channel] = {
        "offers": (offers, MESSAGE_WORDS, "receive", "What the trust says to one provider, and to nobody else."),
        "replies": (replies, REPLY_WORDS, "send", "What one provider answers; the topic is its identity."),
        "keys": (
            keys,
            {MonthKeyPublished.TYPE: MonthKeyPublished},
            "receive",
            "To whose newest a free text is sealed.",
        ),
    }
    words = {name: word for _, of_channel, _, _ in channels.values() for name, word in of_channel.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Support, Time and Recovery: handover to external providers",
            "version": "1",
            "description": _ABOUT,
        },
        "defaultContentType": "application/avro",
        "channels": {
            name: _channel(topic, of_channel, says) for name, (topic, of_channel, _, says) in channels.items()
        },
        "operations": {
            f"{action}{name.title()}": _operation(name, action, of_channel)
            for name, (_, of_channel, action, _) in channels.items()
        },
        "components": {
            "messages": {word.__name__: _message(word) for _, word in sorted(words.items())},
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
        },
    }


def page() -> str:
    """The document as YAML: names and nesting by lines, every text and number as JSON writes it, which YAML reads."""
    return "\n".join(_lines(document())) + "\n"


def _channel(topic: Topic, words: Mapping[str, type[Word]], says: str) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": topic.name,
        "description": f"{says} Key: {topic.key}.",
        "messages": {word.__name__: _ref("components/messages", word.__name__) for word in words.values()},
        "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}},
    }
    if PROVIDER in topic.name:
        channel["parameters"] = {"provider": {"description": "The provider's id, 1 to 40 of a-z, 0-9 and hyphen."}}
    return channel


def _operation(channel: str, action: str, words: Mapping[str, type[Word]]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": _ref("channels", channel),
        "messages": [_ref(f"channels/{channel}/messages", word.__name__) for word in words.values()],
    }


def _message(word: type[Word]) -> dict[str, Any]:
    schema = released(word.TYPE)
    return {
        "name": word.TYPE,
        "title": word.__name__,
        "summary": schema["doc"],
        "contentType": "application/avro",
        "traits": [_ref("components/messageTraits", "cloudEvent")],
        "payload": {"schemaFormat": _AVRO, "schema": schema},
        "x-registry-id": released_ids()[word.TYPE],
    }


def _headers() -> dict[str, Any]:
    texts = {name: {"type": "string", "description": says} for name, says in _HEADERS.items()}
    texts[named.SPECVERSION]["const"] = "1.0"
    return {"type": "object", "required": [name for name in _HEADERS if name != named.SUBJECT], "properties": texts}


def _ref(where: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{where}/{name}"}


def _lines(value: Any) -> Iterator[str]:
    """A value in YAML's block style; what is empty or no collection is one line of JSON."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            label = name if _PLAIN.fullmatch(name) else json.dumps(name)
            yield from _under(f"{label}:", inner)
    elif isinstance(value, list) and value:
        for inner in value:
            first, *rest = _lines(inner)
            yield from (f"- {first}", *(f"  {line}" for line in rest))
    else:
        yield json.dumps(value, ensure_ascii=False)


def _under(label: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield label
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{label} {json.dumps(value, ensure_ascii=False)}"


if __name__ == "__main__":
    sys.stdout.write(page())
