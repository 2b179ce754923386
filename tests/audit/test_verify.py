"""Nobody alters, removes or invents a record unnoticed, up to the last checkpoint that anybody holds."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import Checkpoint, signed
from services.audit.checkpoint_folder import kept
from services.audit.findings import Report
from services.audit.gone import TopicGone, topic_gone
from services.audit.verify import Verification
from services.log.errors import UnknownTopic
from services.log.memory import MemoryLog, MemoryRecord
from services.log.memory_clients import MemoryReader
from services.log.ports import Place
from services.log.record import Draft
from services.notary.signing_key import public_key, signing_key
from services.vault.openings import opening_hashes
from services.words.topics import CHECKPOINTS, EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED, HANDOVER_LEDGER
from tests.audit.signed_county import SignedCounty, said_twice, year_of
from tests.audit.tampering import Change, one_byte, records_of, swapped, tamper, without
from tests.memory_county import feed_of

LEDGER, REFUSED, INBOX = (EPISODES_LEDGER, 0), (EPISODES_REFUSED, 0), (EPISODES_INBOX, 0)
AT = 40
CHANGES: dict[str, Change] = {
    "one byte edited": partial(one_byte, at=AT),
    "one record dropped": partial(without, at=AT),
    "two records swapped": partial(swapped, at=AT),
    "the tail cut": lambda records: records[:-5],
    "all but the first replaced by a copy of it": lambda records: records[:1] * len(records),
}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> SignedCounty:
    """The Maidstone feed of 2012, decided and signed; tests change copies of its log."""
    return year_of(tmp_path_factory.mktemp("county"))


def verified(county: SignedCounty, log: MemoryLog) -> Report:
    """What an auditor finds in a log, with the folder and the key of the county."""
    key = public_key(county.folder)
    assert key is not None
    verification = Verification(
        lambda starts: MemoryReader(log, starts),
        county.county.partitions,
        kept(county.checkpoints),
        key,
        openings=lambda: opening_hashes(county.folder)(0),
    )
    return asyncio.run(verification.run())


def copy_of(county: SignedCounty) -> MemoryLog:
    """The county's log, for an insider to change."""
    twin = copy.copy(county.county.log)
    twin._slots = {place: list(slots) for place, slots in county.county.log._slots.items()}
    return twin


def test_of_an_untouched_ledger_nothing_is_said(year: SignedCounty) -> None:
    """Every input has an outcome or is a repeat, every record is proved, nothing is left unproved."""
    report = verified(year, year.county.log)
    assert report.findings == []
    assert report.limits == []
    assert report.counts["checkpoints that agree"] > 0
    assert report.counts["inputs with an outcome"] + report.counts.get("repeats", 0) == len(
        records_of(year.county.log, INBOX)
    )


def test_a_signed_event_that_was_said_twice_is_a_repeat(tmp_path: Path) -> None:
    """Sealed anew, it has other content and so another signature of its team; its name is the same."""
    county = said_twice(tmp_path / "county")

    report = verified(county, county.county.log)

    assert report.findings == []
    assert report.counts["repeats by name, their content sealed"] == 1


@pytest.mark.parametrize("cut", range(20))
def test_twenty_untouched_ledgers_are_found_so(tmp_path: Path, cut: int) -> None:
    """A feed cut anywhere, emitted again from its beginning, in one to four partitions: silence."""
    feed = feed_of("maidstone-2012.ndjson")
    county = SignedCounty(tmp_path, 1 + cut % 4)
    county.county.tell(*feed[: 30 * cut + 10])
    county.sign()
    county.county.tell(*feed[: 30 * cut + 40])
    report = verified(county, county.county.log)
    assert report.findings == []
    county.sign()
    assert verified(county, county.county.log).findings == []


