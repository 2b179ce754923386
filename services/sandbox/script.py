"""What all others would say to the allocator: the commissioner and the recorder, of people who do not exist.

Knows words. Must never know how they are carried, nor what the allocator makes of them.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from services.handover.handover import Handover
from services.handover.ids import handover_id_of
from services.words import commissioning, referred
from services.words.recorded import Dossier

LOT, DISTRICT = "EAST_KENT", "ashford"
_A_YEAR = timedelta(days=365)


def registration(provider_id: str, public_key: str, dspt_valid_to: date) -> commissioning.ProviderRegistered:
    """The commissioner registers a provider, with this last day of its security toolkit."""
    return commissioning.ProviderRegistered(
        provider_id=provider_id, name=provider_id, dspt_valid_to=dspt_valid_to, public_key=public_key
    )


def contract(provider_id: str, today: date) -> commissioning.ContractActivated:
    """A contract that began a while ago and has room for every trial."""
    return commissioning.ContractActivated(
        contract_id=contract_id_of(provider_id),
        provider_id=provider_id,
        lot=LOT,
        districts=[DISTRICT],
        tier=1,
        weekly_minutes=10_000,
        pence_per_hour=1650,
        from_on=today - timedelta(days=60),
        to_on=today + _A_YEAR,
    )


def contract_over(provider_id: str, today: date) -> commissioning.ContractEnded:
    """Its contract ended yesterday."""
    return commissioning.ContractEnded(contract_id=contract_id_of(provider_id), on=today - timedelta(days=1))


def contract_id_of(provider_id: str) -> str:
    """The id of a provider's one contract."""
    return f"c-{provider_id}"


def request(dossier: Dossier, on: date, wanted_on: date) -> referred.HandoverRequested:
    """The person of this dossier needs long-term support."""
    episode_id = str(uuid4())
    return referred.HandoverRequested(
        handover_id=handover_id_of(episode_id),
        person_id=dossier.subject,
        episode_id=episode_id,
        on=on,
        wanted_on=wanted_on,
        district=DISTRICT,
        lot=LOT,
        weekly_minutes=60,
        needs=["BASIC_SKILLS"],
        risk="LOW",
        age_band="35-44",
        cause="LONG_TERM_SUPPORT",
        dossier=dossier,
        policy="sandbox",
    )


def withdrawal(handover: Handover, on: date) -> referred.HandoverRequestWithdrawn:
    """The recorder withdraws a request."""
    return referred.HandoverRequestWithdrawn(
        handover_id=handover.id, person_id=handover.person_id, lot=LOT, on=on, why="ENDED"
    )


def support_started(handover: Handover) -> referred.SisSupportStarted:
    """The person's ledger says that support has begun."""
    assert handover.offer is not None
    assert handover.started_on is not None
    return referred.SisSupportStarted(
        handover_id=handover.id,
        person_id=handover.person_id,
        episode_id=handover.episode_id,
        sis_episode_id=str(uuid4()),
        provider_id=handover.offer.provider_id,
        contract_id=handover.offer.contract_id,
        lot=LOT,
        weekly_minutes=handover.minutes,
        on=handover.started_on,
        cause=handover.cause,
    )
