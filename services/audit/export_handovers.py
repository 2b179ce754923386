"""The handover ledger as rows: handovers, offers, contracts, what was taken of them, waves.

Knows the view's own fold, so that an export says what `sis handover` says. Must never pass on a provider's name, nor
any id of a contract or wave as the commissioner typed it.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import cast

from services.audit.export_loading import Rows
from services.audit.export_record import Told
from services.audit.pseudonyms import Naming
from services.episodes.contract_shown import ContractShown, ProviderShown
from services.episodes.handover_case import HandoverCase
from services.episodes.handover_shown import Shown, evolve, told_of
from services.episodes.handover_shown import Told as About
from services.episodes.wave_shown import COUNTED, WaveShown
from services.words import allocated, commissioning, referred
from services.words.calendar import DayBegan
from services.words.handover_catalogue import HandoverFact, RecontractWord


class HandoversExport:
    """Takes the facts of the handover ledger in their order; `end` gives the rows of what they come to."""

    def __init__(self, name: Naming, add: Rows) -> None:
        self._name = name
        self._add = add
        self._shown: dict[About, Shown] = {}
        self._requests: dict[str, referred.HandoverRequested] = {}
        self._offers: dict[str, tuple[allocated.OfferMade, bool]] = {}
        self._prices: dict[str, int] = {}
        self._ended: dict[str, date] = {}
        self._taken: Counter[str] = Counter()
        self.today: date | None = None

    def take(self, told: Told) -> None:
        """Take the next fact."""
        fact = cast("HandoverFact", told.word())
        if isinstance(fact, DayBegan):
            self.today = fact.date
        for about in told_of(fact):
            before = self._shown.get(about)
            after = evolve(about[0], before, fact, told.key)
            if after is not None:
                self._shown[about] = after
                self._count(before, after)
        self._beside(fact)
        self._fact(told)

    def end(self) -> None:
        """There are no more facts."""
        for shown in self._shown.values():
            match shown:
                case HandoverCase():
                    self._handover(shown)
                case ContractShown():
                    self._contract(shown)
                case WaveShown():
                    self._wave(shown)
                case ProviderShown():
                    pass

    def _count(self, before: Shown | None, after: Shown) -> None:
        """Keep how many minutes of each contract are reserved or used."""
        for shown, sign in ((before, -1), (after, 1)):
            if isinstance(shown, HandoverCase) and shown.takes and shown.contract_id:
                self._taken[shown.contract_id] += sign * shown.weekly_minutes

    def _beside(self, fact: HandoverFact) -> None:
        match fact:
            case referred.HandoverRequested():
                self._requests[fact.handover_id] = fact
            case allocated.OfferMade():
                provider = self._shown.get(("provider", fact.provider_id))
                suspended = isinstance(provider, ProviderShown) and provider.suspended
                self._offers[fact.offer_id] = fact, suspended
                self._taking(fact.handover_id)
            case commissioning.ExternalCssRecontracted() | commissioning.SupportRecontracted():
                self._taking(_handover_of(fact))
            case commissioning.ContractActivated():
                self._prices[fact.contract_id] = fact.pence_per_hour
            case allocated.SupportEnded():
                self._ended[fact.handover_id] = fact.on
            case _:
                pass

    def _taking(self, handover_id: str) -> None:
        """Minutes were taken: that is when capacity is judged (ruling 61)."""
        case = self._shown.get(("handover", handover_id))
        if not isinstance(case, HandoverCase) or case.contract_id is None:
            return
        contract = self._shown.get(("contract", case.contract_id))
        capacity = contract.declared_on(self.today or date.min) if isinstance(contract, ContractShown) else None
        names = self._name("contract", case.contract_id), case.provider_id, self._name("handover", handover_id)
        self._add("takings", *names, self.today, case.weekly_minutes, self._taken[case.contract_id], capacity)

    def _fact(self, told: Told) -> None:
        name, data = self._name, told.data
        handover_id = data.get("handover_id")
        case = self._shown.get(("handover", handover_id)) if handover_id else None
        person = data.get("person_id") or (case.person_id if isinstance(case, HandoverCase) else None)
        episode = data.get("episode_id") or data.get("sis_episode_id")
        self._add(
            "facts",
            name("fact", told.id),
            "handover",
            told.type,
            name("person", person) if person else None,
            name("episode", episode) if episode else None,
            name("handover", handover_id) if handover_id else None,
            told.source,
            told.sequence,
            told.happened_on,
            told.received_on,
            told.known_on,
            self.today,
        )

    def _handover(self, case: HandoverCase) -> None:
        request, name = self._requests.get(case.handover_id), self._name
        self._add(
            "handovers",
            name("handover", case.handover_id),
            name("person", case.person_id),
            name("episode", case.episode_id),
            case.lot,
            case.district,
            case.cause,
            case.state,
            case.why,
            case.provider_id,
            case.contract_id and name("contract", case.contract_id),
            case.wave_id and name("wave", case.wave_id),
            case.weekly_minutes,
            request and request.age_band,
            request and " ".join(request.needs),
            request and request.risk,
            case.requested_on,
            request and request.wanted_on,
            case.visit_on,
            case.started_on,
            self._ended.get(case.handover_id),
        )
        for offer in case.offers:
            made, suspended = self._offers[offer.offer_id]
            self._add(
                "offers",
                name("offer", offer.offer_id),
                name("handover", case.handover_id),
                made.ordinal,
                offer.provider_id,
                name("contract", offer.contract_id),
                made.weekly_minutes,
                offer.offered_on,
                offer.respond_by,
                offer.answer,
                offer.answered_on,
                offer.reason,
                offer.start_on,
                suspended,
            )

    def _contract(self, contract: ContractShown) -> None:
        self._add(
            "contracts",
            self._name("contract", contract.contract_id),
            contract.provider_id,
            contract.lot,
            " ".join(sorted(contract.districts)),
            contract.tier,
            contract.weekly_minutes,
            self._prices[contract.contract_id],
            contract.from_on,
            contract.to_on,
        )

    def _wave(self, wave: WaveShown) -> None:
        counts = [wave.counts[name] if wave.counts else None for name in COUNTED]
        days = wave.lot, wave.freeze_on, wave.start_on, wave.state
        self._add("waves", self._name("wave", wave.wave_id), *days, len(wave.cases), *counts)


def _handover_of(fact: RecontractWord) -> str:
    """The handover that a re-contracting tells of."""
    return next(name for kind, name in told_of(fact) if kind == "handover")
