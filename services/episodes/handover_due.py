"""What is due to be followed up in the handover: rows for `sis handover due`, oldest first.

Knows cases, contracts and providers as they are shown, and today. Must never know where they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.episodes.contract_shown import ContractShown, ProviderShown
from services.episodes.handover_case import HandoverCase
from services.episodes.handover_row import Row
from services.words.sentences import day_in_words

STALE_AFTER = timedelta(days=7)
"""So old a declaration of capacity is asked about."""
DSPT_WARNING = timedelta(days=30)
"""So long before its last day a security toolkit is asked about."""
LISTED_FOR = timedelta(days=28)
"""So long something is asked about of which nothing says that it was settled: a message that was not collected, a
strange reply."""

_WAITS_FOR = {
    "NO_CONTRACT": "no contract covers the district today",
    "NO_PROVIDER": "no provider may be asked today",
    "NO_ROOM": "no provider has room",
    "ALL_ASKED": "every provider was asked, and none has raised its capacity since",
}


@dataclass(frozen=True, slots=True)
class StrangeReply:
    """What a provider said on a day, so many times, that somebody should ask about.

    Without a handover it could not be read as a reply (decision 0029); else the provider was never asked about that
    case (ruling 85).
    """

    on: date
    provider_id: str
    handover_id: str | None
    times: int


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to follow up, and since when."""

    since: date
    kind: str
    sentence: str
    handover_id: str | None = None
    contract_id: str | None = None
    provider_id: str | None = None

    def row(self) -> Row:
        """As JSON values."""
        named = {name: getattr(self, name) for name in ("handover_id", "contract_id", "provider_id")}
        return {"since": self.since.isoformat(), "kind": self.kind, **named, "sentence": self.sentence}


def due(
    cases: Iterable[HandoverCase],
    contracts: Mapping[str, ContractShown],
    providers: Mapping[str, ProviderShown],
    strange: Iterable[StrangeReply],
    today: date,
) -> list[Row]:
    """Every row, oldest first; `strange` is what was said since `LISTED_FOR`."""
    found = [entry for case in cases for entry in _of_case(case, contracts, today)]
    active = [one for one in contracts.values() if one.from_on <= today <= one.to_on]
    found += [entry for contract in active for entry in _of_contract(contract, today)]
    contracted = sorted({contract.provider_id for contract in active} & providers.keys())
    found += [entry for name in contracted for entry in _of_provider(providers[name], today)]
    found += [_of_reply(reply) for reply in strange]
    return [entry.row() for entry in sorted(found, key=lambda entry: (entry.since, entry.kind, entry.sentence))]


def _of_case(case: HandoverCase, contracts: Mapping[str, ContractShown], today: date) -> Iterator[Due]:
    """What one handover waits for; one that is over waits for nothing."""
    named = {"handover_id": case.handover_id, "contract_id": case.contract_id, "provider_id": case.provider_id}
    if case.is_over:
        return
    if case.respond_by is not None:
        by = day_in_words(case.respond_by)
        yield Due(case.offers[-1].offered_on, "ANSWER_DUE", f"{case.provider_id} has until {by} to answer.", **named)
    elif case.takes == "used" and not case.is_supported:
        yield from _start(case, named, today)
    elif case.is_supported:
        yield from _replacement(contracts.get(case.contract_id or ""), named, today)
    elif case.state == "WAITING":
        why = _WAITS_FOR.get(case.why or "", case.why)
        yield Due(case.requested_on, "NO_CANDIDATE", f"The case waits: {why}.", case.handover_id)
    elif case.cause == "LEGACY_CSS" and case.wave_id is None:
        yield Due(case.requested_on, "IN_NO_WAVE", "A legacy case that no wave takes along yet.", case.handover_id)


def _start(case: HandoverCase, named: Mapping[str, str | None], today: date) -> Iterator[Due]:
    start_on = case.offers[-1].start_on
    if start_on is not None and start_on < today:
        said = f"{case.provider_id} meant to start on {day_in_words(start_on)} and has not said that it did."
        yield Due(start_on, "START_DUE", said, **named)


def _replacement(contract: ContractShown | None, named: Mapping[str, str | None], today: date) -> Iterator[Due]:
    if contract is not None and contract.to_on < today:
        said = f"Its contract ended on {day_in_words(contract.to_on)}: the support goes on and is to be re-contracted."
        yield Due(contract.to_on, "TO_BE_REPLACED", said, **named)


def _of_contract(contract: ContractShown, today: date) -> Iterator[Due]:
    declared_on = max((on for on, _ in contract.declared if on <= today), default=contract.from_on)
    if declared_on + STALE_AFTER < today:
        said = f"{contract.provider_id} last said on {day_in_words(declared_on)} what it can give."
        yield Due(declared_on, "STALE_CAPACITY", said, None, contract.contract_id, contract.provider_id)


def _of_provider(provider: ProviderShown, today: date) -> Iterator[Due]:
    for left in provider.uncollected:
        if today <= left.since + LISTED_FOR:
            said = f"{provider.name} has not collected the message {left.message} of {day_in_words(left.since)}."
            yield Due(left.since, "NOT_COLLECTED", said, left.handover_id, None, provider.provider_id)
    warned_on = provider.dspt_valid_to - DSPT_WARNING
    if warned_on <= today:
        runs = "ran out" if provider.dspt_valid_to < today else "runs out"
        said = f"The security toolkit of {provider.name} {runs} on {day_in_words(provider.dspt_valid_to)}."
        yield Due(warned_on, "DSPT", said, None, None, provider.provider_id)


def _of_reply(reply: StrangeReply) -> Due:
    who, often = reply.provider_id, "once" if reply.times == 1 else f"{reply.times} times"
    day = day_in_words(reply.on)
    if reply.handover_id is None:
        said = f"{who} sent {often} on {day} what could not be read as a reply; its system is to be mended."
        return Due(reply.on, "UNREADABLE_REPLY", said, None, None, who)
    said = f"{who} answered {often} on {day} about a case or offer that never was its own; look into it."
    return Due(reply.on, "FOREIGN_REPLY", said, reply.handover_id, None, who)
