"""How many inputs a second the allocator's rules decide and fold, by providers and by handovers that are open.

The rules alone, in memory: no engine, log or sealing, nor the making of the words. One round is a handover's whole
way from request to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter
from uuid import NAMESPACE_URL, uuid5

from benchmarks.figures import Figure, Profile
from benchmarks.ground import Size
from services.handover.allocating import INITIAL, decide, evolve
from services.handover.book import Book
from services.handover.ids import handover_id_of, offer_id_of
from services.words import answers, commissioning, referred
from services.words.calendar import DayBegan
from services.words.deciding import Input
from services.words.recorded import Dossier
from services.words.word import Word

_LOT, _DISTRICT, _MINUTES = "EAST_KENT", "ashford", 60
_TODAY = date(2012, 10, 1)
_YESTERDAY = _TODAY - timedelta(days=1)
_ROOM = 4_000_000
_TARGET = 8_000


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Inputs a second with few and many providers, and with few and many open handovers."""
    rounds = size.of(1_000, 200)
    for providers in (1, 20, 200):
        yield _figure(size, rounds, providers, 100)
    for open_ones in (1_000, size.of(50_000, 5_000)):
        yield _figure(size, rounds, 20, open_ones)


def _figure(size: Size, rounds: int, providers: int, open_ones: int) -> Figure:
    desk = _Desk(providers)
    for number in range(open_ones):
        desk.place(f"open {number}")
    speeds = tuple(desk.timed(f"run {run}", rounds) for run in range(size.repetitions))
    name = f"allocator's rules, {providers} providers, {open_ones:,} open"
    return Figure(name, "inputs/s", speeds, target=_TARGET)


class _Desk:
    """The rules with their book, told word after word."""

    def __init__(self, providers: int) -> None:
        self.book: Book = INITIAL
        self._told = 0
        self._spent = 0.0
        self._tell(DayBegan(date=_TODAY), "")
        for number in range(providers):
            self._register(f"provider-{number:03}")

    def timed(self, name: str, rounds: int) -> float:
        """Inputs a second over so many handovers, each from its request to the end of its support."""
        told, spent = self._told, self._spent
        for number in range(rounds):
            self.end(self.place(f"{name} {number}"))
        return (self._told - told) / (self._spent - spent)

    def place(self, case: str) -> str:
        """A handover is requested, accepted, started, and completed; returns its id."""
        person_id, episode_id = _id(f"person {case}"), _id(f"episode {case}")
        handover_id = handover_id_of(episode_id)
        request = referred.HandoverRequested(
            handover_id=handover_id,
            person_id=person_id,
            episode_id=episode_id,
            on=_YESTERDAY,
            district=_DISTRICT,
            lot=_LOT,
            weekly_minutes=_MINUTES,
            needs=["HOMELESSNESS"],
            risk="LOW",
            age_band="35-44",
            cause="LONG_TERM_SUPPORT",
            dossier=Dossier(
                key_id=person_id, key=b"", blob=b"", source="/b", id=person_id, type="b", subject=person_id
            ),
            policy="2012.1",
        )
        self._tell(request, _LOT)
        offer = self.book.handovers[handover_id].offer
        assert offer is not None
        self._tell(answers.Accept(offer_id=offer_id_of(handover_id, 1), start_on=_TODAY), offer.provider_id)
        self._tell(answers.ConfirmStart(handover_id=handover_id, on=_TODAY), offer.provider_id)
        started = referred.SisSupportStarted(
            handover_id=handover_id,
            person_id=person_id,
            episode_id=episode_id,
            sis_episode_id=handover_id,
            provider_id=offer.provider_id,
            contract_id=offer.contract_id,
            lot=_LOT,
            weekly_minutes=_MINUTES,
            on=_TODAY,
            cause="LONG_TERM_SUPPORT",
        )
        self._tell(started, _LOT)
        return handover_id

    def end(self, handover_id: str) -> None:
        """Its provider reports the end, and the trust's ledger has it too."""
        known = self.book.handovers[handover_id]
        assert known.offer is not None
        self._tell(answers.EndSupport(handover_id=handover_id, on=_TODAY, reason="02"), known.offer.provider_id)
        ended = referred.SisSupportEnded(
            handover_id=handover_id,
            person_id=known.person_id,
            sis_episode_id=handover_id,
            lot=_LOT,
            on=_TODAY,
            reason="02",
        )
        self._tell(ended, _LOT)

    def _register(self, provider_id: str) -> None:
        key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAk="
        registered = commissioning.ProviderRegistered(
            provider_id=provider_id, name=provider_id, dspt_valid_to=date(2020, 1, 1), public_key=key
        )
        self._tell(registered, provider_id)
        self._tell(referred.ProviderConnected(provider_id=provider_id), provider_id)
        contract = commissioning.ContractActivated(
            contract_id=f"c-{provider_id}",
            provider_id=provider_id,
            lot=_LOT,
            districts=[_DISTRICT],
            tier=1,
            weekly_minutes=_ROOM,
            pence_per_hour=1500,
            from_on=_YESTERDAY,
            to_on=date(2015, 3, 31),
        )
        self._tell(contract, _LOT)

    def _tell(self, word: Word, subject: str) -> None:
        self._told += 1
        told = Input(
            id=f"input {self._told}",
            source="/benchmark",
            subject=subject,
            time="2012-10-01T09:00:00+01:00",
            word=word,
            received_on=date(2030, 1, 1),
            sealed=None,
            reused=False,
        )
        began = perf_counter()
        decision = decide(told, self.book)
        assert not decision.refusals, decision.refusals
        for fact in decision.facts:
            self.book = evolve(self.book, fact)
        self._spent += perf_counter() - began


def _dossier(person_id: str) -> Dossier:
    return Dossier(key_id=person_id, key=b"", blob=b"", source="/b", id=person_id, type="b", subject=person_id)


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))
