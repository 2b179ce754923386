"""docker-compose.yml runs the same system as the embedded stack."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.settings import Settings
from services.stack.__main__ import PROGRAMS
from services.stack.broker_settings import DURABLE, SINGLE
from tests.postgres import IMAGE

ROOT = Path(__file__).parents[2]
OTHERS = {"broker", "postgres"}
"""Containers of official images, which know none of our settings."""
DOORS = {"referrals", "outcomes", "replies", "connections", "ticker"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of docker-compose.yml by name."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return services


def test_its_broker_keeps_to_the_same_settings(compose: dict[str, Any]) -> None:
    """The broker in a container is told everything that decides correctness, as the embedded one is."""
    told = compose["broker"]["environment"]
    wanted = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in {**DURABLE, **SINGLE}.items()}
    assert {name: told.get(name) for name in wanted} == wanted


def test_its_broker_is_the_version_of_the_jars(compose: dict[str, Any]) -> None:
    """Container and jars are one version of Kafka."""
    version = compose["broker"]["image"].removeprefix("apache/kafka:")
    assert f"<version>{version}</version>" in (ROOT / "broker" / "pom.xml").read_text()


def test_each_process_has_its_container(compose: dict[str, Any]) -> None:
    """Recorder, projector, allocator and each of the five doors run in a container of their own."""
    commands = {name: service["command"].split() for name, service in compose.items() if "command" in service}
    assert {name: command[3:] for name, command in commands.items()} == {
        "certified": ["certify"],
        "prepared": ["prepare"],
        "months": ["months"],
        "recorder": ["recorder"],
        "projector": ["projector"],
        "allocator": ["allocator"],
        "notary": [],
        **{f"doors-{door}": [door] for door in DOORS},
    }
    for python, flag, room, *_ in commands.values():
        assert (python, flag) == ("python", "-m")
        assert importlib.util.find_spec(room) is not None
    assert {"certify", "prepare", "months"} <= PROGRAMS.keys()


def test_everything_waits_until_the_broker_is_prepared(compose: dict[str, Any]) -> None:
    """Topics, the month's key and the adopted rules are there before any service starts, as with `sis up`."""
    waits = {name: service["depends_on"] for name, service in compose.items() if name not in OTHERS}
    assert waits.pop("certified") == {}
    assert compose["broker"]["depends_on"] == {"certified": {"condition": "service_completed_successfully"}}
    assert waits.pop("prepared") == {"broker": {"condition": "service_healthy"}}
    prepared = {"prepared": {"condition": "service_completed_successfully"}}
    assert waits.pop("projector") == {**prepared, "postgres": {"condition": "service_healthy"}}
    assert all(wait == prepared for wait in waits.values())


def test_only_settings_that_exist_are_set(compose: dict[str, Any]) -> None:
    """Each service is told its settings under names that it knows, and keeps its files in the one volume."""
    known = {f"SIS_{name.upper()}" for name in Settings.model_fields}
    for name, service in compose.items():
        if name not in OTHERS:
            assert service["environment"].keys() <= known
            assert service["volumes"] == [f"data:{service['environment']['SIS_DATA']}"]


def test_its_view_is_in_postgresql(compose: dict[str, Any]) -> None:
    """Who folds the view, and nobody else, is told of the database that is there, with its password."""
    told = {name: service["environment"].get("SIS_VIEW") for name, service in compose.items()}
    database = compose["postgres"]["environment"]
    user, password, name = (database[f"POSTGRES_{part}"] for part in ("USER", "PASSWORD", "DB"))

    assert told.pop("projector") == f"postgresql+psycopg://{user}:{password}@postgres/{name}"
    assert set(told.values()) == {None}
    assert password.startswith("${POSTGRES_PASSWORD:-")


def test_its_database_is_the_one_of_the_tests(compose: dict[str, Any]) -> None:
    """Tests run on the version that compose starts, which keeps its files in a volume and publishes no port."""
    assert compose["postgres"]["image"] == IMAGE
    assert compose["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "ports" not in compose["postgres"]


def test_its_days_come_from_the_clock(compose: dict[str, Any]) -> None:
    """The ticker, which runs only with the calendar `clock`, has a container; so that is the calendar of them all."""
    assert {service["environment"].get("SIS_CALENDAR") for name, service in compose.items() if name not in OTHERS} == {
        "clock"
    }


def test_the_image_holds_what_runs() -> None:
    """The image installs the locked requirements and both packages, and runs as nobody in particular."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert any("--require-hashes" in line and "requirements/run.txt" in line for line in lines)
    copied = " ".join(line for line in lines if line.startswith("COPY"))
    assert all(name in copied for name in ("services", "schemas", "requirements"))
    assert any(line.startswith("USER ") and line != "USER root" for line in lines)


def test_nothing_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    """Without a secured listener no port may be reached from the network."""
    ports = [port for service in compose.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
