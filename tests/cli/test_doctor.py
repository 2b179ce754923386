"""`sis doctor` and `sis topics`: what is wrong is named with what mends it, and mending it so helps."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient

from services.log import kafka_admin
from services.log.system import leave_word
from services.notary.signing_key import signing_key
from services.stack.broker import Broker
from services.stack.jars import broker_jars, jars_folder
from services.stack.ports import free_port
from services.vault.vault import Vault
from services.words.topics import EPISODES_INBOX, Topic, catalogue
from tests.command_line import Answer, CommandLine, running_here

SMALL = catalogue(1)


class Misled(Broker):
    """A broker that tells its clients to come to a port where nobody is: the classic mistake with listeners."""

    def _write_properties(self) -> None:
        super()._write_properties()
        settings = self._properties.read_text().splitlines()
        elsewhere = f"advertised.listeners=PLAINTEXT://127.0.0.1:{free_port()}"
        kept = [line for line in settings if not line.startswith("advertised.listeners=")]
        self._properties.write_text("\n".join([*kept, elsewhere, ""]))


def faults(answer: Answer) -> list[dict[str, Any]]:
    """What the doctor found to be wrong, of an answer in JSON."""
    found = [one for one in answer.json() if not one["ok"]]
    assert answer.code == (1 if found else 0)
    return found


def fault(command: CommandLine) -> dict[str, Any]:
    """The one thing that is wrong."""
    (found,) = faults(command("doctor", "--json"))
    assert isinstance(found, dict)
    return found


def test_a_sound_machine_without_a_system_has_no_findings(command: CommandLine) -> None:
    """Before the first start the doctor looks at programs, disk and ports, and leaves no folder behind."""
    answer = command("doctor", "--json")

    assert faults(answer) == []
    assert {"Java", "Maven", "Docker", "disk space", "data folder", "keys", "ports", "system"} <= {
        one["what"] for one in answer.json()
    }
    assert not command.data.exists()
    assert all(line.startswith("ok ") for line in command("doctor").out.splitlines())


def test_what_is_missing_comes_with_the_line_that_installs_it(
    command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Java, and without Maven to fetch the jars, each finding says what to type."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("SIS_CACHE", str(tmp_path / "cache"))

    found = {one["what"]: one["mend"] for one in faults(command("doctor", "--json"))}

    assert found == {
        "Java": "sudo apt-get install openjdk-17-jre-headless",
        "Maven": "sudo apt-get install maven",
    }
    assert "→ sudo apt-get install maven" in command("doctor").out


def test_maven_is_not_needed_once_the_jars_are_there(
    command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the broker's jars in the cache nobody needs Maven any more."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("SIS_CACHE", str(tmp_path / "cache"))
    jars_folder().mkdir(parents=True)

    assert fault(command)["what"] == "Java"


@pytest.mark.parametrize("exposed", ["keys/register.key", "vault/vault.sqlite", "keys", "vault"])
def test_a_secret_open_to_others_is_closed_by_what_the_doctor_says(command: CommandLine, exposed: str) -> None:
    """A key, the vault or their folders open to others is a finding; what it says to type mends it."""
    Vault(command.data).close()
    (command.data / exposed).chmod(0o755)

    found = fault(command)
    subprocess.run(shlex.split(found["mend"]), check=True)

    assert str(command.data / exposed) in found["found"]
    assert faults(command("doctor", "--json")) == []


def test_a_public_key_is_nobodys_secret(command: CommandLine) -> None:
    """The notary's public key is there to be read: it is no finding."""
    (command.data / "keys").mkdir(parents=True, mode=0o700)
    signing_key(command.data)
    (command.data / "keys" / "notary.pub").chmod(0o644)

    assert faults(command("doctor", "--json")) == []


def test_a_vault_without_its_key_is_told(command: CommandLine) -> None:
    """A vault whose key file is gone is of no use until it is brought back."""
    Vault(command.data).close()
    (command.data / "keys" / "vault.key").unlink()

    assert fault(command)["mend"] == "bring it back from its backup"


