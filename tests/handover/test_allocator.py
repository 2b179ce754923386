"""The allocator on the real engine and vault: from a request to COMPLETED, packs, repeats, restarts and crashes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from services.doors.certificate import certify
from services.handover.ids import offer_id_of
from services.log.memory import all_seen
from services.log.memory_turns import Crash, CrashAt, Step
from services.log.packing import open_pack, pack_aad
from services.log.sealing import DoesNotOpen
from services.words.topics import HANDOVER_LEDGER, offers_topic
from tests.handover.story import EAST_DISTRICTS, episode, handover, person
from tests.memory_handover import MemoryAllocator, an_id, private_key_of, public_key_of

EAST = "EAST_KENT"
DETAILS = {
    "nhs_number": "999 000 0018",
    "family_name": "Harker",
    "given_names": "Mina",
    "birth_date": "1970-02-01",
    "address_lines": ["1 Quay Lane"],
    "postcode": "CT1 1AA",
}


def begin(allocator: MemoryAllocator, *providers: str) -> None:
    """A day, and connected providers with a contract each."""
    allocator.day("2012-10-01")
    for tier, provider_id in enumerate(providers, start=1):
        allocator.connect(provider_id)
        told = {
            "provider_id": provider_id,
            "name": provider_id,
            "dspt_valid_to": "2020-01-01",
            "public_key": public_key_of(provider_id),
        }
        allocator.say("ProviderRegistered", provider_id, told)
        allocator.say("ProviderConnected", provider_id, {"provider_id": provider_id})
        contract = {
            "contract_id": f"c-{provider_id}",
            "provider_id": provider_id,
            "lot": EAST,
            "districts": list(EAST_DISTRICTS),
            "tier": tier,
            "weekly_minutes": 600,
            "pence_per_hour": 1650,
            "from_on": "2012-09-01",
            "to_on": "2015-09-30",
        }
        allocator.say("ContractActivated", EAST, contract)


def dossier_of(allocator: MemoryAllocator, case: str) -> dict[str, Any]:
    """The papers of a person as the recorder's ledger holds them: registered there, sealed under the person's key."""
    allocator.county.start()
    registered = {
        "specversion": "1.0",
        "id": an_id(f"registered {case}"),
        "source": "/kmpt/maidstone-cmht",
        "type": "kmpt.episodes.v1.PersonRegistered",
        "subject": person(case),
        "time": "2012-09-01T09:00:00+01:00",
        "data": {"district": "ashford", "details": DETAILS},
    }
    allocator.county.tell(registered)
    (kept,) = (fact for fact in allocator.county.ledger() if fact.subject == person(case))
    bound_to = {"source": registered["source"], "id": registered["id"], "type": kept.type, "subject": kept.subject}
    return {**kept.data["sealed"], **bound_to}


def request(allocator: MemoryAllocator, case: str, dossier: dict[str, Any] | None = None) -> None:
    """The referrals door brings a request, with the papers of the recorder's ledger unless others are given."""
    asked = {
        "handover_id": handover(case),
        "person_id": person(case),
        "episode_id": episode(case),
        "on": "2012-10-01",
        "wanted_on": "2012-12-01",
        "district": "ashford",
        "lot": EAST,
        "weekly_minutes": 120,
        "needs": ["HOMELESSNESS"],
        "risk": "LOW",
        "age_band": "35-44",
        "cause": "LONG_TERM_SUPPORT",
        "dossier": dossier or dossier_of(allocator, case),
        "policy": "2012.1",
    }
    allocator.say_word("HandoverRequested", EAST, asked)


def types(allocator: MemoryAllocator) -> list[str]:
    """Names of all facts."""
    return [fact.type.rpartition(".")[2] for fact in allocator.ledger()]


