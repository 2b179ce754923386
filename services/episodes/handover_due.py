"""What somebody has to see to about handovers today: `sis handover due`.

Knows design §9's list and what makes each of it due. Must never know SQL, nor where today comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from services.episodes.contract_shown import ContractShown, ProviderShown
from services.episodes.handover_case import HandoverCase

SOON = timedelta(days=2)
"""An answer or a start that is due within this is listed."""
STALE = timedelta(days=7)
"""A declaration of capacity older than this is listed."""
TOOLKIT_NOTICE = timedelta(days=28)
"""A security toolkit that ends within this is listed."""
_WAITS_FOR = {
    "NO_CONTRACT": "no contract covers its district",
    "NO_PROVIDER": "no provider that covers its district can be asked",
    "NO_ROOM": "no contract has room",
    "ALL_ASKED": "everybody was asked in vain",
}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to see to; `since` is the day from which it counts, `what` a date or a code; one of the ids is set."""

    since: date
    kind: str
    what: str
    sentence: str
    handover_id: str | None = None
    contract_id: str | None = None
    provider_id: str | None = None

    def row(self) -> dict[str, object]:
        """As it is printed; dates as YYYY-MM-DD."""
        return {**asdict(self), "since": self.since.isoformat()}


def due_on(
    today: date,
    cases: Iterable[HandoverCase],
    contracts: Iterable[ContractShown],
    providers: Iterable[ProviderShown],
) -> list[Due]:
    """All that is due on a day, oldest first; nothing before the first day, which is `date.min`."""
    if today == date.min:
        return []
    found = [due for case in cases for due in _of_case(case, today)]
    found += [due for contract in contracts for due in _of_contract(contract, today)]
    found += [due for provider in providers for due in _of_provider(provider, today)]
    return sorted(found, key=lambda due: (due.since, due.kind, due.handover_id or due.contract_id or due.provider_id))


def _of_case(case: HandoverCase, today: date) -> Iterator[Due]:
    about = case.handover_id
    if case.respond_by is not None and case.respond_by - today <= SOON:
        said = f"{case.provider_id} has until {case.respond_by} to answer"
        yield Due(case.offers[-1].offered_on, "ANSWER_DUE", case.respond_by.isoformat(), said, about)
    if case.takes == "used" and case.started_on is None:
        start_on, accepted_on = case.offers[-1].start_on, case.offers[-1].answered_on
        if start_on is not None and accepted_on is not None and start_on - today <= SOON:
            said = f"{case.provider_id} was to start on {start_on} and has not confirmed it"
            coming = f"{case.provider_id} is to start on {start_on}"
            yield Due(accepted_on, "START_DUE", start_on.isoformat(), said if start_on < today else coming, about)
    if case.state == "WAITING" and case.why is not None:
        said = f"nobody can be asked: {_WAITS_FOR[case.why]}"
        yield Due(case.requested_on, "NO_CANDIDATE", case.why, said, about)
    if case.state == "REQUESTED" and case.cause == "LEGACY_CSS":
        yield Due(case.requested_on, "IN_NO_WAVE", case.lot, f"a legacy case of {case.lot} is in no wave", about)


def _of_contract(contract: ContractShown, today: date) -> Iterator[Due]:
    if not contract.from_on <= today <= contract.to_on:
        return
    last = max((on for on, _ in contract.declared if on <= today), default=None)
    if today - (last or contract.from_on) > STALE:
        said = f"its capacity was last declared for {last}" if last else "its capacity was never declared"
        since = last or contract.from_on
        yield Due(since, "STALE_CAPACITY", since.isoformat(), said, contract_id=contract.contract_id)


def _of_provider(provider: ProviderShown, today: date) -> Iterator[Due]:
    last = provider.dspt_valid_to
    if last - today <= TOOLKIT_NOTICE:
        verb = "ended" if last < today else "ends"
        said = f"its security toolkit {verb} on {last}; without one it is asked nothing"
        yield Due(last - TOOLKIT_NOTICE, "TOOLKIT_ENDS", last.isoformat(), said, provider_id=provider.provider_id)
