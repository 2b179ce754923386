"""An auditor of handovers: reads what is recorded and what is announced, and nothing else.

Knows rulings 61, 62, 70, 71, 77, 85, 89, 90 and 95 in words of its own. Must never ask a rule of the allocator, nor its
book for more than a number to compare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import singledispatchmethod
from typing import cast

from services.handover.book import Book
from services.handover.messages import PackToSeal
from services.handover.wave import closing
from services.words import allocated, commissioning, messages, referred
from services.words.answers import AnswerWord
from services.words.calendar import DayBegan
from services.words.deciding import Decision, Message
from services.words.word import Word

WORKING_DAYS = 5
_SATURDAY = 5
_LAST_YEAR = 2014
_BANK_HOLIDAYS = """
2012-04-06 2012-04-09 2012-05-07 2012-06-04 2012-06-05 2012-08-27 2012-12-25 2012-12-26
2013-01-01 2013-03-29 2013-04-01 2013-05-06 2013-05-27 2013-08-26 2013-12-25 2013-12-26
2014-01-01 2014-04-18 2014-04-21 2014-05-05 2014-05-26 2014-08-25 2014-12-25 2014-12-26
"""
BANK_HOLIDAYS = frozenset(map(date.fromisoformat, _BANK_HOLIDAYS.split()))
"""Of England and Wales from April 2012 to 2014, as gov.uk gives them; later offers are not judged by working days."""


class Check(StrEnum):
    """What the auditor looks for."""

    CAPACITY = "nobody is given more minutes than are declared for the day"
    TAKEN = "the minutes taken are those of the offers and support that there are"
    ONE_OFFER = "a handover has at most one open offer"
    OWN_OFFER = "only who was asked answers, and only while asked"
    IN_TIME = "nothing is accepted after its last day"
    DEADLINE = "an answer is due on the fifth working day"
    NOT_AGAIN = "who was asked in vain is not asked again until capacity was raised"
    PACK = "identity goes out after acceptance, to whoever accepted"
    TOLD = "whoever is concerned hears of it"
    TRUST_FIRST = "a handover is completed once the trust's ledger says so"
    WAVE_DAY = "a legacy case is offered in a wave that has begun"
    BALANCE = "a wave's counts add up to its cases at the freeze"


class Broken(AssertionError):
    """What does not hold."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.value)
        self.check = check


@dataclass
class _Contract:
    provider_id: str
    minutes: int
    first: date
    last: date
    declared: list[tuple[date, int]] = field(default_factory=list)
    raised: int = 0

    def capacity(self, day: date) -> int:
        """Minutes of a day."""
        known = [entry for entry in self.declared if entry[0] <= day]
        latest = max((on for on, _ in known), default=None)
        return min(self.minutes, [minutes for on, minutes in known if on == latest][-1]) if known else self.minutes

    def standing(self, day: date | None) -> tuple[bool, int]:
        """Whether it is active, and its minutes."""
        return (day is not None and self.first <= day <= self.last), self.capacity(day) if day else 0


@dataclass
class _Case:
    minutes: int
    legacy: bool = False
    wave_id: str | None = None
    contract_id: str | None = None
    provider_id: str = ""
    offer_id: str = ""
    respond_by: date | None = None
    state: str = "REQUESTED"
    in_vain: dict[str, int] = field(default_factory=dict)
    confirmed_by_trust: bool = False


@dataclass
class _Wave:
    """A wave; `deferred` are those of its cases at the freeze that move with it no more."""

    start_on: date
    cases: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    frozen: bool = False
    closed: bool = False