def test_from_a_request_to_completed_and_the_provider_opens_its_pack(allocator: MemoryAllocator) -> None:
    """The whole road on the real engine; the pack opens with the provider's key alone and holds the details."""
    begin(allocator, "oak", "ash")
    request(allocator, "ann")
    offer_id = offer_id_of(handover("ann"), 1)
    before = len(allocator.ledger())

    allocator.say("Acknowledge", "oak", {"offer_id": offer_id})
    allocator.say("Accept", "oak", {"offer_id": offer_id, "start_on": "2012-10-02"})
    allocator.day("2012-10-02")
    allocator.say("ConfirmStart", "oak", {"handover_id": handover("ann"), "on": "2012-10-02"})
    started = {
        "handover_id": handover("ann"),
        "person_id": person("ann"),
        "episode_id": episode("ann"),
        "sis_episode_id": an_id("sis ann"),
        "provider_id": "oak",
        "contract_id": "c-oak",
        "lot": EAST,
        "weekly_minutes": 120,
        "on": "2012-10-02",
        "cause": "LONG_TERM_SUPPORT",
    }
    allocator.say("SisSupportStarted", EAST, started)

    assert types(allocator)[before:] == [
        *("Acknowledge", "OfferAcknowledged"),
        *("Accept", "OfferAccepted", "PackReleased"),
        "DayBegan",
        *("ConfirmStart", "StartConfirmed"),
        *("SisSupportStarted", "HandoverCompleted"),
    ]
    assert [name for name, _ in allocator.inbox_of("oak")] == ["Offer", "Pack", "HandoverClosed"]
    assert allocator.inbox_of("ash") == []
    assert allocator.refused() == []
    pack = allocator.inbox_of("oak")[1][1]
    aad = pack_aad("kmpt.sis.v1.Pack", offer_id, "oak", 1)
    assert open_pack(pack["key"], pack["blob"], private_key_of("oak"), aad) == DETAILS
    with pytest.raises(DoesNotOpen):
        open_pack(pack["key"], pack["blob"], private_key_of("ash"), aad)


def test_h5_the_ledger_names_the_fields_of_a_pack_and_the_hash_of_its_ciphertext(allocator: MemoryAllocator) -> None:
    """What was disclosed can be proved later: which fields, and exactly which bytes."""
    begin(allocator, "oak")
    request(allocator, "ann")

    allocator.say("Accept", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "start_on": "2012-10-02"})

    released = allocator.ledger()[-1]
    (_, pack) = allocator.inbox_of("oak")[-1]
    assert released.data["fields"] == sorted(DETAILS)
    assert released.data["ciphertext_hash"] == sha256(pack["blob"]).digest()


def test_h4_no_identity_leaves_before_acceptance(allocator: MemoryAllocator) -> None:
    """Neither an offer nor any record of the handover ledger holds a word of who the person is."""
    begin(allocator, "oak")
    request(allocator, "ann")

    everything = repr([allocator.inbox_of("oak"), allocator.raw()])

    assert not any(str(value) in everything for value in DETAILS.values())


def test_facts_bear_key_subject_and_correlation(allocator: MemoryAllocator) -> None:
    """A fact's key is its handover's lot, its correlation the episode; an input's first fact bears its subject."""
    begin(allocator, "oak")
    request(allocator, "ann")
    allocator.say("Acknowledge", "oak", {"offer_id": offer_id_of(handover("ann"), 1)})

    copy, own = allocator.ledger()[-2:]

    assert (copy.key, copy.subject, copy.source) == (EAST, "oak", "/test")
    assert (own.key, own.subject, own.source) == (EAST, EAST, "/kmpt/allocator")
    assert copy.correlation_id == own.correlation_id == episode("ann")


def test_ruling_68_the_same_reply_again_does_nothing(allocator: MemoryAllocator) -> None:
    """A reply that comes twice with the same id and content leaves no trace the second time."""
    begin(allocator, "oak")
    request(allocator, "ann")
    reply = {"offer_id": offer_id_of(handover("ann"), 1)}
    allocator.say("Acknowledge", "oak", reply, an_id("reply"))
    before = allocator.raw()

    allocator.say("Acknowledge", "oak", reply, an_id("reply"))

    assert allocator.raw() == before


