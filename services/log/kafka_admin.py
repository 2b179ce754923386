"""Makes a broker's topics true to the catalogue, and waits until a broker is ready to serve.

Knows topic settings and kafka-python's administration. Must never know what a topic is for, nor delete anything.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, assert_never

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TransactionalIdNotFoundError

from services.log.connection import Address, bootstrap_of, client_settings
from services.log.errors import BrokerAway
from services.log.kafka_closing import closed_on_failure, knock
from services.log.kafka_entrance import kept_out
from services.words.topics import EPISODES, HANDOVER, Topic

ANSWER_SECONDS = 20.0
"""How long a broker may take to answer; a restart takes 13 to 18 s."""


@dataclass(frozen=True, slots=True)
class CreateTopic:
    """The topic is not there."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class CorrectSetting:
    """A setting of an existing topic is not what it must be."""

    topic: str
    setting: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class PartitionsDiffer:
    """An existing topic has another number of partitions; this is never changed."""

    topic: str
    found: int
    wanted: int


Change = CreateTopic | CorrectSetting | PartitionsDiffer


class PartitionsAreFixed(Exception):
    """A partition count is fixed for life, because keys would lie in other partitions than before."""


class TopicsRefused(Exception):
    """The broker would not create a topic, take a setting or tell the settings of a topic."""


def settings_of(topic: Topic, min_in_sync: int = 1) -> dict[str, str]:
    """A topic's settings as the broker names and writes them."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(topic.keep_ms),
        "retention.bytes": "-1",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(topic.max_record_bytes),
        "min.insync.replicas": str(min_in_sync),
    }


def plan(bootstrap: Address, topics: Sequence[Topic], min_in_sync: int = 1) -> list[Change]:
    """What differs from `topics`, in their order; topics that are not among them are let alone.

    Raises `TopicsRefused` or `BrokerAway`.
    """
    with closing(administration(bootstrap, ANSWER_SECONDS)) as admin:
        return list(_changes(admin, topics, min_in_sync))


def apply(
    bootstrap: Address,
    topics: Sequence[Topic],
    replication: int = 1,
    min_in_sync: int = 1,
) -> list[Change]:
    """Create what is absent and correct settings; returns what was done.

    Raises `PartitionsAreFixed` before anything is changed, `TopicsRefused`, or `BrokerAway`.
    """
    with closing(administration(bootstrap, ANSWER_SECONDS)) as admin:
        changes = list(_changes(admin, topics, min_in_sync))
        _must_keep_partitions(changes)
        for change in changes:
            _make_true(admin, change, replication, min_in_sync)
        created = [change.topic.name for change in changes if isinstance(change, CreateTopic)]
        if created:
            admin.wait_for_topics(created, timeout_ms=int(ANSWER_SECONDS * 1000))
        return changes


def wait_until_ready(bootstrap: Address, seconds: float) -> None:
    """Wait until the broker and the coordinators of the engines' groups and transactions answer, else `BrokerAway`."""
    until = time.monotonic() + seconds
    while True:
        try:
            with closing(administration(bootstrap, max(1.0, until - time.monotonic()))) as admin:
                _ask_coordinators(admin)
                return
        except (BrokerAway, KafkaError) as error:
            if time.monotonic() >= until:
                raise BrokerAway(f"the broker at {bootstrap_of(bootstrap)} is not ready after {seconds:g} s") from error
        time.sleep(0.1)


def advertised(bootstrap: Address) -> list[str]:
    """Each broker's host:port as it tells them to clients; none of them is tried. Raises `BrokerAway`."""
    with closing(administration(bootstrap, ANSWER_SECONDS)) as admin:
        # From the first answer of the bootstrap server: asking in the usual way would try what it advertises.
        return sorted(f"{broker.host}:{broker.port}" for broker in admin._manager.cluster.brokers())


def administration(bootstrap: Address, seconds: float) -> Any:
    """A `KafkaAdminClient` that has found its broker; whoever asks for it closes it. Raises `BrokerAway`."""
    limit_ms = int(seconds * 1000)
    knock(bootstrap_of(bootstrap), seconds)
    try:
        with closed_on_failure(KafkaAdminClient.DEFAULT_CONFIG["kafka_client"]) as client:
            return KafkaAdminClient(
                kafka_client=client,
                bootstrap_timeout_ms=limit_ms,
                request_timeout_ms=limit_ms,
                **client_settings(bootstrap),
            )
    except KafkaError as error:
        away = BrokerAway(f"no broker answers at {bootstrap_of(bootstrap)} within {seconds:g} s: is it running?")
        raise kept_out(bootstrap) or away from error


def _changes(admin: Any, topics: Sequence[Topic], min_in_sync: int) -> Iterator[Change]:
    there = {found["name"]: len(found["partitions"]) for found in admin.describe_topics()}
    settings = _found_settings(admin, [topic.name for topic in topics if topic.name in there])
    for topic in topics:
        if topic.name not in there:
            yield CreateTopic(topic)
            continue
        if there[topic.name] != topic.partitions:
            yield PartitionsDiffer(topic.name, there[topic.name], topic.partitions)
        for setting, wanted in settings_of(topic, min_in_sync).items():
            found = settings[topic.name][setting]
            if found != wanted:
                yield CorrectSetting(topic.name, setting, found, wanted)


def _found_settings(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    described = admin.describe_configs(resources, config_filter="all")["topic"]
    for name in names:
        if not described[name]:  # the client gives no error here: a broker that may not or cannot tell leaves it empty
            raise TopicsRefused(
                f"the broker tells no settings of topic {name}: either it is being removed at this moment (try again), "
                "or this account may not ask for them"
            )
    return {name: {setting: data["value"] for setting, data in described[name].items()} for name in names}


def _must_keep_partitions(changes: Sequence[Change]) -> None:
    differing = [change for change in changes if isinstance(change, PartitionsDiffer)]
    if differing:
        words = "; ".join(f"{one.topic} has {one.found} partitions, not {one.wanted}" for one in differing)
        raise PartitionsAreFixed(
            f"{words}; the number is fixed for life, so nothing was changed: state the present one"
        )


def _make_true(admin: Any, change: Change, replication: int, min_in_sync: int) -> None:
    match change:
        case CreateTopic(topic):
            wanted = {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": settings_of(topic, min_in_sync),
            }
            _or_refused(topic.name, admin.create_topics, {topic.name: wanted}, timeout_ms=int(ANSWER_SECONDS * 1000))
        case CorrectSetting(name, setting, _, value):
            _or_refused(name, admin.alter_configs, [ConfigResource(ConfigResourceType.TOPIC, name, {setting: value})])
        case PartitionsDiffer():
            raise PartitionsAreFixed(change.topic)
        case _:
            assert_never(change)


def _or_refused(name: str, act: Any, *args: Any, **options: Any) -> None:
    try:
        act(*args, **options)
    except KafkaError as error:
        raise TopicsRefused(f"the broker would not make topic {name} as it must be: {error}") from error


def _ask_coordinators(admin: Any) -> None:
    """Raises the broker's error while a coordinator is absent or loads."""
    for flow in (EPISODES, HANDOVER):
        admin.list_group_offsets({flow.engine: [TopicPartition(flow.inbox, 0)]})
        with suppress(TransactionalIdNotFoundError):  # an answer too: nobody has used this id yet
            admin.describe_transactions([f"{flow.engine}-0"])