class Auditor:
    """Reads decision after decision, in the order of the log."""

    def __init__(self) -> None:
        self.today: date | None = None
        self.contracts: dict[str, _Contract] = {}
        self.cases: dict[str, _Case] = {}
        self.connected: set[str] = set()
        self.waves: dict[str, _Wave] = {}
        self._time = 0
        self._speaker = ""

    def read(self, decision: Decision) -> None:
        """One input's facts, then its messages. Raises `Broken` for the first thing that does not hold."""
        due: list[tuple[str, str, str]] = []
        for fact in decision.facts:
            due += self.recorded(fact.word, fact.subject)
        self._nobody_is_left_untold(due, decision.messages)
        for message in decision.messages:
            self._message(message)

    def compare(self, book: Book) -> None:
        """The book takes as many minutes of each contract as the auditor counts, and would close each wave so."""
        for name in self.contracts:
            _hold(book.contracts[name].taken == self._taken(name), Check.TAKEN)
        for name, wave in self.waves.items():
            if not wave.closed:
                self._balances(closing(book.waves[name], book.handovers))

    def recorded(self, word: Word, subject: str) -> list[tuple[str, str, str]]:
        """One fact and its subject; returns who must hear of it: provider, handover or reply, and what it hears."""
        if isinstance(word, AnswerWord):
            self._speaker = subject
        self._time += 1
        self._read(word)
        return [due for due in self._concerned(word) if due[0] in self.connected]

    @singledispatchmethod
    def _read(self, word: Word) -> None:
        """A word that changes nothing of what is looked for."""

    # The commissioner and the days

    @_read.register
    def _(self, word: DayBegan) -> None:
        former = {name: contract.standing(self.today) for name, contract in self.contracts.items()}
        self.today = word.date
        for name, contract in self.contracts.items():
            self._raised_if_more(contract, former[name])

    @_read.register
    def _(self, word: referred.ProviderConnected) -> None:
        self.connected.add(word.provider_id)

    @_read.register
    def _(self, word: commissioning.ContractActivated) -> None:
        contract = _Contract(word.provider_id, word.weekly_minutes, word.from_on, word.to_on, raised=self._time)
        self.contracts[word.contract_id] = contract

    @_read.register
    def _(self, word: commissioning.ContractEnded) -> None:
        self.contracts[word.contract_id].last = word.on

    @_read.register
    def _(self, word: commissioning.CapacityDeclared) -> None:
        contract = self.contracts[word.contract_id]
        former = contract.standing(self.today)
        contract.declared.append((word.on, word.weekly_minutes))
        self._raised_if_more(contract, former)

    @_read.register
    def _(self, word: commissioning.ExternalCssRecontracted) -> None:
        self._room_for(word.contract_id, word.weekly_minutes)

    @_read.register
    def _(self, word: commissioning.SupportRecontracted) -> None:
        case = self.cases[word.handover_id]
        self._room_for(word.contract_id, case.minutes)
        self.contracts[cast(str, case.contract_id)].raised = self._time
        case.contract_id = word.contract_id

    # Waves

    @_read.register
    def _(self, word: commissioning.WavePlanned) -> None:
        self.waves[word.wave_id] = _Wave(word.start_on)

    @_read.register
    def _(self, word: commissioning.CaseAddedToWave) -> None:
        self.cases[word.handover_id].wave_id = word.wave_id
        self.waves[word.wave_id].cases.add(word.handover_id)

    @_read.register
    def _(self, word: commissioning.CaseDeferred) -> None:
        self.cases[word.handover_id].wave_id = None
        wave = self.waves[word.wave_id]
        if wave.frozen:
            wave.deferred.add(word.handover_id)
        else:
            wave.cases.discard(word.handover_id)

    @_read.register
    def _(self, word: allocated.WaveFrozen) -> None:
        wave = self.waves[word.wave_id]
        _hold(len(word.cases) == len(wave.cases) and set(word.cases) == wave.cases, Check.BALANCE)
        wave.frozen = True

    @_read.register
    def _(self, word: allocated.WaveStarted) -> None:
        _hold(self.today is not None and self.waves[word.wave_id].start_on <= self.today, Check.WAVE_DAY)

    @_read.register
    def _(self, word: commissioning.WaveClosed) -> None:
        self._balances(word)
        self.waves[word.wave_id].closed = True

    def _balances(self, said: commissioning.WaveClosed) -> None:
        """Each count is the auditor's own, and together they are the wave's cases."""
        wave = self.waves[said.wave_id]
        states = [self.cases[name].state for name in wave.cases - wave.deferred]
        started, withdrawn = states.count("STARTED"), states.count("WITHDRAWN")
        own = started, len(states) - started - withdrawn, len(wave.deferred), withdrawn, 0
        _hold((said.started, said.waiting, said.deferred, said.withdrawn, said.not_possible) == own, Check.BALANCE)
        _hold(said.cases == sum(own) == len(wave.cases), Check.BALANCE)

    # Handovers

    @_read.register
    def _(self, word: referred.HandoverRequested) -> None:
        self.cases[word.handover_id] = _Case(word.weekly_minutes, word.cause == "LEGACY_CSS")

    @_read.register
    def _(self, word: allocated.OfferMade) -> None:
        case = self.cases[word.handover_id]
        _hold(case.state == "REQUESTED", Check.ONE_OFFER)
        _hold(case.in_vain.get(word.provider_id, -1) < self.contracts[word.contract_id].raised, Check.NOT_AGAIN)
        self._room_for(word.contract_id, case.minutes)
        if word.on.year <= _LAST_YEAR:
            _hold(word.respond_by == _fifth_working_day_after(word.on), Check.DEADLINE)
        if case.legacy:
            begun = case.wave_id is not None and self.waves[case.wave_id].start_on <= word.on
            _hold(begun, Check.WAVE_DAY)
        case.state, case.offer_id, case.respond_by = "ASKED", word.offer_id, word.respond_by
        case.contract_id, case.provider_id = word.contract_id, word.provider_id

    @_read.register
    def _(self, word: allocated.OfferAccepted) -> None:
        case = self.cases[word.handover_id]
        asked = case.state == "ASKED" and case.offer_id == word.offer_id
        _hold(asked and case.provider_id == word.provider_id == self._speaker, Check.OWN_OFFER)
        _hold(case.respond_by is not None and word.on <= case.respond_by, Check.IN_TIME)
        case.state = "ACCEPTED"

    @_read.register
    def _(self, word: allocated.OfferDeclined) -> None:
        case = self.cases[word.handover_id]
        _hold(case.state == "ASKED" and case.provider_id == self._speaker, Check.OWN_OFFER)
        self._came_to_nothing(case, in_vain=True)

    @_read.register
    def _(self, word: allocated.OfferLapsed) -> None:
        self._came_to_nothing(self.cases[word.handover_id], in_vain=True)

    @_read.register
    def _(self, word: allocated.StartFailed) -> None:
        self._came_to_nothing(self.cases[word.handover_id], in_vain=True)

    @_read.register
    def _(self, word: allocated.OfferWithdrawn) -> None:
        self._came_to_nothing(self.cases[word.handover_id], in_vain=False)

    @_read.register
    def _(self, word: allocated.StartConfirmed) -> None:
        case = self.cases.setdefault(word.handover_id, _Case(word.weekly_minutes))
        case.state, case.contract_id, case.provider_id = "STARTED", word.contract_id, word.provider_id

    @_read.register
    def _(self, word: referred.SisSupportStarted) -> None:
        self.cases[word.handover_id].confirmed_by_trust = True

    @_read.register
    def _(self, word: allocated.HandoverCompleted) -> None:
        _hold(self.cases[word.handover_id].confirmed_by_trust, Check.TRUST_FIRST)

    @_read.register
    def _(self, word: allocated.HandoverWithdrawn) -> None:
        case = self.cases[word.handover_id]
        case.state, case.contract_id = "WITHDRAWN", None
        if case.wave_id is not None and not self.waves[case.wave_id].frozen:
            self.waves[case.wave_id].cases.discard(word.handover_id)

    @_read.register
    def _(self, word: allocated.SupportEnded) -> None:
        self.contracts[word.contract_id].raised = self._time
        self.cases[word.handover_id].contract_id = None

    # Who is told

    def _concerned(self, word: Word) -> list[tuple[str, str, str]]:
        """Who must hear of a fact: provider, handover or reply, and what."""
        match word:
            case allocated.OfferMade():
                return [(word.provider_id, word.handover_id, "Offer")]
            case allocated.OfferWithdrawn():
                return [(word.provider_id, word.handover_id, "OfferWithdrawn")]
            case allocated.OfferLapsed():
                return [(word.provider_id, word.handover_id, "OfferLapsed")]
            case allocated.StartFailed():
                return [(word.provider_id, word.handover_id, "START_FAILED")]
            case allocated.ReplySetAside():
                return [(word.provider_id, word.reply_id, "ReplyNotTaken")]
            case allocated.HandoverCompleted():
                return [
                    (word.provider_id, word.handover_id, "COMPLETED"),
                    *self._unsuccessful(word.handover_id, "PLACED"),
                ]
            case allocated.HandoverWithdrawn():
                has_it = self.cases[word.handover_id].provider_id
                mine = [(has_it, word.handover_id, "WITHDRAWN")] if has_it else []
                return [*mine, *self._unsuccessful(word.handover_id, "WITHDRAWN")]
            case _:
                return []

    def _unsuccessful(self, handover_id: str, outcome: str) -> list[tuple[str, str, str]]:
        case = self.cases[handover_id]
        return [(name, handover_id, outcome) for name in case.in_vain if name != case.provider_id]

    @staticmethod
    def _nobody_is_left_untold(due: list[tuple[str, str, str]], said: tuple[Message, ...]) -> None:
        heard = [(message.provider_id, *gist(message.word)) for message in said]
        for concerned in due:
            _hold(concerned in heard, Check.TOLD)

    def _message(self, message: Message) -> None:
        if isinstance(message.word, PackToSeal):
            case = self.cases[message.key]
            accepted = case.state in ("ACCEPTED", "STARTED") and case.offer_id == message.word.pack.offer_id
            mine = message.provider_id == message.word.provider_id == case.provider_id
            _hold(accepted and mine, Check.PACK)

    # Minutes

    def _taken(self, contract_id: str) -> int:
        return sum(case.minutes for case in self.cases.values() if case.contract_id == contract_id)

    def _room_for(self, contract_id: str, minutes: int) -> None:
        assert self.today is not None
        capacity = self.contracts[contract_id].capacity(self.today)
        _hold(self._taken(contract_id) + minutes <= capacity, Check.CAPACITY)

    def _raised_if_more(self, contract: _Contract, former: tuple[bool, int]) -> None:
        active, capacity = contract.standing(self.today)
        if active and (not former[0] or capacity > former[1]):
            contract.raised = self._time

    def _came_to_nothing(self, case: _Case, *, in_vain: bool) -> None:
        if in_vain:
            case.in_vain[case.provider_id] = self._time
        case.state, case.contract_id, case.provider_id, case.respond_by = "REQUESTED", None, "", None


def gist(word: Word) -> tuple[str, str]:
    """What a message is about, and what it says."""
    if isinstance(word, messages.ReplyNotTaken):
        return word.reply_id, "ReplyNotTaken"
    if isinstance(word, messages.HandoverClosed):
        return word.handover_id, word.outcome
    return str(getattr(word, "handover_id", "")), type(word).__name__


def _fifth_working_day_after(day: date) -> date:
    left = WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY and day not in BANK_HOLIDAYS
    return day


def _hold(holds: bool, check: Check) -> None:
    if not holds:
        raise Broken(check)