def test_ruling_68_a_reply_id_with_other_content_is_set_aside_and_the_sender_hears_of_it(
    allocator: MemoryAllocator,
) -> None:
    """Each reuse of a reply's id is recorded under ids of its own, and survives a restart."""
    begin(allocator, "oak")
    request(allocator, "ann")
    offer_id = offer_id_of(handover("ann"), 1)
    allocator.say("Acknowledge", "oak", {"offer_id": offer_id}, an_id("reply"))

    allocator.say("Decline", "oak", {"offer_id": offer_id, "reason": "OTHER"}, an_id("reply"))
    allocator.start()
    allocator.say("Accept", "oak", {"offer_id": offer_id, "start_on": "2012-10-02"}, an_id("reply"))
    allocator.say("Accept", "oak", {"offer_id": offer_id, "start_on": "2012-10-02"}, an_id("reply"))

    aside = [fact for fact in allocator.ledger() if fact.type.endswith("ReplySetAside")]
    assert [(fact.data["reply"], fact.data["why"]) for fact in aside] == [
        ("Decline", "ID_REUSED"),
        ("Accept", "ID_REUSED"),
    ]
    assert [data["why"] for name, data in allocator.inbox_of("oak") if name == "ReplyNotTaken"] == ["ID_REUSED"] * 2
    assert len({fact.id for fact in allocator.ledger()}) == len(allocator.ledger())
    assert len(set(allocator.message_ids("oak"))) == len(allocator.message_ids("oak"))
    assert allocator.refused() == []


def test_a_provider_cannot_speak_past_its_door(allocator: MemoryAllocator) -> None:
    """A reply that the replies door did not sign is nobody's."""
    begin(allocator, "oak")
    request(allocator, "ann")

    allocator.say_unsigned("Acknowledge", "oak", {"offer_id": offer_id_of(handover("ann"), 1)})

    assert [refused.data["code"] for refused in allocator.refused()] == ["NOT_YOURS"]


def test_a_text_about_a_person_is_kept_under_that_persons_key(allocator: MemoryAllocator) -> None:
    """A provider's words about a person can be opened with the person's key, so that erasing it reaches them."""
    begin(allocator, "oak")
    request(allocator, "ann")
    word = {"offer_id": offer_id_of(handover("ann"), 1), "reason": "OTHER", "text": "she is not at home"}

    allocator.say("Decline", "oak", word)

    (kept,) = (fact for fact in allocator.ledger() if fact.type.endswith(".Decline"))
    assert kept.data["sealed"]["key_id"] == person("ann")
    turn = allocator.county.vault.turn("test", "test")
    assert len(turn.unwrap(person("ann"), kept.data["sealed"]["key"])) == 32


def test_each_pack_is_an_entry_of_its_own_in_the_log_of_openings(allocator: MemoryAllocator) -> None:
    """Every disclosure of identity is logged before it happens (design §6)."""
    begin(allocator, "oak")
    request(allocator, "ann")
    before = allocator.county.vault.verify_openings()

    allocator.say("Accept", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "start_on": "2012-10-02"})

    assert allocator.county.vault.verify_openings() == before + 1


@pytest.mark.parametrize("part", ["key", "blob"])
def test_what_nobody_can_open_does_not_leave_and_stops_nothing(allocator: MemoryAllocator, part: str) -> None:
    """Papers that no key opens any more, as after an erasure, make no pack; the acceptance stands, and that is seen."""
    begin(allocator, "oak")
    request(allocator, "ann", {**dossier_of(allocator, "ann"), part: bytes(40)})

    allocator.say("Accept", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "start_on": "2012-10-02"})

    assert [name for name, _ in allocator.inbox_of("oak")] == ["Offer"]
    released = allocator.ledger()[-1]
    assert (released.data["fields"], released.data["ciphertext_hash"]) == (None, None)
    assert allocator.county.alarms == []


def test_a_restart_and_everything_told_again_change_nothing(allocator: MemoryAllocator) -> None:
    """Rebuilding folds facts and announces nothing; doors that say everything again are not heard twice."""
    begin(allocator, "oak", "ash")
    request(allocator, "ann")
    allocator.say("Decline", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "reason": "OTHER"}, an_id("no"))
    book, before = allocator.book, allocator.raw()

    allocator.start()
    assert allocator.book == book
    allocator.say_all_again()

    assert allocator.raw() == before
    assert len(allocator.inbox_of("ash")) == 1


