"""The secured broker of docker-compose.yml, started by its own lines on the jars of the embedded one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.log.connection import Address, address_of
from services.log.errors import BrokerAway, NotAllowed
from services.log.kafka_admin import apply, wait_until_ready
from services.stack.admitting import Admission
from services.stack.broker import FLAGS
from services.stack.broker_settings import CONTAINER
from services.stack.container_broker import START, certify
from services.stack.jars import broker_jars
from services.stack.java import java
from services.stack.ports import free_port
from services.words.topics import catalogue

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


def home(folder: Path) -> Path:
    """The two programs of the image, as far as the lines use them."""
    (folder / "bin").mkdir(parents=True)
    start = f'exec "{java()}" {" ".join(FLAGS)} -cp "{broker_jars()}/*"'
    for name, program in (("kafka-storage.sh", "kafka.tools.StorageTool"), ("kafka-server-start.sh", "kafka.Kafka")):
        path = folder / "bin" / name
        path.write_text(f'#!/bin/sh\n{start} {program} "$@"\n')
        path.chmod(0o755)
    return folder


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Address]:
    """The stack's way to a broker that was started by the container's lines, on ports of this test's own."""
    keys, places = tmp_path / "keys", dict(CONTAINER)
    ports = {number: free_port() for number in ("9091", "9092", "9093", "9094")}
    for name, value in places.items():
        for number, port in ports.items():
            value = value.replace(f":{number}", f":{port}")
        places[name] = value
    certify(keys, str(tmp_path / "data"), places)
    certify(keys, str(tmp_path / "data"), places)  # as at every start
    with (tmp_path / "log").open("wb") as log:
        broker = subprocess.Popen(
            ["/bin/sh", str(keys / START)],
            env={**os.environ, "KAFKA_HOME": str(home(tmp_path / "kafka"))},
            cwd=tmp_path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            address = address_of(f"127.0.0.1:{ports['9094']}", "stack", keys)
            try:
                wait_until_ready(address, 60)
            except BrokerAway:
                pytest.fail((tmp_path / "log").read_text()[-3000:])
            yield address
        finally:
            os.killpg(broker.pid, signal.SIGTERM)
            broker.wait(20)


def test_the_container_s_broker_lets_in_whom_it_knows_and_nobody_else(secured: Address) -> None:
    """Topics and users are made by its first user; a name that it does not know is kept out."""
    assert not isinstance(secured, str)
    apply(secured, catalogue(1))
    admission = Admission(secured.bootstrap, secured.ca.parent)
    assert admission.apply()
    assert admission.plan() == []

    stranger = address_of(secured.bootstrap, "auditor", secured.ca.parent)
    assert not isinstance(stranger, str)
    stranger.password_file.write_text("wrong", "ascii")
    with pytest.raises(NotAllowed, match="does not let principal auditor in"):
        wait_until_ready(stranger, 5)
