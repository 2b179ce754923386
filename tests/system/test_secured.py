"""A secured system: one of two providers tries everything against the other, and audits leave no trace on any topic."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.log.connection import Address
from services.log.errors import NotAllowed
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.kafka_log import KafkaLog
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.kafka_turns import KafkaTurns
from services.log.kept import Kept, read_kept
from services.log.ports import Place
from services.log.record import Draft
from services.log.system import find
from services.provider.connecting import log_of, provider_on, public_key
from services.provider.exchange import Exchange, Reporting
from services.provider.joining import Joining
from services.vault.key_files import door_key
from services.words.allocated import ForeignReplyNoted
from services.words.envelope import CHECKPOINTS_SEEN
from services.words.replies import Accept
from services.words.topics import (
    EPISODES_LEDGER,
    HANDOVER,
    HANDOVER_INBOX,
    HANDOVER_LEDGER,
    catalogue,
    offers_topic,
    replies_topic,
)
from tests.command_line import ROOT
from tests.system.conftest import Running, running_county

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

A, B = "weald", "weald-bridge"
"""B is asked; A's name is how B's begins."""
OFFER, HANDOVER_ID = "2b137f02-b601-5796-89d5-1d22047208cf", "c93ac7a4-c15b-5030-b724-a9839c61c2ea"
PERSON = "3aae5256-4182-58d9-84c3-cd3f4ca86de4"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both providers are registered and let in, and B has accepted an offer: its pack is there."""
    folder = tmp_path_factory.mktemp("secured")
    with running_county(folder / "county", "--secure") as county:
        (folder / "feed.ndjson").write_bytes(b"\n".join(feed(county, folder)))
        assert county("emit", "--wait", "--paced", str(folder / "feed.ndjson")).code == 0
        until(lambda: len(county("access", "plan", "--json").json()) > 7)
        assert county("access", "apply").code == 0
        until(lambda: OFFER in county("provider", B, "inbox").out)
        until(lambda: f"{HANDOVER_LEDGER}/0" in county("audit", "checkpoint").out)  # so that there is one to have seen
        assert county("provider", B, "accept", OFFER, "--start-on", "2012-10-08").code == 0
        until(lambda: "Pack" in county("provider", B, "inbox").out)
        yield county


def feed(county: Running, folder: Path) -> Iterator[bytes]:
    """The feed of one offer, with a second provider in it that has no contract."""
    keys = {}
    for name in (A, B):
        made = county("provider", name, "keygen", "--out", str(folder / f"{name}.pem"))
        assert made.code == 0, made.err
        keys[name] = made.out.strip()
    for line in (ROOT / "tests" / "data" / "first-offer.ndjson").read_bytes().splitlines():
        event = orjson.loads(line.replace(b"PUBLIC-KEY", keys[B].encode()))
        yield orjson.dumps(event)
        if event["type"].endswith("ProviderRegistered"):
            data = {**event["data"], "provider_id": A, "name": "Weald", "public_key": keys[A]}
            yield orjson.dumps({**event, "id": "another-provider", "subject": A, "data": data})


def until(true: Callable[[], bool]) -> None:
    """Wait for what comes of itself; a provider that is not let in yet hears a refusal, and asks again."""

    async def wait() -> None:
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(true):
                await asyncio.sleep(0.2)

    asyncio.run(wait())


async def read(address: Address, topic: str) -> None:
    """Read the first record of a topic."""
    async with KafkaReader(address, {(topic, 0): 0}) as reader:
        while not await reader.read(1, 1.0):
            pass


async def write(address: Address, topic: str) -> None:
    """Write a record to a topic."""
    sender = BatchSender(address, away_after=10)
    await sender.start()
    try:
        await sender.add(Draft(topic, 0, b"key", (), b"value"))
        await sender.flush()
    finally:
        await sender.close()


async def own(address: Address) -> None:
    """Take the allocator's place."""
    turns = KafkaTurns(address, HANDOVER, 0)
    try:
        await turns.take_over()
    finally:
        await turns.close()


async def move(address: Address) -> None:
    """Say how far the other has been served, so that it misses what came before."""
    async with KafkaGroupOffsets(address) as offsets:
        await offsets.store(f"kmpt.sis.{B}.exchange", {(offers_topic(B), 0): 1})


