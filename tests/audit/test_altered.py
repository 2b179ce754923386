"""Audits of a ledger that was tampered with end in words that say which record it is, and never in a traceback."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.audit.as_of_asked import Points
from services.audit.as_of_stored import StoredFolds
from services.audit.checkpoint_folder import kept
from services.audit.findings import Finding
from services.audit.point import Point
from services.episodes.view import ChainBroken
from services.log.kept import Altered
from services.log.memory import MemoryLog
from services.log.memory_clients import InMemory
from services.log.ports import Place
from services.provider.witnessing import seen_checkpoints
from services.words import envelope as named
from services.words.referred import ProviderConnected
from services.words.topics import (
    CHECKPOINTS,
    EPISODES_INBOX,
    EPISODES_LEDGER,
    EPISODES_REFUSED,
    HANDOVER_INBOX,
    HANDOVER_LEDGER,
    replies_topic,
)
from tests.audit.exported import exported, reader_of
from tests.audit.signed_county import SignedCounty
from tests.audit.tampering import garbled, records_of, tamper
from tests.audit.test_recompute import recomputed
from tests.audit.test_verify import copy_of, verified
from tests.audit.test_witnesses import PROVIDER, county_with_a_provider, reply
from tests.memory_county import MemoryCounty

DECIDED: tuple[Place, ...] = ((EPISODES_LEDGER, 0), (EPISODES_REFUSED, 0), (HANDOVER_LEDGER, 0))
INBOXES: tuple[Place, ...] = ((EPISODES_INBOX, 0), (HANDOVER_INBOX, 0))
BESIDES: tuple[Place, ...] = ((CHECKPOINTS, 0), (replies_topic(PROVIDER), 0))
TIMES = 60


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> SignedCounty:
    """A county with a provider that has answered, signed."""
    made = county_with_a_provider(tmp_path_factory.mktemp("county") / "county")
    seen = asyncio.run(seen_checkpoints(InMemory(made.county.log)))
    made.county.log.append(reply(made, seen))
    made.sign()
    return made


def altered(county: SignedCounty, places: tuple[Place, ...], seed: int) -> MemoryLog:
    """The county's log, in which one record was made into something that no host writes; the same for a seed."""
    chance, log = random.Random(seed), copy_of(county)
    place = places[seed % len(places)]
    at = chance.randrange(len(records_of(log, place)))
    tamper(log, place, lambda records: garbled(records, at, chance), rechained=bool(chance.randrange(2)))
    return log


@pytest.mark.parametrize("seed", range(TIMES))
def test_whatever_was_made_of_a_record_it_is_found(county: SignedCounty, seed: int) -> None:
    """Ledger, refused or inbox: verification ends, and has a finding at that partition."""
    places = (*DECIDED, *INBOXES)
    topic, partition = places[seed % len(places)]
    log = altered(county, places, seed)
    if records_of(log, (topic, partition)) == records_of(county.county.log, (topic, partition)):
        return  # only the chain was altered, and then made to fit again
    assert f"{topic}/{partition}" in {finding.where for finding in verified(county, log).findings}


