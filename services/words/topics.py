"""The topics, in one place: name, key, partitions, keeping time and the one writer of each.

Knows names and settings as values. Must never know a broker: `log/kafka_admin` makes topics true to this page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EPISODES_INBOX = "kmpt.episodes.inbox.v1"
EPISODES_LEDGER = "kmpt.episodes.ledger.v1"
EPISODES_REFUSED = "kmpt.episodes.refused.v1"
HANDOVER_INBOX = "kmpt.handover.inbox.v1"
HANDOVER_LEDGER = "kmpt.handover.ledger.v1"
HANDOVER_REFUSED = "kmpt.handover.refused.v1"
KEYS = "kmpt.keys.v1"
CHECKPOINTS = "kmpt.audit.checkpoints.v1"

FOR_EVER = -1
ONE_YEAR_MS = 366 * 24 * 60 * 60 * 1000
VALUE_LIMIT = 256 * 1024
"""Largest value, in bytes, that a host reads (ruling 14)."""
RECORD_LIMIT = 4 * 1024 * 1024
"""Largest record, in bytes, that an inbox stores, so that one too large to be read is still kept and refused."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it must be. `keep_ms` is a time in milliseconds or `FOR_EVER`; `writer` is whoever may write it."""

    name: str
    key: str
    partitions: int
    keep_ms: int
    writer: str
    max_record_bytes: int = RECORD_LIMIT


@dataclass(frozen=True, slots=True)
class Flow:
    """One deciding service's three topics; partition n of the inbox is decided into partition n of the others."""

    inbox: str
    ledger: str
    refused: str
    engine: str
    """Name of the engine: its consumer group, and with the partition its transactional id."""


EPISODES = Flow(EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED, "kmpt.recorder")
HANDOVER = Flow(HANDOVER_INBOX, HANDOVER_LEDGER, HANDOVER_REFUSED, "kmpt.allocator")

DOOR_READS = {
    "referrals": EPISODES_LEDGER,
    "outcomes": HANDOVER_LEDGER,
    "connections": HANDOVER_LEDGER,
    "replies": HANDOVER_LEDGER,
}
"""The ledger that each door reads; the replies door learns there of providers, and reads their replies as well."""


def door_group(door: str) -> str:
    """The group under whose name a door stores its positions."""
    return f"kmpt.door.{door}"


def catalogue(episodes_partitions: int = 4) -> tuple[Topic, ...]:
    """Every topic but the providers'. A county has 4 partitions of episodes, fixed for life; a region chooses more."""
    return (
        Topic(EPISODES_INBOX, "person id", episodes_partitions, FOR_EVER, "teams, outcomes door, ticker"),
        Topic(EPISODES_LEDGER, "person id", episodes_partitions, FOR_EVER, "recorder"),
        Topic(EPISODES_REFUSED, "person id", episodes_partitions, FOR_EVER, "recorder"),
        Topic(
            HANDOVER_INBOX, "lot or provider id", 1, FOR_EVER, "referrals, replies, connections, commissioner, ticker"
        ),
        Topic(HANDOVER_LEDGER, "lot or provider id", 1, FOR_EVER, "allocator"),
        Topic(HANDOVER_REFUSED, "lot or provider id", 1, FOR_EVER, "allocator"),
        Topic(KEYS, "key id", 1, FOR_EVER, "stack"),
        Topic(CHECKPOINTS, "topic and partition", 1, FOR_EVER, "notary"),
    )


_PROVIDER_ID = re.compile(r"[a-z0-9-]{1,40}")


def is_provider_id(text: str) -> bool:
    """A provider id can stand in a topic's name: lower-case letters, digits and hyphens, at most 40."""
    return _PROVIDER_ID.fullmatch(text) is not None


def offers_topic(provider_id: str) -> str:
    """Where the allocator writes what is meant for one provider only."""
    return f"kmpt.sis.offers.{provider_id}.v1"


def replies_topic(provider_id: str) -> str:
    """Where one provider writes, and nobody else: the topic is the identity of the sender."""
    return f"kmpt.sis.replies.{provider_id}.v1"


def provider_of_offers(topic: str) -> str:
    """Whose offers topic it is."""
    return topic.removeprefix("kmpt.sis.offers.").removesuffix(".v1")


def provider_of_replies(topic: str) -> str:
    """Whose replies topic it is."""
    return topic.removeprefix("kmpt.sis.replies.").removesuffix(".v1")


def provider_topics(provider_id: str) -> tuple[Topic, Topic]:
    """The two topics of a provider, kept for a year."""
    return (
        Topic(offers_topic(provider_id), "handover id", 1, ONE_YEAR_MS, "allocator"),
        Topic(replies_topic(provider_id), "handover id", 1, ONE_YEAR_MS, provider_id),
    )
