"""A provider changes its key while a case is on its way to it: each pack is for the key that stands when it is made."""

from __future__ import annotations

from typing import Any

import pytest

from services.handover.ids import offer_id_of
from services.log.memory_turns import Crash, CrashAt, Step
from services.log.packing import open_pack, pack_aad
from services.log.sealing import DoesNotOpen
from tests.handover.story import handover
from tests.handover.test_allocator import DETAILS, begin, request
from tests.memory_handover import MemoryAllocator, an_id, private_key_of, public_key_of

FIRST, SECOND, THIRD = "oak", "oak second", "oak third"
"""Names of the provider's keys, in the order in which it has them; the first is the one it was registered with."""
OFFER = offer_id_of(handover("ann"), 1)
ACCEPTS = {"offer_id": OFFER, "start_on": "2012-10-02"}


def asked(allocator: MemoryAllocator) -> None:
    """A provider is asked for Ann's case."""
    begin(allocator, "oak")
    request(allocator, "ann")


def accepted(allocator: MemoryAllocator) -> None:
    """It has accepted, and has the pack."""
    asked(allocator)
    allocator.say("Accept", "oak", ACCEPTS)


def change(key: str, *, reissue: bool) -> dict[str, Any]:
    """What the commissioner says of the provider's key."""
    return {"provider_id": "oak", "public_key": public_key_of(key), "reissue": reissue}


def packs(allocator: MemoryAllocator) -> list[tuple[str, int, list[str]]]:
    """Every pack that was sent: its kind, its issue, and which of the keys open it."""
    sent = [(name, data) for name, data in allocator.inbox_of("oak") if name.startswith("Pack")]
    return [(name, data["issue"], opening(name, data)) for name, data in sent]


def opening(name: str, pack: dict[str, Any]) -> list[str]:
    """The keys that open a pack; whatever opens it holds the person's details."""
    return [key for key in (FIRST, SECOND, THIRD) if opens(key, name, pack)]


def opens(key: str, name: str, pack: dict[str, Any]) -> bool:
    """Whether a key opens a pack."""
    aad = pack_aad(f"kmpt.sis.v1.{name}", pack["offer_id"], "oak", pack["issue"])
    try:
        return open_pack(pack["key"], pack["blob"], private_key_of(key), aad) == DETAILS
    except DoesNotOpen:
        return False


# Between offer and acceptance


@pytest.mark.parametrize("reissue", [False, True])
def test_a_key_changed_after_the_offer_is_the_one_that_opens_the_pack(
    allocator: MemoryAllocator, reissue: bool
) -> None:
    """The offer was made under the old key; the pack is sealed at acceptance, so only the new one opens it."""
    asked(allocator)

    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=reissue))
    assert packs(allocator) == []
    allocator.say("Accept", "oak", ACCEPTS)

    assert packs(allocator) == [("Pack", 1, [SECOND])]


def test_of_two_changes_before_the_acceptance_the_later_counts(allocator: MemoryAllocator) -> None:
    """A provider that changed its key twice opens the pack with its newest; one that changed back, with the old."""
    asked(allocator)

    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=False))
    allocator.say("ProviderKeyChanged", "oak", change(FIRST, reissue=False))
    allocator.say("Accept", "oak", ACCEPTS)

    assert packs(allocator) == [("Pack", 1, [FIRST])]


@pytest.mark.parametrize(("change_first", "opened_by"), [(True, SECOND), (False, FIRST)])
def test_change_and_acceptance_that_wait_together_count_in_the_order_of_the_inbox(
    allocator: MemoryAllocator, change_first: bool, opened_by: str
) -> None:
    """Both are decided in one turn; what stands in the inbox before the acceptance holds for its pack, no more."""
    asked(allocator)
    changed = allocator.event("ProviderKeyChanged", "oak", change(SECOND, reissue=False))
    accepts = allocator.event("Accept", "oak", ACCEPTS)

    allocator.emit([changed, accepts] if change_first else [accepts, changed])
    allocator.settle()

    assert packs(allocator) == [("Pack", 1, [opened_by])]


