"""Erasure: two people sign, the key goes, nothing opens, and no copy of the vault brings the person back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.doors.certificate import Certificate, certify
from services.doors.guardian import Signer, Standing, draft_of, erase_again, erased_event, read_all, standings
from services.log.memory_clients import MemoryReader
from services.log.record import Record
from services.vault.key_files import door_key
from services.vault.signing_keys import make_signing_key, signing_key
from services.vault.vault import Vault
from services.words import guarding
from services.words.calendar import DayBegan
from services.words.topics import EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED
from services.words.word import Word
from tests.episodes.conftest import in_memory
from tests.episodes.words_said import NUMBER, PERSON, an_id, corrected, d, referred, registered
from tests.memory_county import MemoryCounty

TODAY = "2012-07-02"
TIME = "2012-07-02T10:00:00+01:00"
REQUEST, HOLD = an_id("a request"), an_id("a hold")
WHY = {"request_id": REQUEST, "purpose": "RETENTION_EXPIRED", "legal_basis": "GDPR_5_1_E"}


class Guarded:
    """A county with one registered person, and the two people who guard records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.county = MemoryCounty(folder)
        self.county.start()
        self.county.tell(_event(DayBegan(date=d(TODAY)), ""), _event(registered(), PERSON))
        self.county.tell(_event(corrected(number="1"), PERSON))  # refused: its content key is kept
        self.ann, self.ben = self._signer("ann"), self._signer("ben")

    def _signer(self, name: str) -> Signer:
        private = self.folder / f"{name}.pem"
        make_signing_key(self.folder, name, private)
        return Signer(name, signing_key(self.folder, name, private))

    def say(self, event: dict[str, Any]) -> str | None:
        """Say an event at the guardian door; the code of its refusal."""
        key = door_key(self.folder, "guardian")
        self.county.log.append(draft_of(event, self.county.partitions, self.county.public, key))
        self.county.settle()
        return next((kept.data["code"] for kept in self.county.refused() if kept.causation_id == event["id"]), None)

    def ask(self, who: Signer, word: type[Word] = guarding.ErasureRequested, **change: str) -> str | None:
        """Somebody asks."""
        return self.say(who.event(word, PERSON, REQUEST, TIME, {**WHY, **change}))

    def approve(self, who: Signer, word: type[Word] = guarding.ErasureApproved, at: str = TIME) -> str | None:
        """Somebody approves."""
        return self.say(who.event(word, PERSON, REQUEST, at, {"request_id": REQUEST}))

    def standing(self) -> Standing:
        """How the records stand, from the ledger."""
        return self.standings().get(PERSON, Standing())

    def standings(self) -> dict[str, Standing]:
        """How everybody's records stand, from the ledger."""
        places = [(EPISODES_LEDGER, number) for number in range(self.county.partitions)]
        return asyncio.run(standings(MemoryReader(self.county.log, dict.fromkeys(places, 0)), places))

    def carry_out(self) -> str | None:
        """Destroy the key and say so."""
        approval = self.standing().approval()
        assert approval is not None
        self.county.vault.erase(PERSON)
        return self.say(erased_event(PERSON, approval))

    def records(self) -> list[Record]:
        """Every record of the episodes flow."""
        topics = (EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED)
        places = [(topic, number) for topic in topics for number in range(self.county.partitions)]
        return asyncio.run(read_all(MemoryReader(self.county.log, dict.fromkeys(places, 0)), places))

    def proof(self, vault: Vault | None = None) -> Certificate:
        """The certificate."""
        return certify(self.records(), PERSON, vault or self.county.vault, "ben")

    def facts(self) -> list[str]:
        """What stands in the ledger of the person."""
        return [kept.type.rpartition(".")[2] for kept in self.county.ledger() if kept.subject == PERSON]


@pytest.fixture
def desk() -> Iterator[Guarded]:
    """A county and its guardians."""
    with in_memory() as folder:
        yield Guarded(folder)


def _event(word: Word, subject: str) -> dict[str, Any]:
    data = word.model_dump(mode="json", exclude_none=True)
    subjects = {"subject": subject} if subject else {}
    about = an_id(f"{word.TYPE}{data}")
    return {"id": about, "source": "/test", "type": word.TYPE, "time": TIME, "data": data, **subjects}