@pytest.mark.parametrize("step", list(Step))
def test_a_crash_in_the_turn_of_an_acceptance_gives_one_pack(allocator: MemoryAllocator, step: Step) -> None:
    """Wherever the process dies, the ledger is the same and exactly one pack is ever visible (ruling 69)."""
    begin(allocator, "oak")
    request(allocator, "ann")
    allocator.start(CrashAt(1, step, 1 if step is Step.AFTER_DRAFTS else 0))
    with pytest.raises(Crash):
        allocator.say("Accept", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "start_on": "2012-10-02"})

    allocator.start()
    allocator.settle()

    assert [name for name, _ in allocator.inbox_of("oak")] == ["Offer", "Pack"]
    assert types(allocator).count("PackReleased") == 1
    assert allocator.county.alarms == []


def test_ruling_71_a_pack_is_sent_anew_to_a_new_key_on_the_commissioners_word(allocator: MemoryAllocator) -> None:
    """After a provider's key has changed its packs are issued again, under another content key."""
    begin(allocator, "oak")
    request(allocator, "ann")
    offer_id = offer_id_of(handover("ann"), 1)
    allocator.say("Accept", "oak", {"offer_id": offer_id, "start_on": "2012-10-02"})

    allocator.say(
        "ProviderKeyChanged", "oak", {"provider_id": "oak", "public_key": public_key_of("oak new"), "reissue": True}
    )

    (name, pack) = allocator.inbox_of("oak")[-1]
    aad = pack_aad("kmpt.sis.v1.PackReissued", offer_id, "oak", 2)
    assert (name, pack["issue"]) == ("PackReissued", 2)
    assert open_pack(pack["key"], pack["blob"], private_key_of("oak new"), aad) == DETAILS


def test_after_an_erasure_each_provider_with_a_pack_hears_of_it_once(allocator: MemoryAllocator) -> None:
    """Who was only offered the case hears nothing; the notice has no word of the person; told again, nobody hears."""
    begin(allocator, "oak", "ash")
    request(allocator, "ann")
    offer_id = offer_id_of(handover("ann"), 1)
    erased = {"person_id": person("ann"), "lot": EAST, "request_id": an_id("a request")}
    allocator.say("PersonErased", EAST, erased, an_id("an erasure before any pack"))
    assert [name for name, _ in allocator.inbox_of("oak")] == ["Offer"]

    allocator.say("Accept", "oak", {"offer_id": offer_id, "start_on": "2012-10-02"})
    allocator.say("PersonErased", EAST, erased, an_id("an erasure"))
    allocator.say("PersonErased", EAST, erased, an_id("an erasure"))
    allocator.say_all_again()

    assert allocator.inbox_of("oak")[2:] == [("ErasureNotice", {"handover_id": handover("ann")})]
    assert allocator.inbox_of("ash") == []
    assert types(allocator).count("PersonErased") == 2


def test_after_an_erasure_the_trust_opens_no_pack_that_it_sent(allocator: MemoryAllocator) -> None:
    """The certificate tries it in the provider's topic: with the person's key it opens, without it never again."""
    begin(allocator, "oak")
    request(allocator, "ann")
    allocator.say("Accept", "oak", {"offer_id": offer_id_of(handover("ann"), 1), "start_on": "2012-10-02"})
    log, topic = allocator.county.log, offers_topic("oak")
    records = [*all_seen(log, HANDOVER_LEDGER, 0), *all_seen(log, topic, 0)]
    vault = allocator.county.vault

    before = certify(records, person("ann"), vault, "ben")
    vault.erase(person("ann"))
    after = certify(records, person("ann"), vault, "ben")

    assert before.tried == after.tried
    assert (before.tried[topic], before.open_for_ever) == (1, sum(before.tried.values()))
    assert (after.open_for_ever, after.dead) == (0, sum(after.tried.values()))
