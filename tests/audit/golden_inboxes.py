"""The golden inboxes of a release: inputs, vault and ledgers as they were, written once and never changed.

`python -m tests.audit.golden_inboxes` writes those of the present release, if they are not there. Everybody in them is
synthetic, and the vault's keys are of no other use.
"""

from __future__ import annotations

import gzip
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from services.log.codec import decode
from services.log.memory import MemoryLog
from services.log.record import Draft, Record
from services.words import messages
from services.words.release import RELEASE
from services.words.replies import Accept, ConfirmStart, Decline
from services.words.topics import (
    EPISODES_INBOX,
    EPISODES_LEDGER,
    EPISODES_REFUSED,
    HANDOVER_INBOX,
    HANDOVER_LEDGER,
    HANDOVER_REFUSED,
    catalogue,
    offers_topic,
)
from tests.doors.whole_county import WholeCounty
from tests.memory_county import MemoryCounty, feed_of
from tests.memory_handover import an_id
from tests.provider.cases import ANOTHER_NUMBER, request

DATA = Path(__file__).parents[1] / "data"
PARTITIONS = 4
FIRST, SECOND = "weald-bridge", "saltings-care"
_TOPICS = (EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED, HANDOVER_INBOX, HANDOVER_LEDGER, HANDOVER_REFUSED)


def golden() -> list[Path]:
    """Every golden inbox of every release."""
    return sorted(DATA.glob("golden-inbox-*"))


def restored(golden_inbox: Path, folder: Path) -> MemoryLog:
    """Put a golden inbox's vault into a folder, and its records into a log, at the times when they were appended."""
    shutil.copytree(golden_inbox / "vault", folder / "vault")
    shutil.copytree(golden_inbox / "keys", folder / "keys")
    for name in ("vault", "keys"):  # a checkout keeps no modes
        (folder / name).chmod(0o700)
        for path in (folder / name).iterdir():
            path.chmod(0o600)
    times: list[int] = []
    log = MemoryLog(clock=lambda: times[-1])
    for topic in catalogue(PARTITIONS):
        log.create(topic.name, topic.partitions)
    for line in gzip.decompress((golden_inbox / "records.ndjson.gz").read_bytes()).splitlines():
        said = orjson.loads(line)
        times.append(said["timestamp"])
        headers = [(name, b64decode(value)) for name, value in said["headers"]]
        key, value = (None if said[name] is None else b64decode(said[name]) for name in ("key", "value"))
        log.append(Draft(said["topic"], said["partition"], key, headers, value))
    return log


def write(folder: Path, county: MemoryCounty) -> None:
    """Keep a county's inboxes and ledgers, its vault and its keys."""
    folder.mkdir()
    county.vault.close()
    for name in ("vault", "keys"):
        shutil.copytree(county.folder / name, folder / name)
    (folder / "records.ndjson.gz").write_bytes(gzip.compress(b"\n".join(_lines(county.log)), mtime=0))


def _lines(log: MemoryLog) -> Iterator[bytes]:
    for topic in _TOPICS:
        for number in range(log.partitions_of(topic) or 0):
            for record in log.seen((topic, number), 0, 10**9)[0]:
                yield orjson.dumps(_said(record))


def _said(record: Record) -> dict[str, object]:
    key, value = (None if one is None else b64encode(one).decode() for one in (record.key, record.value))
    headers = [(name, b64encode(content).decode()) for name, content in record.headers]
    place = {"topic": record.topic, "partition": record.partition, "timestamp": record.timestamp}
    return {**place, "key": key, "headers": headers, "value": value}


def year(folder: Path) -> MemoryCounty:
    """The year of Maidstone."""
    county = MemoryCounty(folder, PARTITIONS)
    county.start()
    county.tell(*feed_of("maidstone-2012.ndjson"))
    return county


def straight_road(folder: Path) -> MemoryCounty:
    """Two people are asked about: one offer is accepted and support starts, the others are declined or lapse."""
    whole = WholeCounty(folder)
    whole.day("2012-10-01")
    whole.register(FIRST, an_id("contract one"))
    whole.register(SECOND, an_id("contract two"))
    handover = request(whole, "golden one")
    other = request(whole, "golden two", ANOTHER_NUMBER)
    whole.day("2012-10-02")
    for provider_id in (FIRST, SECOND):
        for offer in offers(whole, provider_id):
            if offer["handover_id"] == handover:
                whole.answer(provider_id, Accept(offer_id=offer["offer_id"], start_on=date(2012, 10, 8)), handover)
            else:
                whole.answer(provider_id, Decline(offer_id=offer["offer_id"], reason="NO_CAPACITY"), other)
            if offer["handover_id"] == handover:
                whole.day("2012-10-08")
                whole.answer(provider_id, ConfirmStart(handover_id=handover, on=date(2012, 10, 8)), handover)
    for day in range(9, 20):
        whole.day(f"2012-10-{day:02}")
    return whole.county


def offers(whole: WholeCounty, provider_id: str) -> list[dict[str, Any]]:
    """What a provider was offered so far."""
    records, _ = whole.county.log.seen((offers_topic(provider_id), 0), 0, 10**9)
    read = [decode(record.value) for record in records]
    return [data for name, data in read if name == messages.Offer.TYPE]


def main() -> None:
    """Write the golden inboxes of the present release that are not there."""
    for name, told in {"year": year, "handover": straight_road}.items():
        folder = DATA / f"golden-inbox-{RELEASE}-{name}"
        if folder.exists():
            continue
        with TemporaryDirectory() as place:
            write(folder, told(Path(place)))


if __name__ == "__main__":
    main()