@pytest.mark.parametrize("seed", range(TIMES // 2))
def test_whatever_was_made_of_a_witness_verification_ends(county: SignedCounty, seed: int) -> None:
    """A checkpoint in the topic, or a reply that says which one its provider saw: the others still speak."""
    assert verified(county, altered(county, BESIDES, seed)).counts["checkpoints that agree"] > 0


Audit = Callable[[SignedCounty, MemoryLog, Path], object]
AUDITS: dict[str, Audit] = {
    "as of": lambda _, log, folder: asyncio.run(
        Points(reader_of(log), 1, StoredFolds(folder), lambda _: None).standing(Point(None, None))
    ),
    "export": lambda _, log, folder: exported(log, folder / "export"),
    "recompute": lambda county, log, _: recomputed(_told(county, log)),
}


def _told(county: SignedCounty, log: MemoryLog) -> MemoryCounty:
    """The county, but for its log."""
    other = copy.copy(county.county)
    other.log = log
    return other


@pytest.mark.parametrize("audit", AUDITS)
@pytest.mark.parametrize("seed", range(TIMES // 3))
def test_an_audit_of_an_altered_ledger_names_the_record(
    county: SignedCounty, tmp_path: Path, audit: str, seed: int
) -> None:
    """Issue 3, bad input: it ends as it would of another ledger, or says which record is not as the system writes."""
    topic, partition = DECIDED[seed % len(DECIDED)]
    said = said_of(lambda: AUDITS[audit](county, altered(county, DECIDED, seed), tmp_path))
    where, means = f"{topic} partition {partition} offset ", "sis audit verify says what was done"
    assert said is None or (said.startswith(where) and said.endswith(means)), said


def said_of(audit: Callable[[], object]) -> str | None:
    """The words with which an audit ends that cannot go on."""
    try:
        audit()
    except (Altered, ChainBroken) as fault:
        return str(fault)
    return None


def test_a_provider_s_connection_that_cannot_be_read_is_named(county: SignedCounty) -> None:
    """What that provider saw is not heard any more: it is said at which fact, and everything else is verified."""
    log, place = copy_of(county), (HANDOVER_LEDGER, 0)
    connected = (named.TYPE, ProviderConnected.TYPE.encode())
    at = next(n for n, record in enumerate(records_of(log, place)) if connected in record.headers)
    offset = records_of(log, place)[at].offset
    tamper(log, place, lambda all_: [*all_[:at], replace(all_[at], value=b""), *all_[at + 1 :]], rechained=True)

    findings = verified(county, log).findings

    assert (
        Finding(
            f"{HANDOVER_LEDGER}/0",
            offset,
            "it does not say which provider was connected",
            "The fact was altered, and what that provider has seen is not heard",
        )
        in findings
    )
    assert any("are not those of the checkpoint" in finding.what for finding in findings)


def test_a_witness_whose_topic_was_removed_is_named(county: SignedCounty) -> None:
    """The ledger says that a provider was connected, and there are no replies of it."""
    log = copy_of(county)
    log._partitions = {topic: count for topic, count in log._partitions.items() if topic != replies_topic(PROVIDER)}

    (finding,) = verified(county, log).findings

    assert finding.where == f"{replies_topic(PROVIDER)}/0"
    assert "it is not there" in finding.what


def test_the_checkpoints_of_one_partition_that_are_gone_everywhere_are_missed(tmp_path: Path) -> None:
    """Removed from folder and topic: the notary went on to sign others, so it would have signed this one too."""
    made = county_with_a_provider(tmp_path / "county")
    log, ledger = copy_of(made), f"{EPISODES_LEDGER}/0"
    for path in made.checkpoints.glob(f"{EPISODES_LEDGER}-0/*"):
        path.unlink()
    hour = 3_600_000
    tamper(
        log,
        (CHECKPOINTS, 0),
        lambda notes: [replace(note, timestamp=note.timestamp + hour) for note in notes if note.key != ledger.encode()],
        rechained=False,
    )

    (finding,) = verified(made, log).findings

    assert (finding.where, finding.offset) == (ledger, records_of(log, (EPISODES_LEDGER, 0))[0].offset)
    assert finding.what == "no checkpoint of it is held, though the notary has signed others since"


def test_the_newer_checkpoints_of_one_partition_that_are_gone_everywhere_are_missed(county: SignedCounty) -> None:
    """An older one is still held: the finding names the first record that it does not reach."""
    log, place = copy_of(county), (EPISODES_LEDGER, 0)
    held = max(int(Path(file).stem) for file, _ in kept(county.checkpoints) if file.startswith(EPISODES_LEDGER))
    hour = 3_600_000
    log._slots[place].append(log._slots[place][-2])  # one more record, which nobody signed
    tamper(
        log,
        (CHECKPOINTS, 0),
        lambda notes: [replace(note, timestamp=note.timestamp + hour) for note in notes],
        rechained=False,
    )
    newer = [finding for finding in verified(county, log).findings if "no newer checkpoint" in finding.what]
    assert [(one.where, one.offset) for one in newer] == [(f"{EPISODES_LEDGER}/0", records_of(log, place)[held].offset)]
