"""The broker's topics are made true to the catalogue, and a partition count is never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient

from services.log import kafka_admin
from services.log.errors import BrokerAway
from services.log.kafka_admin import CorrectSetting, CreateTopic, PartitionsAreFixed, PartitionsDiffer, TopicsRefused
from services.words.topics import FOR_EVER, ONE_YEAR_MS, Topic, catalogue


class Kafka(Protocol):
    """A broker that answers at `bootstrap`."""

    @property
    def bootstrap(self) -> str:
        """host:port."""
        ...


@pytest.fixture
def topics() -> tuple[Topic, Topic]:
    """Two topics that no other test has: one kept for ever, one for a year."""
    run = uuid4().hex[:8]
    return (Topic(f"admin.{run}.a", "key", 3, FOR_EVER, "x"), Topic(f"admin.{run}.b", "key", 1, ONE_YEAR_MS, "y"))


def test_absent_topics_are_planned_then_made_then_true(kafka: Kafka, topics: tuple[Topic, Topic]) -> None:
    """A plan changes nothing, an apply does what was planned, and then there is nothing left to do."""
    first = kafka_admin.plan(kafka.bootstrap, topics)
    second = kafka_admin.plan(kafka.bootstrap, topics)

    done = kafka_admin.apply(kafka.bootstrap, topics)

    assert first == second == done == [CreateTopic(topic) for topic in topics]
    assert kafka_admin.plan(kafka.bootstrap, topics) == []
    assert kafka_admin.apply(kafka.bootstrap, topics) == []


def test_topics_have_every_setting_that_the_design_names(topics: tuple[Topic, Topic]) -> None:
    """Nothing is ever compacted or cut by size, times are the broker's, and a year's topic is kept a year."""
    assert kafka_admin.settings_of(topics[1], min_in_sync=2) == {
        "cleanup.policy": "delete",
        "retention.ms": str(ONE_YEAR_MS),
        "retention.bytes": "-1",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(4 * 1024 * 1024),
        "min.insync.replicas": "2",
    }


def test_setting_that_differs_is_corrected_alone(kafka: Kafka, topics: tuple[Topic, Topic]) -> None:
    """What differs is named with what was found and what is wanted, and only that is changed."""
    kafka_admin.apply(kafka.bootstrap, topics)
    wanted = [topics[0], replace(topics[1], keep_ms=FOR_EVER, max_record_bytes=1_000_000)]

    done = kafka_admin.apply(kafka.bootstrap, wanted)

    name = topics[1].name
    assert done == [
        CorrectSetting(name, "retention.ms", str(ONE_YEAR_MS), "-1"),
        CorrectSetting(name, "max.message.bytes", str(4 * 1024 * 1024), "1000000"),
    ]
    assert kafka_admin.plan(kafka.bootstrap, wanted) == []


@pytest.mark.parametrize("partitions", [2, 4])
def test_partition_count_is_never_changed(kafka: Kafka, topics: tuple[Topic, Topic], partitions: int) -> None:
    """More or fewer partitions are refused in plain words, and nothing else of the plan is done either."""
    kafka_admin.apply(kafka.bootstrap, topics[:1])
    wanted = [replace(topics[0], partitions=partitions), topics[1]]

    with pytest.raises(PartitionsAreFixed, match=f"has 3 partitions, not {partitions}.*fixed for life"):
        kafka_admin.apply(kafka.bootstrap, wanted)

    name = topics[0].name
    assert kafka_admin.plan(kafka.bootstrap, wanted) == [PartitionsDiffer(name, 3, partitions), CreateTopic(topics[1])]


def test_topics_of_others_are_let_alone(kafka: Kafka, topics: tuple[Topic, Topic]) -> None:
    """A topic that is not asked about is neither named nor touched."""
    kafka_admin.apply(kafka.bootstrap, topics)

    assert kafka_admin.apply(kafka.bootstrap, topics[1:]) == []
    assert kafka_admin.plan(kafka.bootstrap, topics) == []


def test_a_topic_that_is_being_removed_is_said_so(
    kafka: Kafka, topics: tuple[Topic, Topic], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A topic that is listed still but has no settings any more is named, with what it may mean."""
    listed = [{"name": topics[0].name, "partitions": [None] * topics[0].partitions}]
    monkeypatch.setattr(KafkaAdminClient, "describe_topics", lambda _: listed)

    with pytest.raises(TopicsRefused, match=f"tells no settings of topic {topics[0].name}.*being removed"):
        kafka_admin.plan(kafka.bootstrap, topics[:1])


def test_more_replicas_than_brokers_are_refused_in_plain_words(kafka: Kafka, topics: tuple[Topic, Topic]) -> None:
    """What the broker cannot make is said with the topic's name."""
    with pytest.raises(TopicsRefused, match=topics[0].name):
        kafka_admin.apply(kafka.bootstrap, topics[:1], replication=3)


def test_catalogue_can_be_made(kafka: Kafka) -> None:
    """Every topic of the catalogue is one that a broker takes."""
    kafka_admin.apply(kafka.bootstrap, catalogue())

    assert kafka_admin.plan(kafka.bootstrap, catalogue()) == []


def test_broker_that_answers_is_ready(kafka: Kafka) -> None:
    """Metadata and both coordinators answer: waiting returns."""
    kafka_admin.wait_until_ready(kafka.bootstrap, 30)


def test_waiting_for_a_broker_that_is_not_there_ends() -> None:
    """The wait ends after the seconds given, and says where nothing answered."""
    with pytest.raises(BrokerAway, match=r"127\.0\.0\.1:1 is not ready after 1 s"):
        kafka_admin.wait_until_ready("127.0.0.1:1", 1)


def test_plan_without_a_broker_says_so(topics: tuple[Topic, Topic], monkeypatch: pytest.MonkeyPatch) -> None:
    """Administration of a broker that is not there is refused in plain words."""
    monkeypatch.setattr(kafka_admin, "ANSWER_SECONDS", 0.5)

    with pytest.raises(BrokerAway, match="is the broker running"):
        kafka_admin.plan("127.0.0.1:1", topics)
