"""Who may do what on the log: principal, topic, operation, read off the topics' page; whatever is not here is denied.

Knows principals and the names of topics, groups and transactions. Must never know a broker or a password.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from services.county.places import TEAMS
from services.words.topics import (
    CHECKPOINTS,
    DOOR_READS,
    EPISODES,
    EPISODES_INBOX,
    EPISODES_LEDGER,
    HANDOVER,
    HANDOVER_INBOX,
    HANDOVER_LEDGER,
    HANDOVER_REFUSED,
    KEYS,
    Flow,
    catalogue,
    door_group,
    offers_topic,
    replies_topic,
)

STACK = "stack"
"""The one super user: makes topics, users and rights. It needs no grants, and nobody else is without."""
PROJECTOR_GROUP = "kmpt.projector"
_OFFERS, _REPLIES, _PROVIDERS = "kmpt.sis.offers.", "kmpt.sis.replies.", "kmpt.sis."
_DOOR_WRITES = {
    "referrals": (HANDOVER_INBOX,),
    "outcomes": (EPISODES_INBOX,),
    "connections": (HANDOVER_INBOX,),
    "replies": (HANDOVER_INBOX,),
}

PROVIDER_QUOTA: Mapping[str, float] = {
    "producer_byte_rate": 1 << 20,
    "consumer_byte_rate": 8 << 20,
    "request_percentage": 25,
}
"""What one provider may take of the broker: bytes a second sent and received, and per cent of a request thread.

A provider hears a few offers a day, so it never notices; one whose system runs wild slows only itself.
"""

Kind = Literal["topic", "group", "transactional_id"]
Operation = Literal["read", "write", "describe", "create", "describe_configs", "alter_configs"]


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A principal may do `operation` with what is called `name`, or, if `prefixed`, with all whose name begins so.

    Who may read or write may also describe, as Kafka has it.
    """

    principal: str
    kind: Kind
    name: str
    operation: Operation
    prefixed: bool = False


def grants(providers: Iterable[str] = ()) -> frozenset[Grant]:
    """Everything that is allowed, with these providers."""
    return frozenset(
        (
            *_engine("recorder", EPISODES),
            *_engine("allocator", HANDOVER),
            Grant("allocator", "topic", _OFFERS, "write", prefixed=True),
            *_reads("projector", EPISODES.ledger, EPISODES.refused, HANDOVER.ledger, HANDOVER.refused),
            Grant("projector", "group", PROJECTOR_GROUP, "read"),
            *_doors(),
            *_people(),
            *(grant for team in TEAMS for grant in _emitter(team, EPISODES_INBOX)),
            *(grant for provider in providers for grant in _provider(provider)),
        )
    )


def principals(providers: Iterable[str] = ()) -> tuple[str, ...]:
    """Every principal, the super user too, in order."""
    return tuple(sorted({STACK, *(grant.principal for grant in grants(providers))}))


@cache
def own() -> frozenset[str]:
    """The principals of the trust itself; a provider with such an id would have that one's rights and password."""
    return frozenset(principals())


def may(table: Iterable[Grant], principal: str, kind: Kind, name: str, operation: Operation) -> bool:
    """Whether the table lets a principal do this."""
    return principal == STACK or any(
        (one.principal, one.kind, one.operation) == (principal, kind, operation)
        and (name.startswith(one.name) if one.prefixed else name == one.name)
        for one in table
    )


def _engine(principal: str, flow: Flow) -> Iterator[Grant]:
    yield from _reads(principal, flow.inbox, flow.ledger, flow.refused)
    yield from _writes(principal, flow.ledger, flow.refused)
    yield Grant(principal, "group", flow.engine, "read")
    yield Grant(principal, "transactional_id", f"{flow.engine}-", "write", prefixed=True)


def _doors() -> Iterator[Grant]:
    for door, ledger in DOOR_READS.items():
        yield from _emitter(door, *_DOOR_WRITES[door])
        yield from _reads(door, ledger)
        yield Grant(door, "group", door_group(door), "read")
    yield Grant("replies", "topic", _REPLIES, "read", prefixed=True)
    operations: tuple[Operation, ...] = ("describe", "create", "describe_configs", "alter_configs")
    for operation in operations:
        yield Grant("connections", "topic", _PROVIDERS, operation, prefixed=True)
    yield from _emitter("ticker", EPISODES_INBOX, HANDOVER_INBOX)
    yield from _emitter("exchange", HANDOVER_INBOX)  # its reports alone: all else it does as the provider it serves
    yield from _reads("ticker", EPISODES_LEDGER, HANDOVER_LEDGER)


def _people() -> Iterator[Grant]:
    every = [topic.name for topic in catalogue()]
    yield from _reads("auditor", *every)
    yield Grant("auditor", "topic", _PROVIDERS, "read", prefixed=True)  # what providers were told, and are witnesses of
    yield from _reads("notary", *every)
    yield from _writes("notary", CHECKPOINTS)
    yield from _emitter("commissioner", HANDOVER_INBOX)
    yield from _reads("commissioner", HANDOVER_LEDGER, HANDOVER_REFUSED)
    yield from _emitter("redrive", EPISODES_INBOX, HANDOVER_INBOX)
    for flow in (EPISODES, HANDOVER):
        yield from _reads("redrive", flow.inbox, flow.ledger, flow.refused)
        for asker in ("redrive", "auditor"):  # how far the engines have decided
            yield Grant(asker, "group", flow.engine, "describe")


def _provider(provider: str) -> Iterator[Grant]:
    """Its own two topics, the month's key, the checkpoints it is a witness of, and groups under its name."""
    yield from _reads(provider, offers_topic(provider), KEYS, CHECKPOINTS)
    yield from _writes(provider, replies_topic(provider))
    yield Grant(provider, "group", f"{_PROVIDERS}{provider}.", "read", prefixed=True)


def _emitter(principal: str, *inboxes: str) -> Iterator[Grant]:
    """May write to these, read the month's key, and ask how many partitions the inboxes have."""
    yield from _writes(principal, *inboxes)
    yield from _reads(principal, KEYS)
    for inbox in (EPISODES_INBOX, HANDOVER_INBOX):
        yield Grant(principal, "topic", inbox, "describe")


def _reads(principal: str, *topics: str) -> Iterator[Grant]:
    return (Grant(principal, "topic", topic, "read") for topic in topics)


def _writes(principal: str, *topics: str) -> Iterator[Grant]:
    return (Grant(principal, "topic", topic, "write") for topic in topics)