def test_a_restart_between_change_and_acceptance_forgets_no_key(allocator: MemoryAllocator) -> None:
    """Rebuilt from the ledger alone, the allocator seals to the key that stands, and sends nothing by rebuilding."""
    asked(allocator)
    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=False))

    allocator.start()
    assert packs(allocator) == []
    allocator.say("Accept", "oak", ACCEPTS)

    assert packs(allocator) == [("Pack", 1, [SECOND])]


def test_ruling_96_a_refused_change_leaves_the_key_that_stands(allocator: MemoryAllocator) -> None:
    """A change to a key that protects nothing is refused, and the pack is sealed to the one before."""
    asked(allocator)

    allocator.say("ProviderKeyChanged", "oak", {**change(SECOND, reissue=True), "public_key": "AAAA"})
    allocator.say("Accept", "oak", ACCEPTS)

    assert [refusal.data["code"] for refusal in allocator.refused()] == ["INVALID_DATA"]
    assert packs(allocator) == [("Pack", 1, [FIRST])]


# Between acceptance and a later reissue


def test_ruling_71_a_change_without_the_commissioners_word_sends_no_pack_again(allocator: MemoryAllocator) -> None:
    """The provider keeps its old key for the packs it has; whoever it accepts next is sealed to the new one."""
    accepted(allocator)

    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=False))

    assert packs(allocator) == [("Pack", 1, [FIRST])]


def test_ruling_71_a_later_reissue_is_sealed_to_the_key_that_stands_by_then(allocator: MemoryAllocator) -> None:
    """Changed once without a reissue and once with: the key between the two opens nothing."""
    accepted(allocator)
    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=False))

    allocator.say("ProviderKeyChanged", "oak", change(THIRD, reissue=True))

    assert packs(allocator) == [("Pack", 1, [FIRST]), ("PackReissued", 2, [THIRD])]


def test_ruling_71_every_reissue_is_sealed_to_its_own_key(allocator: MemoryAllocator) -> None:
    """Issued twice more, each issue opens with the key of its time alone: an old key opens no later pack."""
    accepted(allocator)

    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=True))
    allocator.say("ProviderKeyChanged", "oak", change(THIRD, reissue=True))

    assert packs(allocator) == [("Pack", 1, [FIRST]), ("PackReissued", 2, [SECOND]), ("PackReissued", 3, [THIRD])]


def test_ruling_71_the_same_word_again_sends_no_pack_again(allocator: MemoryAllocator) -> None:
    """An emitter that does not know what arrived says it twice: one reissue."""
    accepted(allocator)
    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=True), an_id("a new key"))

    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=True), an_id("a new key"))
    allocator.start()
    allocator.say_all_again()

    assert packs(allocator) == [("Pack", 1, [FIRST]), ("PackReissued", 2, [SECOND])]


@pytest.mark.parametrize("step", list(Step))
def test_a_crash_in_the_turn_of_a_reissue_gives_one_pack_for_the_new_key(
    allocator: MemoryAllocator, step: Step
) -> None:
    """Wherever the process dies, the provider sees one reissue, and its new key opens it."""
    accepted(allocator)
    allocator.start(CrashAt(1, step, 1 if step is Step.AFTER_DRAFTS else 0))
    with pytest.raises(Crash):
        allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=True))

    allocator.start()
    allocator.settle()

    assert packs(allocator) == [("Pack", 1, [FIRST]), ("PackReissued", 2, [SECOND])]


def test_a_provider_that_lost_the_case_is_sent_no_pack_again(allocator: MemoryAllocator) -> None:
    """After its start has failed it is nobody who may learn again who the person is, whatever its key."""
    accepted(allocator)
    allocator.say("ReportStartFailure", "oak", {"handover_id": handover("ann"), "reason": "FAILED_CONTACT"})

    allocator.say("ProviderKeyChanged", "oak", change(SECOND, reissue=True))

    assert packs(allocator) == [("Pack", 1, [FIRST])]
