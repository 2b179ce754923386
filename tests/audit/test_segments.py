"""Whoever changes the files of a stopped broker, checksums repaired, is found out by the proof and not by Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit.checkpoint_folder import folder_of, kept
from services.audit.findings import Report
from services.audit.partition_reading import watched
from services.audit.verify import Verification
from services.log.kafka_log import KafkaLog
from services.log.memory import MemoryLog
from services.log.record import Draft
from services.notary.notary import Notary
from services.notary.signing_key import signing_key
from services.stack.broker import Broker
from services.words.topics import EPISODES_LEDGER, catalogue
from tests.audit.segments import cut_last_batch, edit_last_byte
from tests.audit.signed_county import SignedCounty
from tests.audit.tampering import records_of
from tests.memory_county import feed_of

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
AT = 40


async def brought(source: MemoryLog, log: KafkaLog, data: Path) -> None:
    """A ledger as it was decided, brought to Kafka in two halves, and signed."""
    await log.create(catalogue(1))
    sender = log.sender()
    await sender.start()
    for half in (0, 1):
        for place in watched(1):
            records = records_of(source, place)
            middle = len(records) // 2
            for one in records[middle:] if half else records[:middle]:
                await sender.add(Draft(one.topic, one.partition, one.key, one.headers, one.value))
        await sender.flush()
    await sender.close()
    notary = Notary(log, watched(1), folder_of(data), signing_key(data), lambda: 60.0, lambda _: None)
    await notary.start()
    await notary.step(1.0)
    await notary.close()


async def verified(log: KafkaLog, data: Path) -> Report:
    """What an auditor finds on the broker."""
    return await Verification(log.reader, 1, kept(folder_of(data)), signing_key(data).public_key()).run()


def edited(segment: Path, county: SignedCounty) -> None:
    """One byte of a fact."""
    edit_last_byte(segment, records_of(county.county.log, (EPISODES_LEDGER, 0))[AT].value or b"")


def cut(segment: Path, county: SignedCounty) -> None:
    """The facts of the second half."""
    assert county.county.partitions == 1
    cut_last_batch(segment)


@pytest.mark.parametrize(
    ("change", "said", "times"),
    [(edited, "are not those of the checkpoint", 1), (cut, "holds a checkpoint of", 2)],
    ids=["one byte edited", "tail cut"],
)
def test_a_changed_segment_file_is_found_out(
    own_kafka: Broker, tmp_path: Path, change: Callable[[Path, SignedCounty], None], said: str, times: int
) -> None:
    """Of the ledger as it was brought nothing is said; after the change, which partition, and what was done.

    A wrong root is told at the first checkpoint that shows it, missing records for each witness: folder and topic.
    """
    county = SignedCounty(tmp_path / "county")
    county.county.emit(feed_of("maidstone-2012.ndjson")[:60])
    county.county.settle()
    asyncio.run(brought(county.county.log, KafkaLog(own_kafka.bootstrap), county.folder))
    assert asyncio.run(verified(KafkaLog(own_kafka.bootstrap), county.folder)).findings == []

    own_kafka.stop()
    (segment,) = (tmp_path / "kafka").rglob(f"{EPISODES_LEDGER}-0/*.log")
    change(segment, county)
    own_kafka.start()

    findings = asyncio.run(verified(KafkaLog(own_kafka.bootstrap), county.folder)).findings
    assert [one.where for one in findings if said in one.what] == [f"{EPISODES_LEDGER}/0"] * times
