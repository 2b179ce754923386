"""Random histories of two lots, three providers and four contracts: what must hold after every input does hold.

The story's auditor reads every prefix of the ledger, and the story checks the book. SIS_HISTORIES says how many.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.handover.handover import OPEN_OFFER, RUNNING, TO_START, Handover, State
from services.handover.messages import PackToSeal
from services.words import allocated, answers, commissioning
from services.words.deciding import Decision
from services.words.messages import Offer
from services.words.referred import HandoverRequestWithdrawn
from services.words.word import Word
from tests.handover.story import EAST, MONDAY, WEST, Story, episode, handover, person

PROVIDERS = ("ash", "elm", "oak")
CONTRACTS = (
    ("c-ash", "ash", EAST, ["ashford", "canterbury"], 1),
    ("c-elm", "elm", EAST, ["ashford"], 1),
    ("c-oak", "oak", EAST, ["ashford", "canterbury"], 2),
    ("d-oak", "oak", EAST, ["ashford", "canterbury"], 3),
    ("w-oak", "oak", WEST, ["maidstone"], 1),
)
CASES = tuple(f"case {number}" for number in range(6))
LEGACY = tuple(f"legacy {number}" for number in range(3))
OLD = tuple(f"old {number}" for number in range(2))
EVERYBODY = (*CASES, *LEGACY, *OLD)
MINUTES = (60, 100, 140)

any_provider = st.sampled_from(PROVIDERS)
any_contract = st.sampled_from(CONTRACTS)
some_days = st.sampled_from((1, 1, 1, 2, 3, 8))
any_wave = st.integers(0, 1)
any_place = st.integers(0, 30)


class Histories(RuleBasedStateMachine):
    """A county's handovers, told in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.disclosed: set[tuple[str, str]] = set()

    @initialize(unregistered=st.booleans())
    def begin(self, unregistered: bool) -> None:
        """Providers, and a first day unless requests are to come before it."""
        if not unregistered:
            self.story.day(MONDAY)
        for provider_id in PROVIDERS:
            self.story.provider(provider_id, "2012-12-01" if provider_id == "elm" else "2020-01-01")
        for contract_id, provider_id, lot, districts, tier in CONTRACTS[:4]:
            self._contract(contract_id, provider_id, lot, districts, tier)

    # The days

    @rule(days=some_days)
    def days_pass(self, days: int) -> None:
        """Some days later."""
        later = self.story.today + timedelta(days=days)
        self._checked(self.story.day(later.isoformat() if self.story.book.today else MONDAY))

    # The commissioner

    @rule(which=any_contract)
    def contract(self, which: Any) -> None:
        """A contract is activated, or activated again, which is refused."""
        self._contract(*which)

    @rule(which=any_contract, minutes=st.sampled_from((0, 100, 200, 300)), ahead=st.integers(-3, 5))
    def declare(self, which: Any, minutes: int, ahead: int) -> None:
        """Capacity is declared, from today or a day before or after."""
        on = (self.story.today + timedelta(days=ahead)).isoformat()
        self._checked(self.story.declared(which[0], minutes, on, which[2]))

    @rule(which=any_contract, ahead=st.integers(-1, 5))
    def end_contract(self, which: Any, ahead: int) -> None:
        """A contract is ended."""
        on = self.story.today + timedelta(days=ahead)
        self._checked(self.story.tell(commissioning.ContractEnded(contract_id=which[0], on=on), which[2]))

    @rule(provider_id=any_provider, what=st.sampled_from(("suspend", "resume", "resume", "reissue")))
    def provider(self, provider_id: str, what: str) -> None:
        """A provider is suspended or resumed, or its packs are sent again."""
        key = self.story.book.providers[provider_id].public_key
        words: dict[str, Word] = {
            "suspend": commissioning.ProviderSuspended(provider_id=provider_id),
            "resume": commissioning.ProviderResumed(provider_id=provider_id),
            "reissue": commissioning.ProviderKeyChanged(provider_id=provider_id, public_key=key, reissue=True),
        }
        self._checked(self.story.tell(words[what], provider_id))

    @rule(number=any_wave, freeze=st.integers(1, 6), more=st.integers(0, 4))
    def plan_wave(self, number: int, freeze: int, more: int) -> None:
        """A wave is planned."""
        freeze_on = self.story.today + timedelta(days=freeze)
        start_on = freeze_on + timedelta(days=more)
        word = commissioning.WavePlanned(wave_id=f"w{number}", lot=EAST, freeze_on=freeze_on, start_on=start_on)
        self._checked(self.story.tell(word, EAST))

    @rule(number=any_wave, case=st.sampled_from(LEGACY), again=st.booleans())
    def put_into_wave(self, number: int, case: str, again: bool) -> None:
        """A case, found just now if it is new, is added to a wave."""
        if self._known(case) is None or again:
            self._checked(self.story.request(case, 60, cause="LEGACY_CSS"))
        word = commissioning.CaseAddedToWave(wave_id=f"w{number}", handover_id=handover(case))
        self._checked(self.story.tell(word, EAST))

    @rule(place=any_place)
    def defer(self, place: int) -> None:
        """A case is deferred."""
        known = self._one_in(place, {State.IN_WAVE, State.WAITING, State.OFFERED})
        if known is not None and known.wave_id is not None:
            word = commissioning.CaseDeferred(wave_id=known.wave_id, handover_id=known.id, reason="not yet")
            self._checked(self.story.tell(word, EAST))

    @rule(number=any_wave)
    def close_wave(self, number: int) -> None:
        """A wave is closed; its counts balance (ruling 70)."""
        decision = self._checked(self.story.tell(commissioning.WaveClosed(wave_id=f"w{number}"), EAST))
        for fact in decision.facts:
            closed = cast(commissioning.WaveClosed, fact.word)
            parts = (closed.started, closed.waiting, closed.deferred, closed.withdrawn, closed.not_possible)
            assert closed.cases == sum(cast(int, part) for part in parts)

    @rule(case=st.sampled_from(OLD), which=any_contract, minutes=st.sampled_from(MINUTES))
    def recontract(self, case: str, which: Any, minutes: int) -> None:
        """Running support is contracted anew."""
        today = self.story.today
        word = commissioning.ExternalCssRecontracted(
            episode_id=episode(case),
            person_id=person(case),
            provider_id=which[1],
            contract_id=which[0],
            since=today,
            weekly_minutes=minutes,
            on=today,
        )
        self._checked(self.story.tell(word, which[2]))

    @rule(place=any_place, which=any_contract)
    def move_support(self, place: int, which: Any) -> None:
        """Running support moves to another contract."""
        if (known := self._one_in(place, RUNNING)) is not None:
            word = commissioning.SupportRecontracted(handover_id=known.id, contract_id=which[0], on=self.story.today)
            self._checked(self.story.tell(word, which[2]))

    @rule(case=st.sampled_from(CASES), minutes=st.sampled_from(MINUTES), far=st.booleans())
    def request(self, case: str, minutes: int, far: bool) -> None:
        """A handover is requested."""
        self._checked(self.story.request(case, minutes, district="canterbury" if far else "ashford"))

    @rule(place=any_place)
    def withdraw(self, place: int) -> None:
        """A request is withdrawn."""
        if (known := self._one_in(place, set(State) - {State.COMPLETED})) is not None:
            word = HandoverRequestWithdrawn(
                handover_id=known.id, person_id=known.person_id, lot=known.lot, on=self.story.today, why="ENDED"
            )
            self._checked(self.story.tell(word, known.lot))

    @rule(place=any_place, taken=st.sampled_from((True, True, False)))
    def recorder_answers(self, place: int, taken: bool) -> None:
        """The recorder takes a confirmed start, or sets it aside."""
        if (known := self._one_in(place, {State.STARTED})) is not None:
            case = self._named(known)
            answer = self.story.support_started if taken else self.story.outcome_set_aside
            self._checked(answer(case, known.lot))

    @rule(place=any_place)
    def recorder_ends(self, place: int) -> None:
        """The recorder says that support has ended."""
        if (known := self._one_in(place, RUNNING)) is not None:
            self._checked(self.story.support_ended(self._named(known), lot=known.lot))

    # The providers

    @rule(place=any_place, ahead=st.integers(0, 6), accepts=st.booleans())
    def answer(self, place: int, ahead: int, accepts: bool) -> None:
        """Whoever is asked answers."""
        known = self._one_in(place, OPEN_OFFER)
        if known is not None and known.offer is not None:
            on = self.story.today + timedelta(days=ahead)
            accept = answers.Accept(offer_id=known.offer.id, start_on=on)
            decline = answers.Decline(offer_id=known.offer.id, reason="OTHER", text="in the provider's words")
            self._checked(self.story.tell(accept if accepts else decline, known.offer.provider_id))

    @rule(place=any_place, what=st.sampled_from(("start", "start", "fail", "visit")), ago=st.integers(0, 1))
    def go_on(self, place: int, what: str, ago: int) -> None:
        """Whoever has accepted starts, or cannot, or books a visit."""
        known = self._one_in(place, TO_START)
        if known is not None and known.offer is not None:
            on = self.story.today - timedelta(days=ago)
            words: dict[str, Word] = {
                "start": answers.ConfirmStart(handover_id=known.id, on=on),
                "fail": answers.ReportStartFailure(handover_id=known.id, reason="OTHER"),
                "visit": answers.BookFirstVisit(handover_id=known.id, on=on),
            }
            self._checked(self.story.tell(words[what], known.offer.provider_id))

    @rule(provider_id=any_provider, place=any_place, what=st.integers(0, 7))
    def anybody_says_anything(self, provider_id: str, place: int, what: int) -> None:
        """A provider says something about a case, whether it is its own or not."""
        if (known := self._one_in(place, set(State))) is not None:
            offer_id, today = self.story.newest_offer(self._named(known)), self.story.today
            words: tuple[Word, ...] = (
                answers.Acknowledge(offer_id=offer_id),
                answers.Accept(offer_id=offer_id, start_on=today + timedelta(days=2)),
                answers.Decline(offer_id=offer_id, reason="OTHER"),
                answers.BookFirstVisit(handover_id=known.id, on=today),
                answers.ConfirmStart(handover_id=known.id, on=today),
                answers.ReportStartFailure(handover_id=known.id, reason="OTHER"),
                answers.ReportChange(handover_id=known.id, change="ADMISSION"),
                answers.EndSupport(handover_id=known.id, on=today, reason="02"),
            )
            self._checked(self.story.tell(words[what], provider_id))

    # What must hold

    @invariant()
    def the_book_is_a_fold_of_its_facts(self) -> None:
        """Folding the ledger again gives the same book."""
        if len(self.story.facts) % 7 == 0:
            assert self.story.told_again() == self.story.book

    def _checked(self, decision: Decision) -> Decision:
        self._capacity_was_not_exceeded(decision)
        self._offers_are_open_and_alone(decision)
        self._packs_go_to_whoever_accepted(decision)
        assert decision.facts or decision.refusals or self.story.last is decision
        return decision

    def _capacity_was_not_exceeded(self, decision: Decision) -> None:
        """Ruling 61: whoever takes minutes leaves the contract within what is declared for the day."""
        for fact in decision.facts:
            taking = (allocated.OfferMade, commissioning.ExternalCssRecontracted, commissioning.SupportRecontracted)
            if isinstance(fact.word, taking):
                contract = self.story.book.contracts[fact.word.contract_id]
                assert contract.taken <= contract.capacity_on(self.story.today)

    def _offers_are_open_and_alone(self, decision: Decision) -> None:
        """H2: an offer that is announced is the one open offer of its handover."""
        offers = [message for message in decision.messages if isinstance(message.word, Offer)]
        assert max(Counter(message.key for message in offers).values(), default=1) == 1
        for message in offers:
            known = self.story.book.handovers[message.key]
            assert known.state in OPEN_OFFER
            assert known.offer is not None
            assert known.offer.provider_id == message.provider_id

    def _packs_go_to_whoever_accepted(self, decision: Decision) -> None:
        """H5: identity leaves only after acceptance, only to that provider."""
        for message in decision.messages:
            if isinstance(message.word, PackToSeal):
                known = self.story.book.handovers[message.key]
                assert known.state in TO_START | RUNNING
                assert known.offer is not None
                assert known.offer.accepted_on is not None
                assert message.provider_id == message.word.provider_id == known.offer.provider_id

    def _contract(self, contract_id: str, provider_id: str, lot: str, districts: list[str], tier: int) -> None:
        terms = {"lot": lot, "districts": districts, "tier": tier, "weekly_minutes": 300}
        self._checked(self.story.contract(contract_id, provider_id, to_on="2013-01-15", **terms))

    def _one_in(self, place: int, states: AbstractSet[State]) -> Handover | None:
        """One of the handovers in these states, in the order of their requests."""
        found = sorted((h for h in self.story.book.handovers.values() if h.state in states), key=lambda h: h.order)
        return found[place % len(found)] if found else None

    def _named(self, known: Handover) -> str:
        return next(case for case in EVERYBODY if handover(case) == known.id)

    def _known(self, case: str) -> Handover | None:
        return self.story.book.handovers.get(handover(case))


TestHistories = pytest.mark.timeout(0)(Histories.TestCase)  # as long as the histories asked for take
TestHistories.settings = settings(
    max_examples=int(os.environ.get("SIS_HISTORIES", "40")), stateful_step_count=60, deadline=None
)
