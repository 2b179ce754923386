"""The exchange is killed again and again, on a real broker: no message and no reply is lost, none is read in part."""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from base64 import b64decode
from pathlib import Path

from services.log.codec import encode
from services.log.kafka_admin import wait_until_ready
from services.log.kafka_log import KafkaLog
from services.log.month_key import publish
from services.log.record import Draft
from services.log.sealing import PublicKey
from services.provider.exchange_files import whole
from services.provider.exchange_folder import FolderConnection
from services.stack.broker import Broker
from services.words import envelope as named
from services.words.envelope import Envelope
from services.words.messages import Offer
from services.words.replies import Acknowledge
from services.words.topics import catalogue, offers_topic, provider_topics, replies_topic
from tests.command_line import SIS, environment
from tests.doors.worlds import lying_in
from tests.memory_handover import an_id, public_key_of
from tests.words.drawn import example_of

OAK = "oak"
MESSAGES = 120
KILLS = 8
WITHIN = 90.0


async def test_every_message_and_every_reply_outlives_the_exchange(own_kafka: Broker, tmp_path: Path) -> None:
    """120 messages, 8 kills at random moments: each message is handled, each reply is in the log under its own id."""
    log = KafkaLog(own_kafka.bootstrap)
    sent = await offered(log, own_kafka.bootstrap)
    program = FolderConnection(OAK, tmp_path / OAK)
    handled: set[str] = set()
    chance = random.Random(2012)
    exchange, kills, next_kill, until = start(own_kafka, tmp_path), 0, 2.0, time.monotonic() + WITHIN
    began = time.monotonic()
    try:
        while (handled < sent or kills < KILLS or left(tmp_path)) and time.monotonic() < until:
            for message in (await program.messages())[:1]:
                assert isinstance(message.word, Offer)
                await program.answer(message, Acknowledge(offer_id=message.word.offer_id))
                program.handled(message)
                handled.add(message.id)
            program = FolderConnection(OAK, tmp_path / OAK)  # it is restarted all the time as well
            if kills < KILLS and time.monotonic() - began > next_kill:
                exchange.kill()
                exchange.wait()
                exchange, kills, next_kill = start(own_kafka, tmp_path), kills + 1, next_kill + chance.uniform(1.2, 2.4)
            await asyncio.sleep(0.1)  # so that it works while the exchange is killed
    finally:
        exchange.kill()
        exchange.wait()

    assert (kills, handled) == (KILLS, sent)
    replies = await lying_in(log, [(replies_topic(OAK), 0)])
    said = {dict(record.headers)[named.ID] for record in replies}
    assert len(said) == MESSAGES
    assert len({record.value for record in replies}) == MESSAGES
    assert left(tmp_path) == 0


async def offered(log: KafkaLog, bootstrap: str) -> set[str]:
    """Ids of the messages that lie on oak's offers topic."""
    await asyncio.to_thread(wait_until_ready, bootstrap, 60)
    await log.create([*catalogue(), *provider_topics(OAK)])
    sender = log.sender()
    await sender.start()
    month = PublicKey("2012-10", b64decode(public_key_of("the month")))
    await publish(sender, month, "2012-10-01T00:00:00Z")
    ids = [an_id(f"message {number}") for number in range(MESSAGES)]
    for number, id_ in enumerate(ids):
        word = example_of(Offer).model_copy(update={"offer_id": an_id(f"offer {number}")})
        envelope = Envelope(id_, word.TYPE, "/kmpt/allocator", an_id(f"handover {number}"), "2012-10-01T09:00:00Z")
        await sender.add(Draft(offers_topic(OAK), 0, envelope.subject.encode(), envelope.headers(), encode(word)))
    await sender.flush()
    await sender.close()
    return set(ids)


def start(kafka: Broker, folder: Path) -> subprocess.Popen[bytes]:
    """The exchange as the trust runs it."""
    settings = environment(SIS_BOOTSTRAP=kafka.bootstrap, SIS_DATA=str(folder / "data"))
    command = [*SIS, "provider", OAK, "exchange", str(folder)]
    return subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def left(folder: Path) -> int:
    """Messages and replies that still lie in the folder."""
    return sum(len(list(whole(folder / OAK / part))) for part in ("in", "out") if (folder / OAK / part).exists())
