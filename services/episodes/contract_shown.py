"""Contracts and providers as a fold of the handover ledger: what is shown of each, and what each fact changes in it.

Knows the words alone, not the rules that admitted them. Must never know which cases take a contract's minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.words import commissioning, referred
from services.words.handover_catalogue import ContractWord, ProviderWord


@dataclass(frozen=True, slots=True)
class ContractShown:
    """A contract; `to_on` is its last day, `declared` each declaration's day and weekly minutes as recorded."""

    contract_id: str
    provider_id: str
    lot: str
    districts: tuple[str, ...]
    tier: int
    weekly_minutes: int
    from_on: date
    to_on: date
    declared: tuple[tuple[date, int], ...] = ()

    def declared_on(self, day: date) -> int:
        """Weekly minutes of a day, never above the contract's (ruling 72).

        The declaration with the latest day not after it counts; of several for that day the later recorded one; without
        any, the contract's own minutes.
        """
        known = [(on, number, minutes) for number, (on, minutes) in enumerate(self.declared) if on <= day]
        return min(self.weekly_minutes, max(known)[2]) if known else self.weekly_minutes


@dataclass(frozen=True, slots=True)
class Uncollected:
    """A message, by its type's name, that a provider without Kafka had not collected 5 days after it was sent."""

    message: str
    since: date
    handover_id: str | None


@dataclass(frozen=True, slots=True)
class ProviderShown:
    """A provider; `dspt_valid_to` is the last day of its security toolkit, `connected` whether its topics exist."""

    provider_id: str
    name: str
    dspt_valid_to: date
    connected: bool = False
    suspended: bool = False
    uncollected: tuple[Uncollected, ...] = ()


def contracted(contract: ContractShown | None, fact: ContractWord) -> ContractShown | None:
    """The contract after one fact that tells of it; one of a contract that is not known changes nothing."""
    match fact:
        case commissioning.ContractActivated():
            return ContractShown(
                contract_id=fact.contract_id,
                provider_id=fact.provider_id,
                lot=fact.lot,
                districts=tuple(fact.districts),
                tier=fact.tier,
                weekly_minutes=fact.weekly_minutes,
                from_on=fact.from_on,
                to_on=fact.to_on,
            )
        case commissioning.ContractEnded():
            return contract and replace(contract, to_on=fact.on)
        case commissioning.CapacityDeclared():
            return contract and replace(contract, declared=(*contract.declared, (fact.on, fact.weekly_minutes)))
        case _:
            assert_never(fact)


def provider_told(
    provider: ProviderShown | None, fact: ProviderWord | referred.ProviderConnected | referred.MessageNotCollected
) -> ProviderShown | None:
    """The provider after one fact that tells of it; one of a provider that is not known changes nothing."""
    if isinstance(fact, commissioning.ProviderRegistered):
        known = provider or ProviderShown(fact.provider_id, fact.name, fact.dspt_valid_to)
        return replace(known, name=fact.name, dspt_valid_to=fact.dspt_valid_to)
    if provider is None:
        return None
    match fact:
        case commissioning.ProviderSuspended() | commissioning.ProviderResumed():
            return replace(provider, suspended=isinstance(fact, commissioning.ProviderSuspended))
        case referred.ProviderConnected():
            return replace(provider, connected=True)
        case referred.MessageNotCollected():
            left = Uncollected(fact.message, fact.since, fact.handover_id)
            return replace(provider, uncollected=(*provider.uncollected, left))
        case commissioning.ProviderKeyChanged():
            return provider
        case _:
            assert_never(fact)
