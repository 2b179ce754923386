"""Whoever changes the files of a stopped broker, checksums repaired, is found out by the proof and not by Kafka."""

from __future__ import annotations

import asyncio
import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import Checkpoint, origin_of, signed
from services.audit.checkpoint_choice import Checkpoints
from services.audit.checkpoint_folder import folder_of, kept
from services.audit.findings import Report
from services.audit.merkle import root_of
from services.audit.partition_reading import read_whole, watched
from services.audit.proving import NothingToProve, consistency_proof
from services.audit.verify import Verification
from services.log.chain import record_hash
from services.log.kafka_log import KafkaLog
from services.log.memory import MemoryRecord
from services.log.ports import Place
from services.log.record import Draft
from services.notary.notary import Notary
from services.notary.signing_key import signing_key
from services.stack.broker import Broker
from services.stack.jars import broker_jars
from services.words.topics import CHECKPOINTS, EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED, catalogue
from tests.audit.segments import change_segment, cut_beginning, edit_unrepaired, records_in, segment_of
from tests.audit.signed_county import SignedCounty
from tests.audit.tampering import Change, one_byte, records_of, swapped, with_chain, with_offsets, without
from tests.audit.test_verify_ledger import told
from tests.memory_county import feed_of

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
LEDGER, INBOX, REFUSED, NOTES = (EPISODES_LEDGER, 0), (EPISODES_INBOX, 0), (EPISODES_REFUSED, 0), (CHECKPOINTS, 0)
AT, HALF, SIGNED, ALL, CUT = 40, 120, 240, 250, 60
"""The record that is changed; how much of the feed was there when signed, signed again, and in the end; a tail."""


