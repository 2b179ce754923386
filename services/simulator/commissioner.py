"""What the commissioner tells that is not about one person: providers, contracts, declared capacity, waves.

Knows in which order it is told. There is less room than is asked for, so that some cases wait.
Must never know who was placed where.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from services.county.places import DISTRICTS
from services.simulator.contracts import (
    CONTRACTS,
    CONTRACTS_FROM,
    LOTS,
    PROVIDERS,
    WAVES,
    Contract,
    contract_id,
    wave_id,
)
from services.simulator.provider_keys import public_key
from services.simulator.seeded import County
from services.simulator.told import Event, Told, envelope, moment_of

_ONE_DAY = timedelta(days=1)
# Percent of the contract's minutes that a provider declares, from so many days after the contracts begin.
_DECLARED = ((-2, 60), (75, 80), (180, 70), (240, 100))
_LOT_MINUTES_A_PERSON = 4
_LEAST_MINUTES, _MOST_MINUTES = 240, 10_080


def commissioned(county: County) -> list[Told]:
    """All that the commissioner tells that is not about one person.

    What fell before the county's first day is told on it; waves whose freeze lay before it are not planned any more.
    """
    told = [*_registrations(county), *_activations(county), *_declarations(county), *_waves(county)]
    return [fact for fact in told if fact.day <= county.last]


def _registrations(county: County) -> Iterator[Told]:
    for provider in PROVIDERS:
        data = {
            "provider_id": provider.id,
            "name": provider.name,
            "dspt_valid_to": (CONTRACTS_FROM + provider.dspt_days * _ONE_DAY).isoformat(),
            "public_key": public_key(county.seed, provider.id),
        }
        yield _says(county, "ProviderRegistered", provider.id, data, CONTRACTS_FROM - 40 * _ONE_DAY, 540)


def _activations(county: County) -> Iterator[Told]:
    for contract in CONTRACTS:
        covered = (name for name, place in DISTRICTS.items() if place.area is contract.lot)
        data = {
            "contract_id": contract_id(county, contract),
            "provider_id": contract.provider_id,
            "lot": contract.lot.value,
            "districts": sorted(name for name in covered if name not in contract.without),
            "tier": contract.tier,
            "weekly_minutes": _minutes(county, contract),
            "pence_per_hour": contract.pence_per_hour,
            "from_on": contract.from_on.isoformat(),
            "to_on": (CONTRACTS_FROM.replace(year=CONTRACTS_FROM.year + 3) - _ONE_DAY).isoformat(),
        }
        yield _says(county, "ContractActivated", contract.lot, data, contract.from_on - 20 * _ONE_DAY, 600)


def _declarations(county: County) -> Iterator[Told]:
    for contract in (one for one in CONTRACTS if one.from_on == CONTRACTS_FROM):
        for days, percent in _DECLARED:
            on = CONTRACTS_FROM + days * _ONE_DAY
            minutes = _minutes(county, contract) * percent // 100
            data = {"contract_id": contract_id(county, contract), "weekly_minutes": minutes, "on": on.isoformat()}
            yield _says(county, "CapacityDeclared", contract.lot, data, on, 660)


def _waves(county: County) -> Iterator[Told]:
    for lot in LOTS:
        for number, wave in enumerate(WAVES):
            if wave.freeze_on <= county.first:
                continue
            named = {"wave_id": wave_id(county, lot, number)}
            days = {"freeze_on": wave.freeze_on.isoformat(), "start_on": wave.start_on.isoformat()}
            yield _says(county, "WavePlanned", lot, {**named, "lot": lot.value, **days}, wave.planned_on, 720)
            yield _says(county, "WaveClosed", lot, named, wave.closed_on, 720)


def _minutes(county: County, contract: Contract) -> int:
    wanted = county.people * _LOT_MINUTES_A_PERSON * contract.share // 100
    return min(max(wanted, _LEAST_MINUTES), _MOST_MINUTES)


def _says(county: County, name: str, subject: str, data: Event, on: date, minute: int) -> Told:
    day = max(on, county.first)
    event_id = county.id(f"commissioner/{name}/{subject}/{sorted(data.items())}")
    moment = moment_of(day, minute).isoformat()
    return Told(
        day,
        minute,
        None,
        envelope(event_id, "/kcc/commissioning", f"kmpt.handover.v1.{name}", str(subject), moment, data),
    )
