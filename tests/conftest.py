"""What tests share: real brokers, and how hypothesis searches."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import hypothesis
import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from services.stack.broker import Broker
from services.stack.broker_settings import DURABLE, SINGLE
from services.stack.jars import broker_jars
from services.stack.ports import free_port
from tests.postgres import Postgres, container_postgres, wheel_postgres

IMAGE = "apache/kafka:4.3.0"

# A broker or a loaded machine makes single examples slow: only the whole test has a limit (pytest-timeout).
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


class Kafka(Protocol):
    """A Kafka that answers at `bootstrap` (host:port)."""

    @property
    def bootstrap(self) -> str:
        """host:port."""
        ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a broker, so that the fast tests can leave it out."""
    for item in items:
        if {"kafka", "own_kafka"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("kafka")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One Kafka for all tests: the official image where a Docker engine answers, else the embedded broker."""
    if docker_answers():
        with container_kafka() as running:
            yield running
    else:
        with Broker(tmp_path_factory.mktemp("kafka"), libs=broker_jars()) as embedded:
            yield embedded


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Broker]:
    """An embedded broker of this test's own, started, that it may kill and start again."""
    with Broker(tmp_path / "kafka", libs=broker_jars()) as broker:
        yield broker


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests: the official image where a Docker engine answers, else the server of a wheel."""
    with container_postgres() if docker_answers() else wheel_postgres() as running:
        yield running


def docker_answers() -> bool:
    """Whether a Docker engine is there and answers; its own client is asked, for the library leaks a socket if not."""
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, check=False)
    return asked.returncode == 0


class ContainerKafka:
    """Kafka in a container, published on the same port inside and outside."""

    def __init__(self, port: int) -> None:
        self.bootstrap = f"127.0.0.1:{port}"


@contextmanager
def container_kafka() -> Iterator[ContainerKafka]:
    """The official image, told what the embedded broker is told, while the context lasts."""
    port = free_port()
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": "1@localhost:9093",
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        **DURABLE,
        **SINGLE,
    }
    container = DockerContainer(IMAGE).with_bind_ports(port, port)
    for name, value in settings.items():
        container = container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started")):
        yield ContainerKafka(port)