ATTEMPTS: Mapping[str, Callable[[Address], Coroutine[Any, Any, None]]] = {
    "read what the other is told": lambda a: read(a, offers_topic(B)),
    "read what the other answers": lambda a: read(a, replies_topic(B)),
    "answer as the other": lambda a: write(a, replies_topic(B)),
    "tell the other something": lambda a: write(a, offers_topic(B)),
    "tell itself something": lambda a: write(a, offers_topic(A)),
    "read the ledger": lambda a: read(a, HANDOVER_LEDGER),
    "read the inbox": lambda a: read(a, HANDOVER_INBOX),
    "answer past the door": lambda a: write(a, HANDOVER_INBOX),
    "write history": lambda a: write(a, HANDOVER_LEDGER),
    "take the allocator's place": own,
    "move the other's position": move,
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_a_provider_reaches_nothing_of_another(secured: Running, attempt: str) -> None:
    """Issue 2, point 5: whatever A tries on the log against B ends in a plain refusal that names A."""
    with pytest.raises(NotAllowed, match=f"principal {A} may not "):
        await ATTEMPTS[attempt](find(secured.data).address(A))


async def test_an_answer_about_anothers_offer_is_set_aside_and_noted(secured: Running) -> None:
    """Ruling 85: in its own topic A may say anything; of B's offer it changes nothing, and is a security fact."""
    before = await asyncio.to_thread(shown, secured)

    await accept_as(A, find(secured.data).address(A))

    while "ReplyNotTaken" not in (heard := (await asyncio.to_thread(secured, "provider", A, "inbox", "--json")).out):
        await asyncio.sleep(0.2)
    assert '"why": "UNKNOWN"' in heard
    assert PERSON not in heard
    assert await asyncio.to_thread(shown, secured) == before
    assert await noted(find(secured.data).address("auditor")) == [(A, HANDOVER_ID)]


def shown(secured: Running) -> dict[str, Any]:
    """The handover's row and its offers."""
    found: dict[str, Any] = secured("handover", "show", HANDOVER_ID, "--json").json()
    return {name: value for name, value in found.items() if name != "timeline"}


async def accept_as(provider_id: str, address: Address) -> None:
    """Accept B's offer under a name of one's own."""
    assert not isinstance(address, str)
    who = Joining(
        provider=provider_id, bootstrap=address.bootstrap, password_file=address.password_file, ca_file=address.ca
    )
    async with await provider_on(log_of(who), who) as provider:
        reply = Accept(offer_id=OFFER, start_on=date(2012, 10, 8))
        await provider.reply(reply, HANDOVER_ID, id="another-one-s", time="2012-10-01T12:00:00+01:00")
        await provider.flush()


async def noted(address: Address) -> list[tuple[str, str]]:
    """Who has answered for whom, by the handover ledger."""
    place, facts = (HANDOVER_LEDGER, 0), list[Kept]()
    async with KafkaReader(address, {place: 0}) as reader:
        while not await reader.at_end(place):
            facts += map(read_kept, (await reader.read(1000, 0.2)).get(place, ()))
    about = [fact.data for fact in facts if fact.type == ForeignReplyNoted.TYPE]
    return [(data["provider_id"], data["handover_id"]) for data in about]


async def test_a_provider_without_kafka_is_served_in_its_own_name_and_reported_of_in_the_exchange_s(
    secured: Running, tmp_path: Path
) -> None:
    """Issue 2, point 6: messages come as files by B's rights alone; that nobody fetches them the trust hears."""
    served = await asyncio.to_thread(secured, "provider", B, "exchange", str(tmp_path), "--once")
    assert served.code == 0, served.err

    address, in_a_week = find(secured.data).address, datetime.now(UTC) + timedelta(days=7)
    log, reporting = KafkaLog(address(B)), Reporting(KafkaLog(address("exchange")), door_key(secured.data, "exchange"))
    exchange = Exchange(B, tmp_path / B, log, await public_key(log, B), reporting, lambda: in_a_week)
    await exchange.start()
    passed = await exchange.step()
    await exchange.close()

    assert passed.not_collected == len(list((tmp_path / B / "in").glob("*.ctl"))) > 1
    while "NOT_COLLECTED" not in (await asyncio.to_thread(secured, "handover", "due")).out:
        await asyncio.sleep(0.2)


async def test_an_answer_is_a_witness_of_the_checkpoints_that_its_provider_saw(secured: Running) -> None:
    """Issue 3, point 3: what B wrote on its own topic says how far ledgers reached and what they held."""
    place = (replies_topic(B), 0)
    async with KafkaReader(find(secured.data).address("auditor"), {place: 0}) as reader:
        while not (records := (await reader.read(1, 0.2)).get(place)):
            pass
    seen = dict(records[0].headers)[CHECKPOINTS_SEEN].decode()
    assert re.search(rf"^{HANDOVER_LEDGER}/0 \d+ [0-9a-f]{{16}}$", seen, re.MULTILINE)


def test_a_pack_opens_for_nobody_else(secured: Running, tmp_path: Path) -> None:
    """Even with the bytes of B's pack in hand, A's private key opens nothing of them."""
    address = find(secured.data).address(B).bootstrap  # type: ignore[union-attr]  # it is secured, so no bare string
    keys = secured.data / "keys"
    own_key = secured.data.parent / f"{A}.pem"
    (tmp_path / "stolen.toml").write_text(
        f'provider = "{B}"\nbootstrap = "{address}"\nkey_file = "{own_key}"\n'
        f'password_file = "{keys}/user-{B}.password"\nca_file = "{keys}/broker-ca.pem"\n'
    )

    stolen = secured("provider", "--settings", str(tmp_path / "stolen.toml"), B, "inbox", "--json").out
    (tmp_path / "own.toml").write_text((tmp_path / "stolen.toml").read_text().replace(f"{A}.pem", f"{B}.pem"))
    own = secured("provider", "--settings", str(tmp_path / "own.toml"), B, "inbox", "--json").out

    assert "79 Hop Row" in own
    assert "79 Hop Row" not in stolen


AUDITS = (
    ("audit", "verify"),
    ("audit", "history", PERSON),
    ("audit", "history", HANDOVER_ID),
    ("audit", "disclosures", PERSON),
    ("audit", "as-of", "2012-10-01"),
    ("audit", "as-of", "now", "--check"),
    ("audit", "diff", "2012-10-01", "now"),
    ("audit", "recompute"),
    ("audit", "prove", f"{EPISODES_LEDGER}/0@0"),
    ("audit", "checkpoint"),
    ("audit", "ask", "over-six-months"),
    ("status",),
)


async def test_auditing_moves_nothing_on_any_topic(secured: Running, tmp_path: Path) -> None:
    """Every end of every partition is where it was; only the notary goes on, with checkpoints of its own."""
    before = await ends(secured)

    for audit in (*AUDITS, ("audit", "export", str(tmp_path / "out"), "--engagement", "cqc-2012")):
        done = await asyncio.to_thread(secured, *audit)
        assert done.code == 0, f"{audit}: {done.err}"
    assert (await asyncio.to_thread(secured, "audit", "dump", str(tmp_path / "dump"))).code == 0

    assert await ends(secured) == before


@pytest.mark.parametrize("topic", [topic.name for topic in catalogue(1)] + [offers_topic(B), replies_topic(B)])
async def test_an_auditor_can_write_nothing(secured: Running, topic: str) -> None:
    """Issue 3, point 7: the principal with which audits read is denied every write."""
    with pytest.raises(NotAllowed, match="principal auditor may not write"):
        await write(find(secured.data).address("auditor"), topic)


async def ends(secured: Running) -> Mapping[Place, int | None]:
    """The end of each partition but the checkpoints', markers too."""
    running = find(secured.data)
    places = [
        (topic.name, number)
        for topic in catalogue(running.partitions)
        if "checkpoints" not in topic.name
        for number in range(topic.partitions)
    ]
    async with KafkaGroupOffsets(running.address()) as offsets:
        return await offsets.ends([*places, (offers_topic(B), 0), (replies_topic(B), 0)])


def test_after_an_erasure_its_pack_opens_for_the_trust_no_more_and_its_provider_is_told(
    secured: Running, tmp_path: Path
) -> None:
    """Design §6: the certificate has tried the pack in B's topic, and B hears that it is to erase what it holds."""
    signs = {}
    for name in ("ann", "ben"):
        assert secured("keys", "person", name, "--out", str(tmp_path / name)).code == 0
        signs[name] = ("--by", name, "--key", str(tmp_path / name))
    why = ("--purpose", "RETENTION_EXPIRED", "--basis", "GDPR_5_1_E")
    assert secured("erase", PERSON, *signs["ann"], "--request", *why).code == 0

    proof = secured("erase", PERSON, *signs["ben"], "--approve", "--json")

    assert (proof.code, proof.json()["open_for_ever"]) == (0, 0)
    assert proof.json()["tried"][offers_topic(B)] == 1
    heard = [message["type"] for message in secured("provider", B, "inbox", "--json").json()]
    assert [name for name in heard if name.endswith("ErasureNotice")] == heard[-1:]
    assert "ErasureNotice" not in secured("provider", A, "inbox", "--json").out
