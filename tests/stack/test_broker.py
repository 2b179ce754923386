"""The embedded broker: it starts, comes back where it was, ends without a trace, and says plainly what it lacks."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from services.stack.broker import Broker, BrokerDidNotStart, FolderInUse
from services.stack.jars import broker_jars
from services.stack.java import JavaMissing, java
from tests.command_line import environment

TOPIC = "kmpt.trial.v1"


def make_topic(bootstrap: str) -> None:
    """A topic of one partition."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()


async def write(bootstrap: str, value: bytes) -> None:
    """Write one record and wait until it is acknowledged."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(TOPIC, value)


async def read(bootstrap: str, count: int) -> list[bytes | None]:
    """The first `count` records of the topic."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        partition = TopicPartition(TOPIC, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        return [(await consumer.getone()).value for _ in range(count)]


async def test_it_answers_as_soon_as_it_says_so(own_kafka: Broker) -> None:
    """When the broker says that it has started, what is written to it is kept and can be read."""
    make_topic(own_kafka.bootstrap)
    await write(own_kafka.bootstrap, b"first")
    assert await read(own_kafka.bootstrap, 1) == [b"first"]


@pytest.mark.kafka
def test_it_ends_with_the_process_that_used_it(tmp_path: Path) -> None:
    """A test or measurement that is killed leaves no broker behind."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from services.stack.broker import Broker; from services.stack.jars import broker_jars\n"
        "with Broker(Path(sys.argv[1]), libs=broker_jars()) as broker:\n"
        "    print(broker.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "kafka")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as user:
        assert user.stdout is not None
        broker = psutil.Process(int(user.stdout.readline()))
        user.kill()

    assert psutil.wait_procs([broker], timeout=20)[1] == []


async def test_it_comes_back_on_the_same_port_after_a_kill(own_kafka: Broker) -> None:
    """A broker that was killed comes back at the same address with all it had acknowledged."""
    make_topic(own_kafka.bootstrap)
    await write(own_kafka.bootstrap, b"before")
    before = own_kafka.bootstrap

    own_kafka.kill()
    assert own_kafka.exit_code == -9
    own_kafka.start()

    assert own_kafka.bootstrap == before
    await write(own_kafka.bootstrap, b"after")
    assert await read(own_kafka.bootstrap, 2) == [b"before", b"after"]


def test_a_stop_leaves_no_process(own_kafka: Broker) -> None:
    """After a stop nothing of the broker runs on, neither its process nor one that it started."""
    assert own_kafka.pid is not None
    process = psutil.Process(own_kafka.pid)
    family = [process, *process.children(recursive=True)]

    own_kafka.stop()

    assert not own_kafka.running
    assert [each for each in family if each.is_running()] == []


def test_a_second_broker_on_the_folder_is_told_why(own_kafka: Broker) -> None:
    """A second broker on a folder in use is refused before it touches anything; the first is unharmed, and stops."""
    second = Broker(own_kafka.folder, libs=broker_jars())
    with pytest.raises(FolderInUse, match=r"Another broker runs on .* Stop that one"):
        second.start()
    assert not second.running

    own_kafka.stop()
    assert own_kafka.exit_code == 128 + signal.SIGTERM, "it ended by itself, not by being killed"


def test_a_port_taken_meanwhile_is_named_as_the_reason(tmp_path: Path) -> None:
    """A broker whose port another program took while it was down says where its log is and what to do."""
    broker = Broker(tmp_path / "kafka", libs=broker_jars())
    host, port = broker.bootstrap.split(":")
    with socket.create_server((host, int(port))), pytest.raises(BrokerDidNotStart, match=r"ports\.json") as refusal:
        broker.start()
    assert str(broker.log) in str(refusal.value)
    assert "Address already in use" in str(refusal.value)
    assert not broker.running


def test_two_folders_two_addresses(tmp_path: Path) -> None:
    """Each folder has an address of its own, known before the first start and the same ever after."""
    one, other = (Broker(tmp_path / name, libs=tmp_path) for name in ("one", "other"))
    assert one.bootstrap != other.bootstrap
    assert Broker(tmp_path / "one", libs=tmp_path).bootstrap == one.bootstrap


def test_without_java_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Java nothing is started, and the refusal says in plain words how to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    broker = Broker(tmp_path / "kafka", libs=tmp_path)
    with pytest.raises(JavaMissing, match=r"Java is missing.*apt-get install openjdk-17"):
        broker.start()
    assert not broker.running


@pytest.mark.parametrize(
    ("version", "enough"), [("1.8.0_452", False), ("11.0.27", False), ("17", True), ("21.0.7", True)]
)
def test_which_java_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, enough: bool) -> None:
    """Java 17 and later will do, whatever it is called before; older ones are refused in plain words."""
    program = tmp_path / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    if enough:
        assert java() == str(program)
    else:
        with pytest.raises(JavaMissing, match="Java is too old"):
            java()
