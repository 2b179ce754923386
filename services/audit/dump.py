"""Everything an auditor takes away to verify elsewhere: the records as they lie, the checkpoints and the public key.

Knows bytes and files. Must never open or pseudonymise anything: whoever gets it gets sealed content and opaque ids.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

from services.audit.new_folder import whole_or_not
from services.audit.partition_reading import ReaderOf, read_whole
from services.log.ports import Place
from services.log.record import Record
from services.words.topics import CHECKPOINTS


async def dump(
    reader_of: ReaderOf, places: Iterable[Place], notes: Iterable[tuple[str, str]], key: bytes, folder: Path
) -> int:
    """Write a folder that `tools/verify_ledger.py` reads; returns the number of records.

    `notes` are checkpoints by the names of their files; a damaged one is taken along too, for the auditor to find.
    Raises `NotANewFolder`, `NotWritten`.
    """
    with whole_or_not(folder) as building:
        _write_key_and_notes(building, notes, key)
        return await _write_records(building, reader_of, places)


def _write_key_and_notes(folder: Path, notes: Iterable[tuple[str, str]], key: bytes) -> None:
    (folder / "notary.pub").write_text(b64encode(key).decode() + "\n", "utf-8")
    for name, note in notes:
        file = folder / "checkpoints" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(note, "utf-8")


async def _write_records(folder: Path, reader_of: ReaderOf, places: Iterable[Place]) -> int:
    (folder / "records").mkdir()
    count = 0
    for topic, partition in [(CHECKPOINTS, 0), *_decided_first(places)]:
        with (folder / "records" / f"{topic}-{partition}.ndjson").open("w", encoding="utf-8") as lines:
            async for records in read_whole(reader_of, (topic, partition)):
                lines.writelines(f"{json.dumps(_line(record))}\n" for record in records)
                count += len(records)
    return count


def _decided_first(places: Iterable[Place]) -> list[Place]:
    """Inboxes last: then no fact is dumped without the input that was there before it."""
    return sorted(places, key=lambda place: ".inbox." in place[0])


def _line(record: Record) -> dict[str, object]:
    return {
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _text(record.key),
        "headers": [[name, _text(content)] for name, content in record.headers],
        "value": _text(record.value),
    }


def _text(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()