def test_an_erasure_is_asked_for_by_one_and_approved_by_another(desk: Guarded) -> None:
    """Both stand in the ledger, and then that the person was erased."""
    assert (desk.ask(desk.ann), desk.approve(desk.ben), desk.carry_out()) == (None, None, None)
    assert desk.facts() == ["PersonRegistered", "ErasureRequested", "ErasureApproved", "PersonErased"]


def test_nobody_approves_what_they_asked_for(desk: Guarded) -> None:
    """Neither under their own name nor, with the same key, under another."""
    desk.ask(desk.ann)
    assert desk.approve(desk.ann) == "SAME_PERSON"
    assert desk.approve(Signer("another", desk.ann.key)) == "SAME_PERSON"
    assert desk.standing().approval() is None


@pytest.mark.parametrize("field", ["signature", "public_key", "by", "purpose"])
def test_a_forged_request_is_refused(desk: Guarded, field: str) -> None:
    """A signature holds for its key and its content, and for no other."""
    event = desk.ann.event(guarding.ErasureRequested, PERSON, REQUEST, TIME, WHY)
    others = {"signature": "00" * 64, "public_key": "11" * 32, "by": "ben", "purpose": "WRONG_PERSON"}
    event["data"][field] = others[field]
    assert desk.say(event) == "FORGED"


def test_a_signature_is_no_good_for_another_person_of_the_county(desk: Guarded) -> None:
    """What was signed about one person cannot be said of another."""
    other = an_id("somebody else")
    desk.county.tell(_event(registered(number="9990000026"), other))
    event = desk.ann.event(guarding.ErasureRequested, PERSON, REQUEST, TIME, WHY)
    assert desk.say(event | {"subject": other}) == "FORGED"


@pytest.mark.parametrize("change", [{"purpose": "SPRING_CLEANING"}, {"legal_basis": "BECAUSE"}])
def test_a_reason_that_no_list_knows_is_refused(desk: Guarded, change: dict[str, str]) -> None:
    """Purpose and legal basis are codes."""
    assert desk.ask(desk.ann, guarding.ErasureRequested, **change) == "UNKNOWN_CODE"


def test_only_the_guardian_door_says_such_things(desk: Guarded) -> None:
    """A team that emits one is refused."""
    before = len(desk.county.refused())
    desk.county.tell(desk.ann.event(guarding.ErasureRequested, PERSON, REQUEST, TIME, WHY))
    assert [kept.data["code"] for kept in desk.county.refused()[before:]] == ["NOT_YOURS"]


def test_a_legal_hold_stops_an_erasure_until_it_is_lifted(desk: Guarded) -> None:
    """While it lasts an approval is refused; once an erasure is approved it is too late for a hold."""
    hold = {"hold_id": HOLD}
    desk.say(desk.ann.event(guarding.LegalHoldPlaced, PERSON, HOLD, TIME, hold | {"legal_basis": "GDPR_9_2_F"}))
    desk.ask(desk.ann)
    assert desk.approve(desk.ben) == "LEGAL_HOLD"
    desk.say(desk.ann.event(guarding.LegalHoldLifted, PERSON, HOLD, TIME, hold))
    assert desk.approve(desk.ben, at="2012-07-02T11:00:00+01:00") is None
    again = {"hold_id": an_id("late"), "legal_basis": "GDPR_9_2_F"}
    late = desk.ann.event(guarding.LegalHoldPlaced, PERSON, again["hold_id"], TIME, again)
    assert desk.say(late) == "ERASURE_APPROVED"


def test_nothing_is_erased_or_released_that_was_not_approved(desk: Guarded) -> None:
    """A fact of what was done needs the approval of what was asked."""
    desk.ask(desk.ann, guarding.DisclosureRequested, purpose="COURT_ORDER")
    released = {"request_id": REQUEST, "recipient": "COURT"}
    event = desk.ann.event(guarding.ReleasedOutside, PERSON, REQUEST, TIME, released)
    assert desk.say(event) == "NOT_APPROVED"
    assert desk.approve(desk.ben) == "UNKNOWN_REQUEST"  # an erasure was not what was asked for
    assert desk.approve(desk.ben, guarding.DisclosureApproved) is None