class Stage:
    """A ledger on a broker's disk, signed twice; each tampering begins with the files as they are kept by a name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feed = feed_of("maidstone-2012.ndjson")
        self.county = SignedCounty(folder / "county")
        self.broker = Broker(folder / "kafka", libs=broker_jars())
        self._brought: dict[Place, int] = {}

    def build(self) -> None:
        """Decide and bring the feed in three parts, sign after two of them, and keep the files at half and at last."""
        for begin, end, name in ((0, HALF, "half"), (HALF, SIGNED, ""), (SIGNED, ALL, "whole")):
            self.county.county.tell(*self.feed[begin:end])
            if not self.broker.running:
                self.broker.start()
            asyncio.run(self._bring(KafkaLog(self.broker.bootstrap), sign=end < ALL))
            if name:
                self.broker.stop()
                shutil.copytree(self.data, self.folder / name)

    @property
    def data(self) -> Path:
        """What the broker keeps."""
        return self.broker.folder / "data"

    def put_back(self, name: str) -> None:
        """The files as they were kept."""
        shutil.rmtree(self.data)
        shutil.copytree(self.folder / name, self.data)

    def change(self, place: Place, change: Change) -> None:
        """Change a partition's segment."""
        change_segment(segment_of(self.data, place), place, change)

    def records(self, place: Place) -> list[MemoryRecord]:
        """What a partition's segment holds."""
        return records_in(segment_of(self.data, place), place)

    def verified(self) -> Report:
        """What an auditor finds on the broker, once it is started again."""
        self.broker.start()
        try:
            key, notes = signing_key(self.county.folder).public_key(), kept(folder_of(self.county.folder))
            return asyncio.run(Verification(KafkaLog(self.broker.bootstrap).reader, 1, notes, key).run())
        finally:
            self.broker.stop()

    def continued(self, place: Place) -> dict[str, Any]:
        """The proof, from the broker alone, that the newest checkpoint of a partition continues its oldest."""
        self.broker.start()
        try:
            return asyncio.run(self._continued(KafkaLog(self.broker.bootstrap), origin_of(place)))
        finally:
            self.broker.stop()

    async def _continued(self, log: KafkaLog, origin: str) -> dict[str, Any]:
        published = [one async for records in read_whole(log.reader, NOTES) for one in records]
        notes = [(f"{CHECKPOINTS}/0 offset {one.offset}", (one.value or b"").decode()) for one in published]
        checkpoints = Checkpoints(notes, signing_key(self.county.folder).public_key())
        sizes = [one.size for one in checkpoints.of(origin)]
        assert len(sizes) > 1
        return await consistency_proof(log.reader, 1, checkpoints, origin, sizes[0], sizes[-1])

    async def _bring(self, log: KafkaLog, *, sign: bool) -> None:
        await log.create(catalogue(1))
        sender = log.sender()
        await sender.start()
        for place in watched(1):
            records = records_of(self.county.county.log, place)
            for one in records[self._brought.get(place, 0) :]:
                await sender.add(Draft(one.topic, one.partition, one.key, one.headers, one.value))
            self._brought[place] = len(records)
        await sender.flush()
        await sender.close()
        if sign:
            folder, key = folder_of(self.county.folder), signing_key(self.county.folder)
            notary = Notary(log, watched(1), folder, key, lambda: 60.0, lambda _: None)
            await notary.start()
            await notary.step(1.0)
            await notary.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The ledger and its copies."""
    stage = Stage(tmp_path_factory.mktemp("segments"))
    try:
        stage.build()
        yield stage
    finally:
        if stage.broker.running:
            stage.broker.kill()


Tampering = Callable[[Stage], None]


def on(place: Place, change: Change, *, rechained: bool = False) -> Tampering:
    """Change one partition; `rechained`: with offsets and chain made to fit, as if it had always been so."""
    return lambda stage: stage.change(
        place, (lambda records: with_offsets(with_chain(change(records)))) if rechained else change
    )


def replaced(stage: Stage) -> None:
    """Inbox, ledger and refused records are those of another county: whole, well chained, and of the same feed."""
    other = SignedCounty(stage.folder / "other")
    other.county.tell(*stage.feed[:ALL])
    for place in (INBOX, LEDGER, REFUSED):
        genuine = with_offsets(records_of(other.county.log, place))
        stage.change(place, lambda _, genuine=genuine: genuine)  # type: ignore[misc]  # bound here, as it is now


def forged(stage: Stage) -> None:
    """The tail is cut, and the newest checkpoint in the topic is one of what is left, signed with another key."""
    stage.change(LEDGER, lambda records: records[:-CUT])
    hashes = [record_hash(one.key, one.headers, one.value) for one in stage.records(LEDGER)]
    checkpoint = Checkpoint(origin_of(LEDGER), len(hashes), root_of(hashes))
    note = signed(checkpoint, Ed25519PrivateKey.generate()).encode()

    def change(notes: list[MemoryRecord]) -> list[MemoryRecord]:
        newest = max(one.offset for one in notes if one.key == checkpoint.origin.encode())
        return [replace(one, value=note) if one.offset == newest else one for one in notes]

    stage.change(NOTES, change)


_ROOT = "are not those of the checkpoint that the folder of checkpoints holds"
_SHORTER = "holds a checkpoint of"
TAMPERINGS: dict[str, tuple[Tampering, Place, str, int | None, str]] = {
    "one byte of a fact edited": (on(LEDGER, partial(one_byte, at=AT)), LEDGER, _ROOT, AT + 1, "the chain breaks here"),
    "one byte edited, chain recomputed": (
        on(LEDGER, partial(one_byte, at=AT), rechained=True),
        *(LEDGER, _ROOT, None, f"Between offsets 0 and {HALF - 3} something was altered"),
    ),
    "one byte of an input edited": (
        on(INBOX, partial(one_byte, at=AT)),
        *(INBOX, _ROOT, AT, "it is not the record from which"),
    ),
    "a fact dropped": (
        on(LEDGER, partial(without, at=AT)),
        *(LEDGER, _ROOT, AT + 1, "1 records of this key were removed before it, or moved behind it"),
    ),
    "two facts swapped": (
        on(LEDGER, partial(swapped, at=AT)),
        *(LEDGER, _ROOT, AT + 1, "It was moved, put in twice, or its number was altered"),
    ),
    "all but one fact appended again": (
        on(LEDGER, partial(without, at=AT), rechained=True),
        *(LEDGER, _ROOT, AT, "the chain was recomputed to hide it"),
    ),
    "the tail cut": (on(LEDGER, lambda records: records[:-CUT]), LEDGER, _SHORTER, None, "were cut from its end"),
    "all of it replaced": (replaced, LEDGER, _ROOT, None, "its first 0 are proved"),
    "an older copy of everything": (
        lambda stage: stage.put_back("half"),
        *(LEDGER, _SHORTER, None, "or an older copy was put in its place"),
    ),
    "a byte edited, its checksum left": (
        lambda stage: edit_unrepaired(segment_of(stage.data, LEDGER), stage.records(LEDGER)[AT].value or b""),
        *(LEDGER, "do not fit the checksum of the broker", None, "are not verified further"),
    ),
    "the beginning cut": (
        lambda stage: cut_beginning(segment_of(stage.data, LEDGER), LEDGER, AT),
        *(LEDGER, "it holds no record at offset 0", None, "are not verified further"),
    ),
}
"""By what was done: how, where it is found, what was signed or read says, and what is said at which record, if any."""


def test_of_files_that_nobody_changed_nothing_is_said(stage: Stage) -> None:
    """Silence; what was brought after the last signing is stated as the limit of what is proved."""
    stage.put_back("whole")
    report = stage.verified()
    assert [finding.sentence() for finding in report.findings] == []
    unsigned = ALL - SIGNED
    assert f"{EPISODES_INBOX}/0: the last {unsigned} of {ALL} records are in no checkpoint yet" in str(report.limits)


@pytest.mark.parametrize("done", TAMPERINGS)
def test_what_was_done_to_segment_files_is_found_out(stage: Stage, done: str) -> None:
    """Which partition, what was done, and to which record if what is left can tell; all else is as it was."""
    tampering, place, what, offset, more = TAMPERINGS[done]
    stage.put_back("whole")
    tampering(stage)

    findings = [one for one in stage.verified().findings if one.where == origin_of(place)]

    assert what in " ".join(one.what for one in findings)
    assert any(one.offset == offset and more in one.sentence() for one in findings), findings


def test_a_checkpoint_forged_for_what_was_cut_is_found_out(stage: Stage) -> None:
    """It is said where it lies, and that the notary did not sign it; what the folder holds tells of the cut."""
    stage.put_back("whole")
    forged(stage)
    findings = {one.where.partition("/")[0]: one.what for one in reversed(stage.verified().findings)}
    assert "the notary's key has not signed it" in findings[CHECKPOINTS]
    assert "the folder of checkpoints holds a checkpoint of" in findings[EPISODES_LEDGER]


def test_what_lies_after_the_last_checkpoint_is_the_limit(stage: Stage) -> None:
    """Cut from the end of inbox, ledger and refused together, less than a minute's records are missed by nobody."""
    stage.put_back("whole")
    signed_sizes = {INBOX: SIGNED, LEDGER: 0, REFUSED: 0}
    for file, _ in kept(folder_of(stage.county.folder)):
        for place in (LEDGER, REFUSED):
            if file.startswith(f"{place[0]}-"):
                signed_sizes[place] = max(signed_sizes[place], int(Path(file).stem))
    for place, size in signed_sizes.items():
        stage.change(place, lambda records, size=size: records[:size])  # type: ignore[misc]  # bound here
    report = stage.verified()
    assert (report.findings, report.limits) == ([], [])


def test_that_a_newer_checkpoint_continues_an_older_is_proved_from_the_broker_s_own_records(
    stage: Stage, tmp_path: Path
) -> None:
    """RFC 6962: checkpoints and records as Kafka keeps them; an auditor verifies the proof with the key alone."""
    stage.put_back("whole")
    key, proof = signing_key(stage.county.folder).public_key().public_bytes_raw(), tmp_path / "proof.json"

    made = stage.continued(LEDGER)

    for path, said in ((made["path"], (0, "the proof holds\n")), (made["path"][1:], (1, "FINDING the proof does not"))):
        proof.write_text(json.dumps({**made, "path": path}), "utf-8")
        code, out = told(tmp_path, "--proof", proof, "--key", b64encode(key).decode())
        assert (code, out[: len(said[1])]) == said


def test_what_was_changed_between_two_checkpoints_cannot_be_proved(stage: Stage) -> None:
    """A record before the older one was edited and the chain made to fit: no proof is made of it."""
    stage.put_back("whole")
    on(LEDGER, lambda records: one_byte(records, AT), rechained=True)(stage)

    with pytest.raises(NothingToProve, match="is not what was signed at"):
        stage.continued(LEDGER)