@pytest.mark.parametrize("place", [LEDGER, INBOX], ids=["ledger", "inbox"])
@pytest.mark.parametrize("rechained", [False, True], ids=["", "chain recomputed"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_an_insider_does_to_a_signed_record_is_caught(
    year: SignedCounty, place: tuple[str, int], change: str, rechained: bool
) -> None:
    """Whatever was done, chain recomputed or not, the checkpoints say that it was done, and to which partition."""
    log = copy_of(year)
    tamper(log, place, CHANGES[change], rechained=rechained)
    report = verified(year, log)
    assert any(
        finding.where == f"{place[0]}/{place[1]}" and "checkpoint" in finding.what for finding in report.findings
    )


def test_an_edited_input_is_named(year: SignedCounty) -> None:
    """The hash of the input that each fact carries tells exactly which inbox record was altered."""
    log = copy_of(year)
    offset = records_of(log, INBOX)[AT].offset
    tamper(log, INBOX, CHANGES["one byte edited"], rechained=False)
    named = [one for one in verified(year, log).findings if one.offset is not None]
    assert [(one.where, one.offset) for one in named] == [(f"{EPISODES_INBOX}/0", offset)]


def test_an_edited_fact_is_named_by_the_chain(year: SignedCounty) -> None:
    """The next record's chain no longer fits, so the finding names the record before it."""
    log = copy_of(year)
    offset = records_of(log, LEDGER)[AT].offset
    tamper(log, LEDGER, CHANGES["one byte edited"], rechained=False)
    (named,) = [one for one in verified(year, log).findings if one.offset is not None]
    assert f"at offset {offset}" in named.means


def test_a_removed_fact_is_named_even_if_the_chain_was_recomputed(year: SignedCounty) -> None:
    """Its key's numbers have a gap; and its input is left without an outcome if it had no other."""
    log = copy_of(year)
    tamper(log, LEDGER, CHANGES["one record dropped"], rechained=True)
    findings = verified(year, log).findings
    assert any("were removed before it" in one.means or "nothing followed" in one.what for one in findings)


def test_an_older_copy_of_everything_is_caught_by_who_holds_a_newer_checkpoint(tmp_path: Path) -> None:
    """Ledgers and topic of checkpoints are rolled back together; the write-once folder remembers."""
    feed, county = feed_of("maidstone-2012.ndjson"), SignedCounty(tmp_path)
    county.county.tell(*feed[:300])
    county.sign()
    older = copy_of(county)
    county.county.tell(*feed[300:])
    county.sign()
    whats = [one.what for one in verified(county, older).findings]
    assert any("the folder of checkpoints holds a checkpoint of" in what for what in whats)


@pytest.mark.parametrize(
    ("topic", "what", "means"),
    [
        (EPISODES_REFUSED, "but the folder of checkpoints holds a checkpoint of 49 records", "not held against each"),
        (EPISODES_LEDGER, "but the folder of checkpoints holds a checkpoint of", "not held against each other"),
        (EPISODES_INBOX, "but the folder of checkpoints holds a checkpoint of", "not held against each other"),
        (HANDOVER_LEDGER, "it is not there", "no provider is heard as witness"),
        (CHECKPOINTS, "it is not there", "what it witnessed is not heard"),
    ],
)
def test_a_removed_topic_is_one_finding_and_the_rest_is_verified(
    year: SignedCounty, topic: str, what: str, means: str
) -> None:
    """What was done to another partition is found all the same, and nothing is called wrong for want of the topic."""
    log, untouched = copy_of(year), verified(year, year.county.log)
    log._partitions = {name: count for name, count in log._partitions.items() if name != topic}
    del log._slots[topic, 0]

    (removed,) = verified(year, log).findings

    assert (removed.where, removed.offset) == (f"{topic}/0", None)
    assert what in removed.what
    assert "Everything in it was removed, if it ever was there: look before it is made anew" in removed.means
    assert means in removed.means

    other = INBOX if topic != EPISODES_INBOX else LEDGER
    tamper(log, other, CHANGES["one byte edited"], rechained=True)
    both = verified(year, log)
    assert both.counts.keys() | {f"records of {topic}"} >= {name for name in untouched.counts if "records of" in name}
    assert {f"{topic}/0", f"{other[0]}/0"} <= {one.where for one in both.findings}


def test_what_is_said_of_a_removed_topic_is_said_once_by_another_process_too() -> None:
    """Partitions are read in processes of their own, and an error is sent on from there as it is."""
    gone = topic_gone(UnknownTopic("topic kmpt.handover.refused.v1 is not there: run sis topics apply"))

    sent_on = pickle.loads(pickle.dumps(gone))  # noqa: S301  # what was just written

    assert (type(sent_on), str(sent_on)) == (TopicGone, str(gone))
    assert str(gone).count("Everything in it was removed") == 1
    assert "topics apply" not in str(gone)


def test_a_forged_checkpoint_is_named(year: SignedCounty) -> None:
    """Another key signed it: it is said where it lies, and that it proves nothing."""
    log = copy_of(year)
    forged = signed(Checkpoint(f"{EPISODES_LEDGER}/0", 3, bytes(32)), Ed25519PrivateKey.generate())
    offset = log.append(Draft(CHECKPOINTS, 0, b"", (), forged.encode()))
    (finding,) = verified(year, log).findings
    assert finding.where == f"{CHECKPOINTS}/0 offset {offset}"
    assert "has not signed it" in finding.what


def test_a_checkpoint_that_was_removed_is_named_where_it_is_missing(tmp_path: Path) -> None:
    """Folder and topic hold the same: what only one of them has was removed from the other."""
    feed, county = feed_of("maidstone-2012.ndjson"), SignedCounty(tmp_path)
    for part in (feed[:200], feed[200:300]):
        county.county.tell(*part)
        county.sign()
    log, origin = copy_of(county), f"{EPISODES_LEDGER}/0"
    older, _ = sorted(county.checkpoints.glob(f"{EPISODES_LEDGER}-0/*"))

    def without_older(notes: list[MemoryRecord]) -> list[MemoryRecord]:
        return [one for one in notes if f"{origin}\n{int(older.stem)}\n".encode() not in (one.value or b"")]

    tamper(log, (CHECKPOINTS, 0), without_older, rechained=False)
    (from_topic,) = verified(county, log).findings
    older.unlink()
    (from_folder,) = verified(county, county.county.log).findings

    assert (from_topic.where, from_folder.where) == (origin, origin)
    assert from_topic.what.endswith("is missing in the topic of checkpoints")
    assert from_folder.what.endswith("is missing in the folder of checkpoints")


def test_two_stories_signed_by_the_notary_s_own_key_are_named(year: SignedCounty) -> None:
    """Whoever has stolen the key signs another root of the same size: one of the two is not the truth."""
    log, size = copy_of(year), len(records_of(year.county.log, LEDGER))
    other = signed(Checkpoint(f"{EPISODES_LEDGER}/0", size, bytes(32)), signing_key(year.folder))
    log.append(Draft(CHECKPOINTS, 0, f"{EPISODES_LEDGER}/0".encode(), (), other.encode()))
    findings = verified(year, log).findings
    assert any("two signed checkpoints of its first" in one.what for one in findings)
    assert any("was used to tell two stories" in one.means for one in findings)


def test_what_is_not_signed_yet_is_stated_as_the_limit(tmp_path: Path) -> None:
    """At most a minute's records lie after the last checkpoint: cut with a recomputed chain, they are not missed."""
    feed, county = feed_of("maidstone-2012.ndjson"), SignedCounty(tmp_path)
    county.county.tell(*feed[:300])
    county.sign()
    county.county.tell(*feed[300:310])
    limits = verified(county, county.county.log).limits
    assert any(limit.startswith(f"{EPISODES_LEDGER}/0: the last ") for limit in limits)


def test_without_any_checkpoint_nothing_is_called_proved(tmp_path: Path) -> None:
    """A ledger that nobody signed is a finding, however well its chain fits."""
    county = SignedCounty(tmp_path)
    county.county.tell(*feed_of("maidstone-2012.ndjson")[:50])
    county.notary()  # makes the key
    assert {"no checkpoint of it is held anywhere"} == {
        one.what for one in verified(county, county.county.log).findings
    }


def test_checkpoints_of_another_ledger_do_not_fit(year: SignedCounty, tmp_path: Path) -> None:
    """The notary of another county signed them: each is named, and this ledger has none of its own."""
    other = SignedCounty(tmp_path)
    other.county.tell(*feed_of("maidstone-2012.ndjson")[:50])
    other.sign()
    key = public_key(year.folder)
    assert key is not None
    log = other.county.log
    report = asyncio.run(Verification(lambda starts: MemoryReader(log, starts), 1, kept(other.checkpoints), key).run())
    assert any("has not signed it" in one.what for one in report.findings)
    assert any("no checkpoint of it is held" in one.what for one in report.findings)


def test_a_checkpoint_that_is_signed_while_an_auditor_begins_is_no_finding(tmp_path: Path) -> None:
    """The notary signs just before the topic of checkpoints is read: folder and topic both hold the new one."""
    county, key = year_of(tmp_path / "county"), public_key(tmp_path / "county")
    assert key is not None
    county.county.tell(*feed_of("maidstone-2012.ndjson")[:5])
    signing = Thread(target=county.sign)

    def reader_of(starts: Mapping[Place, int]) -> MemoryReader:
        if (CHECKPOINTS, 0) in starts:
            signing.start()
            signing.join()
        return MemoryReader(county.county.log, starts)

    report = asyncio.run(Verification(reader_of, 1, kept(county.checkpoints), key).run())

    assert not signing.is_alive()
    assert [finding.sentence() for finding in report.findings] == []
