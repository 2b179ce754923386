"""The providers that do not exist, their contracts by lot, and the waves of staged transfer.

Knows the calendar of the new contracts and the ids of a county's. Must never tell anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from services.county.places import Area
from services.county.policy import policy_on
from services.simulator.seeded import County

CONTRACTS_FROM = policy_on(date(2012, 8, 1)).css_closed_from
"""The new contracts begin when in-house long-term support closes (R22, R25)."""
LOTS = (Area.EAST_KENT, Area.WEST_KENT)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that does not exist; its security toolkit is in date for so many days of the contracts."""

    id: str
    name: str
    dspt_days: int


@dataclass(frozen=True, slots=True)
class Contract:
    """A provider's contract for a lot: its place in the order of tiers, and its share of the lot's minutes in percent.

    `without` are districts of the lot that it does not cover.
    """

    provider_id: str
    lot: Area
    tier: int
    share: int
    pence_per_hour: int
    without: tuple[str, ...] = ()
    from_on: date = CONTRACTS_FROM


@dataclass(frozen=True, slots=True)
class Wave:
    """The days of a wave: planned, filled, frozen, started, closed."""

    planned_on: date
    filled_on: date
    freeze_on: date
    start_on: date
    closed_on: date


PROVIDERS = (
    Provider("cobnut-support", "Cobnut Support", 1200),
    Provider("pilgrims-way-living", "Pilgrims Way Living", 1200),
    Provider("ragstone-recovery", "Ragstone Recovery", 1200),
    Provider("saltings-care", "Saltings Care", 210),
    Provider("weald-bridge", "Weald Bridge", 1200),
)
CONTRACTS = (
    Contract("cobnut-support", Area.EAST_KENT, 1, 35, 1650),
    Contract("pilgrims-way-living", Area.EAST_KENT, 1, 30, 1710),
    Contract("ragstone-recovery", Area.EAST_KENT, 2, 20, 1790, without=("thanet",)),
    Contract("saltings-care", Area.EAST_KENT, 2, 15, 1740, without=("ashford",)),
    Contract("cobnut-support", Area.WEST_KENT, 1, 30, 1680),
    Contract("ragstone-recovery", Area.WEST_KENT, 1, 30, 1720),
    Contract("weald-bridge", Area.WEST_KENT, 2, 25, 1810),
    Contract("pilgrims-way-living", Area.WEST_KENT, 3, 15, 1900, without=("sevenoaks",)),
    # Bought when the last wave shows that places are missing.
    Contract("weald-bridge", Area.EAST_KENT, 3, 150, 1880, from_on=date(2013, 6, 3)),
    Contract("cobnut-support", Area.WEST_KENT, 3, 150, 1860, from_on=date(2013, 6, 3)),
    # Bought for those whom the first of them has declined, or not answered for.
    Contract("cobnut-support", Area.EAST_KENT, 3, 30, 1880, from_on=date(2013, 6, 24)),
    Contract("weald-bridge", Area.WEST_KENT, 3, 30, 1860, from_on=date(2013, 6, 24)),
)
WAVES = (
    Wave(date(2012, 10, 8), date(2012, 10, 15), date(2012, 10, 22), date(2012, 11, 5), date(2013, 1, 7)),
    Wave(date(2012, 12, 10), date(2013, 1, 7), date(2013, 1, 14), date(2013, 2, 4), date(2013, 4, 8)),
    Wave(date(2013, 3, 4), date(2013, 4, 2), date(2013, 4, 8), date(2013, 5, 6), date(2013, 7, 8)),
)


def contract_id(county: County, contract: Contract) -> str:
    """The contract's id in this county."""
    later = "" if contract.from_on == CONTRACTS_FROM else f"/{contract.from_on}"
    return county.id(f"contract/{contract.lot}/{contract.provider_id}{later}")


def contract_for(county: County, lot: Area, chance: Random) -> tuple[str, str]:
    """A provider that has supported somebody of the lot before, with its contract's id."""
    contract = chance.choice([contract for contract in CONTRACTS if contract.lot is lot and contract.tier == 1])
    return contract.provider_id, contract_id(county, contract)


def wave_id(county: County, lot: Area, number: int) -> str:
    """The id of a lot's wave in this county."""
    return county.id(f"wave/{lot}/{number}")
