"""Providers are witnesses: their replies say which checkpoints they saw, on topics that nobody else may write."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.log.memory import all_seen
from services.log.memory_clients import InMemory
from services.log.record import Draft
from services.provider.post import posted
from services.provider.witnessing import seen_checkpoints
from services.words.envelope import CHECKPOINTS_SEEN
from services.words.replies import Acknowledge
from services.words.topics import CHECKPOINTS, EPISODES_LEDGER, replies_topic
from tests.audit.signed_county import SignedCounty
from tests.audit.test_verify import copy_of, verified
from tests.memory_county import feed_of
from tests.memory_handover import MemoryAllocator, an_id, public_key_of

PROVIDER = "weald-bridge"


def county_with_a_provider(folder: Path) -> SignedCounty:
    """A county in which one provider is connected, signed half way through its feed."""
    county = SignedCounty(folder)
    allocator = MemoryAllocator(county.county)
    allocator.start()
    allocator.connect(PROVIDER)
    allocator.say("kmpt.calendar.v1.DayBegan", "", {"date": "2012-10-01"})
    allocator.say(
        "ProviderRegistered",
        PROVIDER,
        {
            "provider_id": PROVIDER,
            "name": "Weald Bridge",
            "public_key": public_key_of(PROVIDER),
            "dspt_valid_to": "2013-06-30",
        },
    )
    allocator.say("ProviderConnected", PROVIDER, {"provider_id": PROVIDER})
    county.county.tell(*feed_of("maidstone-2012.ndjson")[:200])
    county.sign()
    return county


def reply(county: SignedCounty, seen: bytes) -> Draft:
    """A reply of the provider with what it has seen."""
    return posted(
        Acknowledge(offer_id=an_id("offer")),
        provider_id=PROVIDER,
        handover_id=an_id("handover"),
        id=an_id(f"reply {seen!r}"),
        time="2012-10-01T09:00:00+01:00",
        public=county.county.public,
        seen=seen,
    )


def test_a_ledger_rolled_back_behind_what_a_provider_saw_is_caught(tmp_path: Path) -> None:
    """Ledgers, topic and folder of checkpoints are all put back to an older day; the provider's reply stays."""
    county = county_with_a_provider(tmp_path)
    older, kept_then = copy_of(county), sorted(county.checkpoints.glob("*/*"))
    county.county.tell(*feed_of("maidstone-2012.ndjson")[200:400])
    county.sign()
    seen = asyncio.run(seen_checkpoints(InMemory(county.county.log)))
    for path in set(county.checkpoints.glob("*/*")) - set(kept_then):
        path.unlink()
    assert verified(county, older).findings == []  # all that the trust holds fits together
    older.append(reply(county, seen))
    findings = verified(county, older).findings
    assert (f"{EPISODES_LEDGER}/0", True) in {
        (one.where, f"provider {PROVIDER} holds a checkpoint of" in one.what) for one in findings
    }


def test_what_a_provider_saw_of_an_untouched_ledger_agrees(tmp_path: Path) -> None:
    """A witness of the truth causes no finding."""
    county = county_with_a_provider(tmp_path)
    before = verified(county, county.county.log).counts["checkpoints that agree"]
    seen = asyncio.run(seen_checkpoints(InMemory(county.county.log)))
    county.county.log.append(reply(county, seen))
    report = verified(county, county.county.log)
    assert report.findings == []
    assert report.counts["checkpoints that agree"] == before + len(seen.splitlines())


def test_a_provider_sees_the_newest_checkpoint_of_each_partition(tmp_path: Path) -> None:
    """Origin, size and the first 8 bytes of the root; what is no checkpoint is passed over."""
    county = county_with_a_provider(tmp_path)
    county.county.log.append(Draft(CHECKPOINTS, 0, b"", (), b"nonsense"))
    seen = asyncio.run(seen_checkpoints(InMemory(county.county.log))).decode().splitlines()
    notes = [(one.value or b"").decode().split("\n") for one in all_seen(county.county.log, CHECKPOINTS, 0)]
    assert [line.rsplit(" ", 1)[0] for line in seen] == [f"{note[0]} {note[1]}" for note in notes if len(note) > 3]


def test_a_witness_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The provider's program is at fault, and the finding says at which reply."""
    county = county_with_a_provider(tmp_path)
    draft = reply(county, b"what it likes")
    assert (CHECKPOINTS_SEEN, b"what it likes") in draft.headers
    offset = county.county.log.append(draft)
    (finding,) = verified(county, county.county.log).findings
    assert (finding.where, finding.offset) == (f"{replies_topic(PROVIDER)}/0", offset)
