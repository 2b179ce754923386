"""Ledgers told by hand, exported and asked, for tests of what auditors take away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.ask import Answer, ask_export, ask_ledgers, questions
from services.audit.export import Engagement, export
from services.audit.partition_reading import ReaderOf
from services.log.memory import MemoryLog
from services.log.memory_clients import MemoryReader
from services.log.record import Draft
from services.words.topics import catalogue
from tests.ledgers import Ledger

SIGNING = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
ENGAGEMENT = Engagement("cqc-2012", b"1" * 32, SIGNING)
OTHER_ENGAGEMENT = Engagement("kcc-2013", b"2" * 32, SIGNING)


def log_of(*ledgers: Ledger) -> MemoryLog:
    """A log of one partition of episodes that holds these ledgers."""
    log = MemoryLog(clock=lambda: 1_793_600_000_000)
    for topic in catalogue(1):
        log.create(topic.name, topic.partitions)
    for ledger in ledgers:
        for record in ledger.records:
            log.append(Draft(record.topic, record.partition, record.key, record.headers, record.value))
    return log


def exported(log: MemoryLog, folder: Path, engagement: Engagement = ENGAGEMENT, partitions: int = 1) -> Path:
    """The folder of an export of a log."""
    asyncio.run(export(reader_of(log), partitions, engagement, folder, _silent))
    return folder


def asked(name: str, ledgers: Sequence[Ledger], folder: Path) -> Answer:
    """The answer of an export of these ledgers; the ledgers themselves must answer with as many rows."""
    question, log = questions()[name], log_of(*ledgers)
    answer = ask_export(question, exported(log, folder / "export"))
    here = asyncio.run(ask_ledgers(question, reader_of(log), 1, _silent))
    assert here.columns == answer.columns
    assert len(here.rows) == len(answer.rows)
    return answer


def reader_of(log: MemoryLog) -> ReaderOf:
    """Reads a log in memory."""
    return lambda starts: MemoryReader(log, starts)


def _silent(_: str) -> None:
    """Nobody waits for it."""