def test_a_lost_vault_is_told(command: CommandLine) -> None:
    """Its key is there, so there was one; a new one would know nobody."""
    Vault(command.data).close()
    (command.data / "vault" / "vault.sqlite").unlink()

    assert fault(command)["mend"] == "bring it back from its backup"


def test_a_port_that_another_program_holds_is_named(command: CommandLine) -> None:
    """The ports of a system are its own for life; who holds one meanwhile can be found by what the doctor says."""
    bootstrap = Broker(command.data / "broker", libs=command.data).bootstrap
    port = int(bootstrap.partition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        found = fault(command)

    assert (found["what"], str(port) in found["mend"]) == ("ports", True)
    assert faults(command("doctor", "--json")) == []


def test_a_system_whose_broker_does_not_answer_is_told(command: CommandLine) -> None:
    """A system that says it runs, at an address where nobody answers, is a finding, not an error."""
    command.data.mkdir()
    leave_word(command.data, running_here(f"127.0.0.1:{free_port()}"))

    assert fault(command)["what"] == "broker"


@pytest.mark.kafka
def test_a_broker_that_sends_its_clients_elsewhere_is_told(
    command: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong advertised listener is named as such, with the address that works."""
    with Misled(tmp_path / "kafka", libs=broker_jars()) as broker:
        monkeypatch.setenv("SIS_BOOTSTRAP", broker.bootstrap)
        found = {one["what"]: one for one in faults(command("doctor", "--json"))}

    assert found["listener"]["mend"] == f"set the broker's advertised.listeners to PLAINTEXT://{broker.bootstrap}"


def test_topics_are_planned_applied_and_then_as_they_must_be(
    command: CommandLine, own_kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`plan` says what differs and ends with 1, `apply` does it, and the doctor agrees with both."""
    monkeypatch.setenv("SIS_BOOTSTRAP", own_kafka.bootstrap)
    monkeypatch.setenv("SIS_EPISODES_PARTITIONS", "1")
    absent = command("topics", "plan")
    found = faults(command("doctor", "--json"))
    done = command("topics", "apply")
    after = command("topics", "plan")
    bounded = [topic if topic.name != EPISODES_INBOX else _kept_a_day(topic) for topic in SMALL]
    kafka_admin.apply(own_kafka.bootstrap, bounded)
    differing = command("topics", "plan", "--json")
    mended = command("topics", "apply", "--json")

    assert (absent.code, done.code, after.code) == (1, 0, 0)
    assert absent.out == done.out
    assert absent.out.splitlines() == [f"{topic.name}: create it, with 1 partitions" for topic in SMALL]
    assert [one["mend"] for one in found] == ["sis topics apply"] * len(SMALL)
    assert differing.code == 1
    assert (
        differing.json()
        == mended.json()
        == [{"topic": EPISODES_INBOX, "change": "retention.ms", "found": "86400000", "wanted": "-1"}]
    )
    assert faults(command("doctor", "--json")) == []
    monkeypatch.setenv("SIS_EPISODES_PARTITIONS", "4")
    refused = command("topics", "apply")
    assert (refused.code, refused.out) == (1, "")
    assert "fixed for life" in refused.err
    assert {one["mend"] for one in faults(command("doctor", "--json"))} == {"set SIS_EPISODES_PARTITIONS=1"}
    monkeypatch.setattr(KafkaAdminClient, "describe_configs", lambda *_, **__: {"topic": defaultdict(dict)})
    untold = command("topics", "plan")
    assert (untold.code, untold.out) == (1, "")
    assert "tells no settings of topic kmpt." in untold.err
    assert [one["what"] for one in faults(command("doctor", "--json"))] == ["topics"]


def _kept_a_day(topic: Topic) -> Topic:
    return replace(topic, keep_ms=86_400_000)
