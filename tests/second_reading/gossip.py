"""Stories of handovers at random, by seed: mostly as such things go, and late, twice, wrongly, and by others.

What is likely next is taken from the second reading, so that a story gets deep into handovers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from services.words import answers, commissioning, referred
from services.words.calendar import DayBegan
from services.words.recorded import Dossier
from services.words.word import Word
from tests.memory_handover import public_key_of
from tests.second_reading.allocator import Allocator, Heard
from tests.second_reading.commissioned import ASKED, ONE, RUNNING, TAKEN_ON, Case
from tests.second_reading.desk import Open
from tests.second_reading.inadmissible import LOTS

LATER = date(2030, 1, 1)
PROVIDERS = ("ash", "elm", "oak", "yew")
STRANGER = "fir"
PLACES = {
    "EAST_KENT": ["ashford", "canterbury", "dover"],
    "WEST_KENT": ["maidstone", "sevenoaks"],
    "MEDWAY": ["medway"],
}
REASONS = ("NO_CAPACITY", "OUT_OF_AREA", "FAILED_CONTACT", "OTHER")


class Said(NamedTuple):
    """One word of a story, as it lies in the inbox."""

    word: Word
    subject: str
    id: str
    received_on: date = LATER
    reused: bool = False


class Gossip:
    """One story in the making; `heard` is the second reading of it so far."""

    def __init__(self, seed: int, reading: frozenset[Open] = frozenset()) -> None:
        self._chance = random.Random(seed)
        self._start = date(2012, 9, 3) + self._chance.randrange(200) * ONE
        self._next: list[tuple[Said, Heard]] = []
        self._contracts = self._waves = self._said = 0
        self._legacy, self._connected = (
            self._chance.choice((0.2, 0.2, 0.4, 0.9)),
            self._chance.choice((0.95, 0.95, 0.3)),
        )
        self.heard = Allocator(reading)

    def tell(self, words: int) -> Iterator[tuple[Said, Heard]]:
        """So many words, each with what the second reading makes of it."""
        self._begin()
        kinds: dict[Callable[[], None], float] = {
            self._day: 16,
            self._request: 9,
            self._likely: 46,
            self._anybody: 8,
            self._recorder_at_random: 1.5,
            self._withdraw: 1.5,
            self._capacity: 4,
            self._contract: 2.5,
            self._end_contract: 0.8,
            self._provider: 3,
            self._wave: 4,
            self._recontract: 2,
            self._move: 2,
            self._wrong: 0.7,
        }
        # each story has a temper of its own: what seldom happens in one happens all the time in another
        weights = [weight * self._chance.choice((0.2, 1, 1, 1, 3)) for weight in kinds.values()]
        while self._said < words:
            yield from self._next
            self._next = []
            self._chance.choices(list(kinds), weights)[0]()
        yield from self._next

    # How a county begins

    def _begin(self) -> None:
        if self._chance.random() < 0.85:
            self._say(DayBegan(date=self._start))
        for provider_id in PROVIDERS:
            if provider_id != "yew" or self._chance.random() < 0.7:
                self._register(provider_id)
                if self._chance.random() < self._connected:
                    self._say(referred.ProviderConnected(provider_id=provider_id), provider_id)
        for _ in range(self._chance.randrange(3, 8)):
            self._contract()

    def _register(self, provider_id: str) -> None:
        valid_to = self._day_from((300, 300, 300, 300, 300, 300, 30, 8, 3, -1))
        key = public_key_of(provider_id)
        word = commissioning.ProviderRegistered(
            provider_id=provider_id, name=provider_id, dspt_valid_to=valid_to, public_key=key
        )
        self._say(word, provider_id)

    # The days

    def _day(self) -> None:
        after = self._chance.choices((1, 2, 3, 5, 9, 0, -3), (60, 10, 10, 8, 5, 4, 3))[0]
        self._say(DayBegan(date=self._today + after * ONE if self.heard.today else self._start))

    @property
    def _today(self) -> date:
        return self.heard.today or self._start

    def _day_from(self, aheads: tuple[int, ...]) -> date:
        return self._today + timedelta(days=self._chance.choice(aheads))

    # The commissioner

    def _contract(self) -> None:
        lot = self._chance.choices(("EAST_KENT", "WEST_KENT", "MEDWAY"), (80, 18, 2))[0]
        self._contracts += self._chance.random() < 0.95
        districts = PLACES[lot][: self._chance.choice((1, 2, 3, 3, 3))]
        if self._chance.random() < 0.03:
            districts.append(self._chance.choice(("maidstone", "dover", "medway", "shepway")))
        word = commissioning.ContractActivated(
            contract_id=f"c{self._contracts}",
            provider_id=self._chance.choice(PROVIDERS),
            lot=lot,
            districts=districts,
            tier=self._chance.choice((1, 1, 2, 3)),
            weekly_minutes=self._chance.choice((100, 200, 300, 400)),
            pence_per_hour=1650,
            from_on=self._day_from((-90, -90, -30, -30, -1, 0, 0, 0, 1, 4)),
            to_on=self._day_from((400, 400, 400, 400, 60, 60, 30, 15, 5, -2)),
        )
        self._say(word, self._lot_or_wrong(lot))

    def _end_contract(self) -> None:
        contract_id, lot = self._any_contract()
        self._say(commissioning.ContractEnded(contract_id=contract_id, on=self._day_from((-1, 0, 0, 1, 5, 400))), lot)

    def _capacity(self) -> None:
        contract_id, lot = self._any_contract()
        most = contract.minutes if (contract := self.heard.contracts.get(contract_id)) else 100
        minutes = self._chance.choice((0, most // 4, most // 2, most // 2, most - 50, most, most, most + 50))
        on = self._day_from((-9, -2, 0, 0, 0, 1, 2, 6))
        self._say(commissioning.CapacityDeclared(contract_id=contract_id, weekly_minutes=minutes, on=on), lot)

    def _provider(self) -> None:
        who = self._chance.choice((*PROVIDERS, *PROVIDERS, STRANGER))
        known = self.heard.providers.get(who)
        suspended, away = (known.suspended, not known.connected) if known else (False, False)
        words: tuple[Word, ...] = (
            commissioning.ProviderResumed(provider_id=who),
            referred.ProviderConnected(provider_id=who),
            commissioning.ProviderKeyChanged(
                provider_id=who, public_key=public_key_of(who), reissue=self._chance.random() < 0.7
            ),
            commissioning.ProviderSuspended(provider_id=who, reason="an enquiry"),
            referred.MessageNotCollected(
                provider_id=who, message_id=self._id(), message="Offer", handover_id=self._any_id(), since=self._today
            ),
        )
        if self._chance.random() < 0.2 and who != STRANGER:
            self._register(who)
        else:
            self._say(self._chance.choices(words, (20 if suspended else 1, 20 if away else 1, 3, 1.5, 0.7))[0], who)

    def _wave(self) -> None:
        known, pick = list(self.heard.waves), self._chance.random()
        if not known or pick < 0.2:
            self._plan()
        elif pick < 0.45:
            running = [name for name, wave in self.heard.waves.items() if wave.started and not wave.closed]
            wave_id = self._chance.choice(running if running and self._chance.random() < 0.8 else [*known, "none"])
            self._say(commissioning.WaveClosed(wave_id=wave_id), self._lot_of_wave(wave_id))
        else:
            case = self._any_in_a_wave() if self._chance.random() < 0.8 else self._any_case()
            self._add_or_defer(self._chance.choice(known[-2:]), case.id if case else self._id())

    def _any_in_a_wave(self) -> Case | None:
        waiting = ("IN_WAVE", "WAITING")
        known = [case for case in self.heard.cases.values() if case.wave_id and case.state in waiting]
        return self._chance.choice(known) if known else self._any_case(("REQUESTED",))

    def _plan(self) -> None:
        self._waves += self._chance.random() < 0.9
        freeze_on = self._day_from((1, 1, 2, 3, 6, 0))
        lot = self._chance.choices(("EAST_KENT", "WEST_KENT", "MEDWAY"), (90, 8, 2))[0]
        start_on = freeze_on + self._chance.choice((0, 1, 1, 3, 5, -1)) * ONE
        word = commissioning.WavePlanned(wave_id=f"w{self._waves}", lot=lot, freeze_on=freeze_on, start_on=start_on)
        self._say(word, self._lot_or_wrong(lot))

    def _add_or_defer(self, wave_id: str, handover_id: str) -> None:
        case, lot = self.heard.cases.get(handover_id), self._lot_of_wave(wave_id)
        deferred = bool(case and case.wave_id) or self._chance.random() < 0.05
        if case and case.wave_id and self._chance.random() < 0.95:
            wave_id, lot = case.wave_id, self._lot_of_wave(case.wave_id)
        if deferred:
            self._say(commissioning.CaseDeferred(wave_id=wave_id, handover_id=handover_id, reason="not yet"), lot)
        else:
            self._say(commissioning.CaseAddedToWave(wave_id=wave_id, handover_id=handover_id), lot)

    def _recontract(self) -> None:
        contract_id, lot = self._any_contract()
        contract = self.heard.contracts.get(contract_id)
        known = [case.episode_id for case in self.heard.cases.values()]
        again = known and self._chance.random() < 0.06
        provider_id = contract.provider_id if contract else STRANGER
        word = commissioning.ExternalCssRecontracted(
            episode_id=self._chance.choice(known) if again else self._id(),
            person_id=self._id(),
            provider_id=provider_id if self._chance.random() < 0.95 else self._chance.choice(PROVIDERS),
            contract_id=contract_id,
            since=date(2010, 4, 1),
            weekly_minutes=self._chance.choice((50, 60, 100, 140)),
            on=self._day_from((0, 0, 0, -1, -4, 1)),
        )
        self._say(word, lot)

    def _move(self) -> None:
        if case := self._any_case(RUNNING) if self._chance.random() < 0.9 else self._any_case():
            self._say_moved(case)

    def _say_moved(self, case: Case) -> None:
        own = [c for c in self.heard.contracts.values() if c.provider_id == self.heard.provider_of(case)]
        own = [contract for contract in own if contract.lot == case.lot and contract.id != case.holder]
        contract_id = self._chance.choice(own).id if own and self._chance.random() < 0.9 else self._any_contract()[0]
        on = self._day_from((0, 0, 0, -1, 2))
        word = commissioning.SupportRecontracted(handover_id=case.id, contract_id=contract_id, on=on)
        self._say(word, self._lot_or_wrong(case.lot))

    # The recorder's side

    def _request(self) -> None:
        lot = self._chance.choices(("EAST_KENT", "WEST_KENT", "MEDWAY"), (80, 16, 4))[0]
        known = [case.episode_id for case in self.heard.cases.values()]
        episode_id = self._chance.choice(known) if known and self._chance.random() < 0.03 else self._id()
        cause = "LEGACY_CSS" if self._chance.random() < self._legacy else "LONG_TERM_SUPPORT"
        person_id = self._id()
        word = referred.HandoverRequested(
            handover_id=_handover_of(episode_id),
            person_id=person_id,
            episode_id=episode_id,
            on=self._day_from((0, 0, 0, -1, 1)),
            wanted_on=self._day_from((20, 60)) if cause == "LONG_TERM_SUPPORT" else None,
            district=self._chance.choice(PLACES[lot]),
            lot=lot,
            weekly_minutes=self._chance.choice((50, 60, 100, 100, 140, 250)),
            needs=["HOMELESSNESS"],
            risk=self._chance.choice(("LOW", "HIGH")),
            age_band="35-44",
            cause=cause,
            dossier=self._dossier(person_id),
            policy="2012.1",
        )
        self._say(word, lot)

    def _dossier(self, person_id: str) -> Dossier:
        papers = self._id()
        about = {"source": "/test", "id": papers, "type": "kmpt.episodes.v1.PersonRegistered", "subject": person_id}
        return Dossier(key_id=person_id, key=b"key", blob=papers.encode(), **about)

    def _withdraw(self) -> None:
        if case := self._any_in_a_wave() if self._chance.random() < 0.4 else self._any_case():
            self._say_withdrawn(case)

    def _say_withdrawn(self, case: Case) -> None:
        why = self._chance.choice(("ENDED", "DIED", "DECLINED_BY_PERSON", "IN_ERROR"))
        about = {"handover_id": case.id, "person_id": case.person_id, "lot": case.lot}
        self._say(referred.HandoverRequestWithdrawn(**about, on=self._today, why=why), case.lot)

    def _recorder_at_random(self) -> None:
        if case := self._any_case():
            self._say(self._chance.choice(self._words_of_recorder(case)), case.lot)

    def _words_of_recorder(self, case: Case) -> tuple[Word, ...]:
        provider_id = self.heard.provider_of(case) or "oak"
        about = {"handover_id": case.id, "person_id": case.person_id, "lot": case.lot}
        sis, on = _sis_of(case), case.started_on or self._today
        with_whom = {"provider_id": provider_id, "contract_id": case.holder or "c1", "cause": case.cause}
        return (
            referred.SisSupportStarted(
                **about, sis_episode_id=sis, episode_id=case.episode_id, on=on, weekly_minutes=case.minutes, **with_whom
            ),
            referred.SisSupportEnded(**about, sis_episode_id=sis, on=self._today, reason="02"),
            referred.HandoverOutcomeSetAside(**about, why=self._chance.choice(("ENDED", "DIED"))),
            referred.DossierChanged(**about, dossier=self._dossier(case.person_id)),
            referred.PersonErased(person_id=case.person_id, lot=case.lot, request_id=self._id()),
        )

    # What is likely next

    def _likely(self) -> None:
        held = (*ASKED, *ASKED, *TAKEN_ON, *TAKEN_ON, *RUNNING, "REQUESTED")
        case = self._any_case((self._chance.choice(held),)) or self._any_case(held)
        if case is None:
            return
        provider_id = self.heard.provider_of(case)
        if case.state in RUNNING:
            self._support_goes_on(case, provider_id or "")
        elif case.state in (*ASKED, *TAKEN_ON):
            reply = self._answer(case) if case.state in ASKED else self._step(case)
            self._say(reply, provider_id or "", reused=self._chance.random() < 0.02)
        elif open_waves := self._open_waves(case.lot):
            self._add_or_defer(self._chance.choice(open_waves), case.id)
        else:
            self._plan()

    def _answer(self, case: Case) -> Word:
        offer_id = case.offers[-1].id
        start_on = self._day_from((0, 1, 1, 2, 3, 3, 7, 56, 57, -1))
        words: tuple[Word, ...] = (
            answers.Accept(offer_id=offer_id, start_on=start_on),
            answers.Decline(offer_id=offer_id, reason=self._reason(), text="in the provider's words"),
            answers.Acknowledge(offer_id=offer_id),
        )
        return self._chance.choices(words, (6, 3, 2))[0]

    def _step(self, case: Case) -> Word:
        offer = case.offers[-1]
        visit_on = offer.visit_on if offer.visit_on and self._chance.random() < 0.4 else None
        words: tuple[Word, ...] = (
            answers.ConfirmStart(handover_id=case.id, on=self._day_from((0, 0, 0, -1, -3, 1))),
            answers.BookFirstVisit(handover_id=case.id, on=visit_on or self._day_from((2, 0, -1, -9, 56, 57))),
            answers.ReportStartFailure(handover_id=case.id, reason=self._reason()),
            answers.ReportChange(handover_id=case.id, change="ADDRESS"),
        )
        return self._chance.choices(words, (6, 3, 1.5, 0.5))[0]

    def _support_goes_on(self, case: Case, provider_id: str) -> None:
        started, ended, set_aside, *_ = self._words_of_recorder(case)
        pick = self._chance.random()
        if case.state == "STARTED" and pick < 0.75:
            self._say(started if pick < 0.6 else set_aside, case.lot)
        elif case.end_reported and pick < 0.6:
            self._say(ended, case.lot)
        elif not self.heard.providers[provider_id].connected:
            self._say_moved(case)
        elif pick < 0.8:
            on = self._day_from((0, 0, 0, -1, -30, 1))
            self._say(
                answers.EndSupport(handover_id=case.id, on=on, reason=self._chance.choice(("02", "03"))), provider_id
            )
        else:
            self._say(answers.ReportChange(handover_id=case.id, change="ADMISSION"), provider_id)

    # Others, and what is wrong

    def _anybody(self) -> None:
        """Anybody whose topics exist says anything of any case: its own, one that it lost, or another's."""
        able = [name for name, provider in self.heard.providers.items() if provider.connected]
        asked = [case for case in self.heard.cases.values() if case.offers]
        case = self._chance.choice(asked) if asked and self._chance.random() < 0.7 else self._any_case()
        offer = self._chance.choice(case.offers) if case and case.offers else None
        theirs = [offer.provider_id] if offer and self._chance.random() < 0.6 else able
        if theirs:
            known = case and self._chance.random() < 0.95
            words = self._any_reply(
                offer.id if offer and known else self._id(), case.id if case and known else self._id()
            )
            word = self._chance.choice(words)
            unreadable = isinstance(word, answers.ReplyUnreadable)  # its id is its place, and never used before
            self._say(word, self._chance.choice(theirs), reused=not unreadable and self._chance.random() < 0.03)

    def _any_reply(self, offer_id: str, case_id: str) -> tuple[Word, ...]:
        on = self._day_from((0, -1, 1, 3))
        return (
            answers.Acknowledge(offer_id=offer_id),
            answers.Accept(offer_id=offer_id, start_on=on),
            answers.Decline(offer_id=offer_id, reason=self._reason()),
            answers.BookFirstVisit(handover_id=case_id, on=on),
            answers.ConfirmStart(handover_id=case_id, on=on),
            answers.ReportStartFailure(handover_id=case_id, reason=self._reason()),
            answers.ReportChange(handover_id=case_id, change=self._chance.choice(("DEATH", "OTHER", "WHO_KNOWS"))),
            answers.EndSupport(handover_id=case_id, on=on, reason="02"),
            answers.ReplyUnreadable(reply_id=self._id(), reply="Unknown"),
        )

    def _wrong(self) -> None:
        """A reply of nobody, a code of no list, a word about another, a day that has not come."""
        case_id = self._any_id() or self._id()
        picks: tuple[Callable[[], None], ...] = (
            lambda: self._say(answers.ConfirmStart(handover_id=case_id, on=self._today), STRANGER),
            lambda: self._say(commissioning.ProviderSuspended(provider_id="oak", reason="an enquiry"), "ash"),
            lambda: self._say(DayBegan(date=self._today + 3 * ONE), received_on=self._today + 2 * ONE),
            lambda: self._register(self._chance.choice(("auditor", "stack", "cjld"))),
        )
        self._chance.choice(picks)()

    # What there is to choose from

    def _say(self, word: Word, subject: str = "", *, received_on: date = LATER, reused: bool = False) -> None:
        self._said += 1
        said = Said(word, subject, self._id(), received_on, reused)
        heard = self.heard.hear(word, subject, said.id, received_on=received_on, reused=reused)
        self._next.append((said, heard))

    def _any_case(self, states: tuple[str, ...] = ()) -> Case | None:
        known = [case for case in self.heard.cases.values() if not states or case.state in states]
        return self._chance.choice(known) if known else None

    def _any_id(self) -> str | None:
        case = self._any_case()
        return case.id if case else None

    def _any_contract(self) -> tuple[str, str]:
        known = self._chance.choice([*self.heard.contracts] * 6 + ["none"])
        contract = self.heard.contracts.get(known)
        return known, self._lot_or_wrong(contract.lot if contract else "EAST_KENT")

    def _lot_or_wrong(self, lot: str) -> str:
        return lot if self._chance.random() < 0.98 else self._chance.choice(tuple(LOTS))

    def _lot_of_wave(self, wave_id: str) -> str:
        wave = self.heard.waves.get(wave_id)
        return self._lot_or_wrong(wave.lot if wave else "EAST_KENT")

    def _open_waves(self, lot: str) -> list[str]:
        return [name for name, wave in self.heard.waves.items() if wave.lot == lot and wave.frozen is None]

    def _reason(self) -> str:
        return self._chance.choice(REASONS) if self._chance.random() < 0.97 else "TOO_FAR"

    def _id(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128), version=4))


def _handover_of(episode_id: str) -> str:
    return str(uuid5(UUID(episode_id), "handover"))


def _sis_of(case: Case) -> str:
    return case.episode_id if case.cause == "RECONTRACTED" else str(uuid5(UUID(case.id), "sis"))