def test_a_release_names_no_name(desk: Guarded) -> None:
    """Design §6: the ledger is in clear, so whoever was told is named by a code; a relative's name is refused."""
    desk.ask(desk.ann, guarding.DisclosureRequested, purpose="COURT_ORDER")
    desk.approve(desk.ben, guarding.DisclosureApproved)

    def said_to(recipient: str, at: str) -> str | None:
        released = {"request_id": REQUEST, "recipient": recipient}
        return desk.say(desk.ann.event(guarding.ReleasedOutside, PERSON, REQUEST, at, released))

    assert said_to("Mrs Relf, the mother", TIME) == "UNKNOWN_CODE"
    assert said_to("COURT", "2012-07-02T11:00:00+01:00") is None


def test_what_comes_later_of_an_erased_person_is_refused(desk: Guarded) -> None:
    """Whatever a team still says is PERSON_ERASED."""
    desk.ask(desk.ann), desk.approve(desk.ben), desk.carry_out()
    before = len(desk.county.refused())
    desk.county.tell(_event(referred(TODAY), PERSON), _event(corrected(), PERSON))
    assert [kept.data["code"] for kept in desk.county.refused()[before:]] == ["PERSON_ERASED"] * 2
    assert desk.county.vault.find(NUMBER, "ben", "is the number free") is None


def test_once_the_month_keys_are_gone_nothing_opens(desk: Guarded) -> None:
    """Every sealing of the person is tried: before the erasure all open, after it those in the inbox until a day."""
    assert desk.proof().open_for_ever == 2  # the registration in the ledger, and the key kept of what was refused
    desk.ask(desk.ann), desk.approve(desk.ben), desk.carry_out()
    proof = desk.proof()
    assert (proof.open_for_ever, sum(proof.until.values()), proof.dead) == (0, 2, 1)
    later = Vault(desk.folder, lambda: datetime(2100, 1, 1, tzinfo=UTC))
    later.destroy_month_keys_due()
    gone = desk.proof(later)
    later.close()
    assert (gone.open_for_ever, sum(gone.until.values()), gone.dead) == (0, 0, 3)
    assert gone.lines()[-1] == "Nothing of the trust's opens any more."


def test_an_erasure_leaves_the_ledger_as_it_was(desk: Guarded) -> None:
    """Not a byte changes of what was recorded, and a recorder started again knows what the one before knew."""
    desk.ask(desk.ann), desk.approve(desk.ben)
    before = desk.county.raw()
    desk.county.vault.erase(PERSON)
    assert desk.county.raw() == before
    desk.carry_out()
    states = [engine.memory.state for engine in desk.county.engines]
    desk.county.start()
    assert [engine.memory.state for engine in desk.county.engines] == states


@pytest.mark.parametrize("killed_after", ["asked", "approved", "destroyed", "said"])
def test_killed_after_any_step_an_erasure_is_finished_by_doing_it_again(desk: Guarded, killed_after: str) -> None:
    """Each step again gives the same facts, once each."""
    desk.ask(desk.ann)
    if killed_after != "asked":
        desk.approve(desk.ben)
    if killed_after in ("destroyed", "said"):
        desk.county.vault.erase(PERSON)
    if killed_after == "said":
        desk.carry_out()
    desk.county.vault.close()
    desk.county.vault = Vault(desk.folder)
    desk.county.start()
    if not desk.standing().guard.to_be_erased:
        assert desk.approve(desk.ben) is None
    assert (desk.carry_out(), desk.carry_out()) == (None, None)
    assert desk.facts() == ["PersonRegistered", "ErasureRequested", "ErasureApproved", "PersonErased"]
    assert desk.proof().open_for_ever == 0


def test_a_restored_copy_of_the_vault_brings_nobody_back(desk: Guarded, tmp_path: Path) -> None:
    """At the start the vault is held against the ledger, and who was erased there is erased again."""
    desk.county.vault.close()
    shutil.copytree(desk.folder / "vault", tmp_path / "copy")
    desk.county.vault = Vault(desk.folder)
    desk.county.start()
    desk.ask(desk.ann), desk.approve(desk.ben), desk.carry_out()
    desk.county.vault.close()
    shutil.rmtree(desk.folder / "vault")
    shutil.copytree(tmp_path / "copy", desk.folder / "vault")
    restored = desk.county.vault = Vault(desk.folder)
    assert desk.proof(restored).open_for_ever == 2
    assert (erase_again(restored, desk.standings()), erase_again(restored, desk.standings())) == (1, 0)
    assert desk.proof(restored).open_for_ever == 0
