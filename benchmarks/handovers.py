"""Handovers on their whole way from request to end, told to the allocator's rules, and kept as they were said.

Knows which words follow each other; whom to answer for it learns from the rules themselves. Must never know a log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from services.handover.allocating import INITIAL, decide, evolve
from services.handover.book import Book
from services.handover.ids import handover_id_of, offer_id_of
from services.words import answers, commissioning, referred
from services.words.calendar import DayBegan
from services.words.deciding import Input
from services.words.recorded import Dossier
from services.words.word import Word

SOURCE, TIME = "/benchmark", "2012-10-01T09:00:00+01:00"
_LOT, _DISTRICT, _MINUTES = "EAST_KENT", "ashford", 60
_TODAY = date(2012, 10, 1)
_YESTERDAY = _TODAY - timedelta(days=1)
_ROOM = 4_000_000


class Said(NamedTuple):
    """One input: its id, its subject (empty: said to all), and the word."""

    id: str
    subject: str
    word: Word


def no_papers(person_id: str) -> Dossier:
    """A dossier in which there is nothing: enough for rules that never open one."""
    return Dossier(key_id=person_id, key=b"", blob=b"", source="/b", id=person_id, type="b", subject=person_id)


class Handovers:
    """The rules with their book, told word after word; `papers` gives each person's dossier."""

    def __init__(self, providers: int, papers: Callable[[str], Dossier] = no_papers) -> None:
        self.book: Book = INITIAL
        self.said: list[Said] = []
        self._papers = papers
        self._told = 0
        self._spent = 0.0
        self._tell(DayBegan(date=_TODAY), "")
        for number in range(providers):
            self._register(f"provider-{number:03}")

    def taken(self) -> list[Said]:
        """All that was said since this was asked last."""
        said, self.said = self.said, []
        return said

    def timed(self, name: str, rounds: int) -> float:
        """Inputs a second that the rules decide over so many handovers."""
        told, spent = self._told, self._spent
        self.whole_ways(name, rounds)
        return (self._told - told) / (self._spent - spent)

    def whole_ways(self, name: str, rounds: int) -> None:
        """So many handovers, one after the other, each from its request to the end of its support."""
        for number in range(rounds):
            self.end(self.place(f"{name} {number}"))

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
            dossier=self._papers(person_id),
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
        said = Said(_id(f"input {self._told}"), subject, word)
        self.said.append(said)
        told = Input(said.id, SOURCE, subject, TIME, word, received_on=date(2030, 1, 1))
        began = perf_counter()
        decision = decide(told, self.book)
        assert not decision.refusals, decision.refusals
        for fact in decision.facts:
            self.book = evolve(self.book, fact)
        self._spent += perf_counter() - began


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))
