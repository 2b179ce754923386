"""Canaries: after a demo year nothing that identifies anybody is found anywhere but in the right provider's pack.

Every text by which a person of the county could be known carries a mark that occurs nowhere else. Then every file of
the system is searched, and the folder of the file exchange, every record, and what an auditor takes away. A birth date
cannot be marked, but no other date of the county lies as far back as those of its people.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.cli.performance import perform
from services.cli.system import System
from services.log.kafka_reader import KafkaReader
from services.log.system import find
from services.settings import load
from services.simulator.contracts import PROVIDERS
from services.simulator.feed import write_feed
from services.simulator.provider_keys import private_key
from services.words.topics import catalogue, provider_topics
from tests.system.conftest import Running

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

SEED = 2012
PEOPLE = 150
FIRST, LAST = date(2012, 8, 1), date(2013, 7, 31)
WITH_CODED_REASON = ("ReferralReceived", "ReferralRejected", "EnablementCompleted", "EpisodeEnded")
"""Words whose reason is a code of a list, not somebody's own words."""
IN_A_PACK = frozenset({"family_name", "given_names", "nhs_number", "address_lines", "postcode", "telephone"})
_MARK = re.compile(rb"canary-[0-9]{6}-[a-z_]+|999[0-9]{7}|999 [0-9]{3} [0-9]{4}|19[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""What every mark looks like: one search for all of them."""


@dataclass
class Canaries:
    """The marks that were given out, by the person whom they would give away."""

    of_person: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def marked(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event with a mark in every identifying field and every free text of it."""
        data, name, subject = event["data"], event["type"].rpartition(".")[2], event.get("subject", "")
        if type(data) is not dict:
            return event
        changed = dict(data)
        if type(data.get("details")) is dict:
            changed["details"] = self._details(subject, data["details"])
        if name not in WITH_CODED_REASON and type(data.get("reason")) is str and data["reason"]:
            changed["reason"] = self._mark(subject, "reason")
        return {**event, "data": changed}

    def _details(self, subject: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """Every text is a mark; a number or a date that can be one stays as it is, and is a mark itself."""
        marked = {name: self._mark(subject, name) for name, value in details.items() if type(value) is str and value}
        kept = {name: details[name] for name in ("birth_date", "nhs_number") if name in details}
        for value in kept.values():
            if _MARK.fullmatch(str(value).encode()):
                self.of_person[subject].add(value)
        return {**details, **marked, **kept, "address_lines": [self._mark(subject, "address_lines")]}

    def _mark(self, subject: str, name: str) -> str:
        count = sum(map(len, self.of_person.values()))
        self.of_person[subject].add(mark := f"canary-{count:06}-{name}")
        return mark

    def found_in(self, content: bytes) -> set[str]:
        """The marks that lie in some bytes in clear."""
        known = {mark for marks in self.of_person.values() for mark in marks}
        return {mark for found in _MARK.findall(content) if (mark := found.decode()) in known}


@pytest.fixture(scope="module")
def canaries(county: Running) -> Canaries:
    """The marks of a county whose year was played on a running system."""
    given = Canaries()
    feed = (given.marked(event) for event in write_feed(PEOPLE, FIRST, LAST, SEED))
    system = System(load(data=county.data))
    done = asyncio.run(perform(system, find(county.data).bootstrap, feed, SEED, lambda *_: None))
    assert all(balance.balances for balance in done.balances.values())
    return given


def test_there_is_much_to_look_for(canaries: Canaries) -> None:
    """Hundreds of marks were given out, in every kind of field."""
    marks = [mark for marks in canaries.of_person.values() for mark in marks]
    kinds = {mark.rpartition("-")[2] for mark in marks if mark.startswith("canary-")}
    assert sum(mark.startswith("19") for mark in marks) > PEOPLE // 2
    assert len(marks) > 5 * PEOPLE
    assert kinds >= (IN_A_PACK - {"nhs_number"}) | {"gp_practice", "reason"}


def test_no_file_of_the_system_holds_a_mark(county: Running, canaries: Canaries) -> None:
    """Segments of every topic, read views, vault, logs: no mark in clear."""
    files = [path for path in county.data.rglob("*") if path.is_file()]
    kinds = {path.suffix for path in files}
    assert {".log", ".sqlite", ".key"} <= kinds
    assert {path: marks for path in files if (marks := canaries.found_in(path.read_bytes()))} == {}


def test_no_record_of_any_topic_holds_a_mark(county: Running, canaries: Canaries) -> None:
    """Keys, headers and values of every record that a reader may see: no mark in clear."""
    assert asyncio.run(_marked_records(find(county.data).bootstrap, canaries)) == []


def test_nothing_that_is_shown_holds_a_mark(county: Running, canaries: Canaries) -> None:
    """Caseload, handovers with all that was told, refusals, follow-up: no mark."""
    commands = (
        *(("caseload", "--all"), ("handover", "list", "--all"), ("handover", "due"), ("refused", "list")),
        *(("contracts",), ("wave", "list"), ("wave", "burn-down")),
    )
    handovers = [row["handover_id"] for row in county("handover", "list", "--all", "--json").json()]
    for command in (*commands, *(("handover", "show", handover) for handover in handovers)):
        assert canaries.found_in(county(*command, "--json").out.encode()) == set(), command


def test_the_file_exchange_holds_no_mark(county: Running, canaries: Canaries, tmp_path: Path) -> None:
    """What lies in the folder of a provider without Kafka is sealed to it."""
    assert county("provider", "cobnut-support", "exchange", str(tmp_path), "--once").code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert {path: marks for path in files if (marks := canaries.found_in(path.read_bytes()))} == {}


def test_nothing_that_an_auditor_takes_away_holds_a_mark(county: Running, canaries: Canaries, tmp_path: Path) -> None:
    """A dump of every log, its bytes read as they were written, and an export of every table: no mark."""
    assert county("audit", "dump", str(tmp_path / "dump")).code == 0
    assert county("audit", "export", str(tmp_path / "export"), "--engagement", "cqc-2013").code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".ndjson"]) > 10
    assert {path: marks for path in files if (marks := canaries.found_in(path.read_bytes()))} == {}
    dumped = (tmp_path / "dump" / "records").iterdir()
    assert {path: marks for path in dumped if (marks := canaries.found_in(_unfolded(path)))} == {}


def test_only_who_accepted_reads_who_it_is(county: Running, canaries: Canaries, tmp_path: Path) -> None:
    """R85: a pack opens with the accepting provider's key alone, and holds that person's details and nobody else's."""
    people = {row["handover_id"]: row["person_id"] for row in county("handover", "list", "--all", "--json").json()}
    keys = {provider.id: _key_file(tmp_path, provider.id) for provider in PROVIDERS}
    opened = 0
    for provider_id, key in keys.items():
        for message in _inbox(county, provider_id, key):
            marks = canaries.found_in(json.dumps(message).encode())
            if message["type"] not in ("Pack", "PackReissued"):
                assert marks == set(), message["type"]
                continue
            opened += 1
            assert marks, "the right key opens it"
            assert marks <= canaries.of_person[people[message["handover_id"]]]
        others = (other for name, other in keys.items() if name != provider_id)
        assert all(
            canaries.found_in(json.dumps(list(_inbox(county, provider_id, other))).encode()) == set()
            for other in others
        )
    assert opened > 5


def _unfolded(dumped: Path) -> bytes:
    """Keys, headers and values of a dumped partition, which stand in it in base64."""
    found = []
    for line in dumped.read_bytes().splitlines():
        record = json.loads(line)
        texts = [record["key"], record["value"], *(content for _, content in record["headers"])]
        found += [b64decode(text) for text in texts if text is not None]
    return b"\0".join(found)


def _inbox(county: Running, provider_id: str, key: Path) -> Iterator[dict[str, Any]]:
    yield from county("provider", provider_id, "inbox", "--key", str(key), "--json").json()


def _key_file(folder: Path, provider_id: str) -> Path:
    path = folder / f"{provider_id}.pem"
    path.touch(mode=0o600)
    path.write_bytes(private_key(SEED, provider_id).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


async def _marked_records(bootstrap: str, canaries: Canaries) -> list[tuple[str, int, int]]:
    topics = [*catalogue(), *(topic for provider in PROVIDERS for topic in provider_topics(provider.id))]
    places = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
    found = []
    async with KafkaReader(bootstrap, dict.fromkeys(places, 0)) as reader:
        for place in places:
            while not await reader.at_end(place):
                for (topic, partition), records in (await reader.read(5000, 0.1)).items():
                    found += [(topic, partition, one.offset) for one in records if canaries.found_in(_bytes_of(one))]
    return found


def _bytes_of(record: Any) -> bytes:
    headers = (part for name, content in record.headers for part in (name.encode(), content or b""))
    return b"\0".join((record.key or b"", *headers, record.value or b""))
