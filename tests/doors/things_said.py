"""What the ledgers say in the tests of the doors: one fact of every kind that crosses, and records of any fact."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.log.memory import MemoryRecord
from services.log.record import Record
from services.words import allocated, commissioning, recorded, referred
from services.words.recorded import Dossier
from services.words.topics import EPISODES_LEDGER, HANDOVER_LEDGER, replies_topic
from services.words.word import Word
from tests.ledgers import Ledger
from tests.memory_handover import an_id, public_key_of

PERSON = an_id("a person")
EPISODE = an_id("an episode")
HANDOVER = an_id("a handover")
SIS = an_id("a sis episode")
OFFER = an_id("an offer")
LOT = "EAST_KENT"
ON = date(2012, 10, 8)
DOSSIER = Dossier(
    key_id=PERSON, key=b"key", blob=b"\x00blob", source="/kmpt/maidstone-cmht", id=an_id("r"), type="t", subject=PERSON
)
REFERRED: tuple[recorded.RecorderWord, ...] = (
    recorded.HandoverRequested(
        handover_id=HANDOVER,
        episode_id=EPISODE,
        on=ON,
        wanted_on=date(2013, 4, 1),
        district="dover",
        lot=LOT,
        weekly_minutes=120,
        needs=["01", "02"],
        risk="1",
        age_band="35-44",
        cause="LONG_TERM_SUPPORT",
        dossier=DOSSIER,
        policy="2012.1",
    ),
    recorded.DossierChanged(handover_id=HANDOVER, lot=LOT, dossier=DOSSIER),
    recorded.HandoverRequestWithdrawn(handover_id=HANDOVER, lot=LOT, on=ON, why="ENDED"),
    recorded.SisSupportStarted(
        handover_id=HANDOVER,
        sis_episode_id=SIS,
        provider_id="oak",
        contract_id="c-oak",
        lot=LOT,
        weekly_minutes=120,
        on=ON,
        cause="RECONTRACTED",
    ),
    recorded.SisSupportEnded(handover_id=HANDOVER, sis_episode_id=SIS, lot=LOT, on=ON, reason="01"),
    recorded.HandoverOutcomeSetAside(handover_id=HANDOVER, lot=LOT, why="DIED"),
)
"""Each word of the recorder that the referrals door brings to the allocator."""
OUTCOMES: tuple[allocated.AllocatorWord, ...] = (
    allocated.StartConfirmed(
        handover_id=HANDOVER,
        person_id=PERSON,
        episode_id=EPISODE,
        provider_id="oak",
        contract_id="c-oak",
        lot=LOT,
        weekly_minutes=120,
        on=ON,
        cause="LONG_TERM_SUPPORT",
    ),
    allocated.SupportEndReported(handover_id=HANDOVER, person_id=PERSON, lot=LOT, on=ON, reason="01"),
)
"""Each word of the allocator that the outcomes door brings to the recorder."""


def registered(provider_id: str = "oak") -> Word:
    """A provider is registered."""
    return commissioning.ProviderRegistered(
        provider_id=provider_id,
        name="Oak Support",
        dspt_valid_to=date(2020, 12, 31),
        public_key=public_key_of(provider_id),
    )


def connected(provider_id: str = "oak") -> Word:
    """A provider's topics exist."""
    return referred.ProviderConnected(provider_id=provider_id)


def in_episodes(*facts: Word, person: str = PERSON) -> list[Record]:
    """Facts as they stand in the episodes ledger, said of a person."""
    ledger = Ledger(EPISODES_LEDGER)
    return [record for fact in facts for record in ledger.add(fact, person=person)]


def in_handovers(*facts: Word, subject: str = LOT) -> list[Record]:
    """Facts as they stand in the handover ledger."""
    ledger = Ledger(HANDOVER_LEDGER)
    return [record for fact in facts for record in ledger.add(fact, person=subject)]


def in_replies(
    headers: list[tuple[str, Any]], value: bytes | None, *, key: bytes | None = b"any", provider_id: str = "oak"
) -> Record:
    """Whatever a provider wrote on its topic."""
    return MemoryRecord(replies_topic(provider_id), 0, 7, 1_793_600_000_000, key, headers, value)
