"""What each principal can really do on a secured broker equals the table of access."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from services.log.connection import Connection, address_of
from services.log.errors import NotAllowed
from services.log.kafka_admin import administration, apply, wait_until_ready
from services.log.kafka_quotas import found_quotas
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender, ReliableSender
from services.log.kafka_turns import KafkaTurns
from services.log.record import Draft
from services.stack.admitting import Admission
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.words.access import PROVIDER_QUOTA, STACK, Operation, grants, may, principals
from services.words.topics import EPISODES, HANDOVER, catalogue, offers_topic, provider_topics, replies_topic

A, B = "weald-bridge", "weald"
"""Two providers; the name of one begins with the other's."""
PROVIDERS = frozenset((A, B))
OPERATIONS = ("READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
BESIDES = {"READ": "DESCRIBE", "WRITE": "DESCRIBE", "ALTER_CONFIGS": "DESCRIBE_CONFIGS"}
TOPICS = (*catalogue(1), *provider_topics(A), *provider_topics(B))


class Secured:
    """A secured broker with every topic and principal, and one record in each topic."""

    def __init__(self, broker: Broker, keys: Path) -> None:
        self.bootstrap = broker.bootstrap
        self.keys = keys
        self.admission = Admission(self.bootstrap, keys)

    def of(self, principal: str) -> Connection:
        """How a principal reaches it."""
        address = address_of(self.bootstrap, principal, self.keys)
        assert isinstance(address, Connection)
        return address


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The broker of these tests."""
    folder = tmp_path_factory.mktemp("secured")
    with Broker(folder / "broker", libs=broker_jars(), keys=folder / "keys") as broker:
        here = Secured(broker, folder / "keys")
        wait_until_ready(here.of(STACK), 60)
        apply(here.of(STACK), TOPICS)
        here.admission.apply()
        asyncio.run(written(here.of(STACK), *(topic.name for topic in TOPICS)))
        yield here


async def written(address: Connection, *topics: str) -> None:
    """One record in each topic."""
    sender = BatchSender(address, away_after=10)
    await sender.start()
    try:
        for topic in topics:
            await sender.add(Draft(topic, 0, b"key", (), b"value"))
        await sender.flush()
    finally:
        await sender.close()


async def read(address: Connection, topic: str) -> bytes | None:
    """The first record of a topic."""
    async with KafkaReader(address, {(topic, 0): 0}) as reader:
        while True:
            for records in (await reader.read(1, 1.0)).values():
                return records[0].value


async def allowed(attempt: Coroutine[Any, Any, object]) -> bool:
    """Whether the broker let it be done; a denial must be a plain refusal, never a silence."""
    try:
        await asyncio.wait_for(attempt, 20)
    except NotAllowed as refusal:
        if "ask for `sis access apply`" not in str(refusal):
            raise
        return False
    return True


def rights_on(address: Connection, topics: Sequence[str]) -> dict[str, set[str]]:
    """What the broker says that this principal may do with each topic."""
    with closing(administration(address, 20)) as admin:
        return {found["name"]: set(found.get("authorized_operations") or ()) for found in admin.describe_topics(topics)}


def expected(principal: str, topic: str) -> set[str]:
    """What the table says, with what one right gives besides (Kafka's own rule)."""
    if principal == STACK:
        return set(OPERATIONS)
    table = grants(PROVIDERS)
    own = {one for one in OPERATIONS if may(table, principal, "topic", topic, one.lower())}  # type: ignore[arg-type]  # the broker has more operations than the table needs
    return {*own, *(given for one, given in BESIDES.items() if one in own)}


@pytest.mark.kafka
async def test_the_broker_allows_what_the_table_says_and_nothing_else(secured: Secured) -> None:
    """Principal by topic by operation, and every group and transaction: as many answers as the table, and the same."""
    names, right, wrong = [topic.name for topic in TOPICS], 0, []
    for principal in principals(PROVIDERS):
        told = await asyncio.to_thread(rights_on, secured.of(principal), names)
        for topic in names:
            for operation in OPERATIONS:
                if (operation in told[topic]) == (operation in expected(principal, topic)):
                    right += 1
                else:
                    wrong.append((principal, operation, topic))
    print(f"principal x topic x operation: {right}/{right + len(wrong)} as the table says")  # noqa: T201  # published
    assert wrong == [], wrong
    assert right == len(principals(PROVIDERS)) * len(names) * len(OPERATIONS)


@pytest.mark.kafka
@pytest.mark.timeout(300)
async def test_every_principal_really_tries_to_read_and_write_every_topic(secured: Secured) -> None:
    """Each gets through where the table says so, and a plain refusal everywhere else."""
    table, right, wrong = grants(PROVIDERS), 0, []
    for principal in principals(PROVIDERS):
        address = secured.of(principal)
        for topic in TOPICS:
            tried: dict[Operation, bool] = {
                "read": await allowed(read(address, topic.name)),
                "write": await allowed(written(address, topic.name)),
            }
            for operation, got in tried.items():
                right += got == may(table, principal, "topic", topic.name, operation)
                if got != may(table, principal, "topic", topic.name, operation):
                    wrong.append((principal, operation, topic.name))
    print(f"tried to read and write: {right}/{right + len(wrong)} as the table says")  # noqa: T201  # published
    assert wrong == []


@pytest.mark.kafka
@pytest.mark.parametrize("principal", principals(PROVIDERS))
async def test_only_an_engine_takes_over_a_partition(secured: Secured, principal: str) -> None:
    """A second recorder under another name would fence the true one out of its ledger."""
    for flow, owner in ((EPISODES, "recorder"), (HANDOVER, "allocator")):
        turns = KafkaTurns(secured.of(principal), flow, 7)
        try:
            if principal in (STACK, owner):
                await turns.take_over()
            else:
                with pytest.raises(NotAllowed, match=f"principal {principal} may not own"):
                    await turns.take_over()
        finally:
            await turns.close()


@pytest.mark.kafka
async def test_every_provider_has_its_quota(secured: Secured) -> None:
    """One whose system runs wild slows only itself; nobody else is limited."""
    with closing(await asyncio.to_thread(administration, secured.of(STACK), 20)) as admin:
        assert found_quotas(admin) == dict.fromkeys(PROVIDERS, PROVIDER_QUOTA)


@pytest.mark.kafka
async def test_a_provider_is_kept_from_another_ones_topics_in_plain_words(secured: Secured) -> None:
    """The refusal names principal, topic and what to ask for."""
    with pytest.raises(NotAllowed, match=f"principal {A} may not see topic {offers_topic(B)}: ask for `sis access"):
        await read(secured.of(A), offers_topic(B))
    with pytest.raises(NotAllowed, match=f"principal {A} may not write topic {replies_topic(B)}: ask for `sis access"):
        await written(secured.of(A), replies_topic(B))


@pytest.mark.kafka
async def test_a_system_that_sends_one_by_one_is_kept_out_in_plain_words(secured: Secured, tmp_path: Path) -> None:
    """The class that an in-house system imports says the same as the rest."""
    sender = ReliableSender(secured.of(A), 10)
    sender.send(Draft(replies_topic(A), 0, b"key", (), b"value"))
    sender.flush(10)
    sender.send(Draft(replies_topic(B), 0, b"key", (), b"value"))
    with pytest.raises(NotAllowed, match=f"principal {A} may not write topic {replies_topic(B)}: ask for `sis access"):
        sender.flush(10)
    sender.close()
    (tmp_path / "wrong").write_text("wrong", "ascii")
    (tmp_path / "wrong").chmod(0o600)
    with pytest.raises(NotAllowed, match=f"does not let principal {A} in: its password is not the one"):
        ReliableSender(replace(secured.of(A), password_file=tmp_path / "wrong"), 5)


@pytest.mark.kafka
def test_applying_again_does_nothing(secured: Secured) -> None:
    """What is as the table says is left alone."""
    assert secured.admission.plan() == []
    assert secured.admission.apply() == []


@pytest.mark.kafka
async def test_a_rotated_password_works_and_the_former_one_does_not(secured: Secured, tmp_path: Path) -> None:
    """Whoever still has the former password is told that it is wrong."""
    former = tmp_path / "former"
    former.write_text(secured.of(A).password(), "ascii")
    former.chmod(0o600)
    await asyncio.to_thread(secured.admission.rotate, A)

    assert await read(secured.of(A), offers_topic(A)) == b"value"
    with pytest.raises(NotAllowed, match=f"does not let principal {A} in: its password is not the one"):
        await read(replace(secured.of(A), password_file=former), offers_topic(A))


@pytest.mark.kafka
async def test_a_broker_with_another_certificate_is_not_trusted(secured: Secured, tmp_path: Path) -> None:
    """A client says that it does not trust the broker, not that the broker is away."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with pytest.raises(NotAllowed, match=r"is not one that .*other.pem vouches for"):
        await read(replace(secured.of(A), ca=tmp_path / "other.pem"), offers_topic(A))


@pytest.mark.kafka
async def test_a_removed_provider_is_out_and_stays_out(secured: Secured, tmp_path: Path) -> None:
    """Neither user nor rights are left, and applying the table again does not bring them back."""
    former = tmp_path / "former"
    former.write_text(secured.of(B).password(), "ascii")
    former.chmod(0o600)
    assert await asyncio.to_thread(secured.admission.remove, B)

    with pytest.raises(NotAllowed, match=f"does not let principal {B} in"):
        await read(replace(secured.of(B), password_file=former), offers_topic(B))
    assert await asyncio.to_thread(secured.admission.plan) == []
    assert await read(secured.of(A), offers_topic(A)) == b"value"
