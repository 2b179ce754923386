"""A story told to the allocator's rules, word by word; after every word the whole book is checked, and folded again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from services.handover.allocating import INITIAL, decide, evolve
from services.handover.book import Book
from services.handover.ids import handover_id_of, offer_id_of
from services.words import answers, commissioning, referred
from services.words.calendar import DayBegan
from services.words.deciding import Decision, Fact, Input, Message
from services.words.recorded import Dossier
from services.words.refusals import Refusal
from services.words.word import Sealed, Word
from tests.handover.auditor import Auditor
from tests.handover.ledger_checks import check
from tests.memory_handover import an_id, public_key_of

EAST, WEST, MEDWAY = "EAST_KENT", "WEST_KENT", "MEDWAY"
EAST_DISTRICTS = ("ashford", "canterbury", "dover", "folkestone-and-hythe", "swale", "thanet")
MONDAY = "2012-10-01"
AFTER_ALL = date(2030, 1, 1)


def day_of(text: str) -> date:
    """A day as it is written."""
    return date.fromisoformat(text)


class Story:
    """Everything that was told, decided and announced so far; `check` looks at the book after every word."""

    def __init__(self, check: Callable[[Book], None] = check) -> None:
        self.auditor = Auditor()
        self._check = check
        self.book: Book = INITIAL
        self.facts: list[Fact] = []
        self.messages: list[Message] = []
        self.last = Decision()

    def tell(self, word: Word, subject: str, *, id: str | None = None, reused: bool = False) -> Decision:
        """Say one word, and check all that must hold after it."""
        told = Input(
            id=id or an_id(f"input {len(self.facts)} {word!r}"),
            source="/test",
            subject=subject,
            time="2012-10-01T09:00:00+01:00",
            word=word,
            received_on=AFTER_ALL,
            sealed=Sealed(key_id=subject, key=b"key", blob=b"blob") if _has_text(word) else None,
            reused=reused,
        )
        self.last = decide(told, self.book)
        for fact in self.last.facts:
            self.book = evolve(self.book, fact)
        if self.last.facts:
            assert self.last.facts[0].subject == subject
            assert self.last.after == self.book, "the book after a decision is what its facts make of the one before"
        self.facts += self.last.facts
        self.messages += self.last.messages
        self.auditor.read(self.last)
        self.auditor.compare(self.book)
        self._check(self.book)
        return self.last

    # What the county is

    def day(self, day: str) -> Decision:
        """A day begins."""
        return self.tell(DayBegan(date=day_of(day)), "")

    def provider(self, provider_id: str, dspt_valid_to: str = "2020-12-31", *, connected: bool = True) -> Story:
        """A provider is registered and, as a rule, connected."""
        word = commissioning.ProviderRegistered(
            provider_id=provider_id,
            name=provider_id,
            dspt_valid_to=day_of(dspt_valid_to),
            public_key=public_key_of(provider_id),
        )
        self.tell(word, provider_id)
        if connected:
            self.tell(referred.ProviderConnected(provider_id=provider_id), provider_id)
        return self

    def contract(self, contract_id: str, provider_id: str, **change: Any) -> Decision:
        """A contract is activated: all of East Kent, 600 minutes, tier 1, three years, unless told otherwise."""
        fields: dict[str, Any] = {
            "lot": EAST,
            "districts": list(EAST_DISTRICTS),
            "tier": 1,
            "weekly_minutes": 600,
            "pence_per_hour": 1650,
            "from_on": day_of("2012-09-01"),
            "to_on": day_of("2015-09-30"),
            **{name: day_of(value) if name in ("from_on", "to_on") else value for name, value in change.items()},
        }
        word = commissioning.ContractActivated(contract_id=contract_id, provider_id=provider_id, **fields)
        return self.tell(word, fields["lot"])

    def declared(self, contract_id: str, minutes: int, on: str, lot: str = EAST) -> Decision:
        """Capacity is declared."""
        word = commissioning.CapacityDeclared(contract_id=contract_id, weekly_minutes=minutes, on=day_of(on))
        return self.tell(word, lot)

    # The recorder's side

    def request(self, case: str, minutes: int = 120, **change: Any) -> Decision:
        """Somebody of Ashford needs long-term support, asked for today."""
        fields: dict[str, Any] = {
            "district": "ashford",
            "lot": EAST,
            "cause": "LONG_TERM_SUPPORT",
            "on": self.today,
            "wanted_on": day_of("2012-12-01"),
            **change,
        }
        if fields["cause"] == "LEGACY_CSS":
            fields["wanted_on"] = None
        word = referred.HandoverRequested(
            handover_id=handover(case),
            person_id=person(case),
            episode_id=episode(case),
            weekly_minutes=minutes,
            needs=["HOMELESSNESS"],
            risk="LOW",
            age_band="35-44",
            dossier=dossier(case),
            policy="2012.1",
            **fields,
        )
        return self.tell(word, fields["lot"])

    def withdrawn(self, case: str, why: str = "ENDED", lot: str = EAST) -> Decision:
        """The request is withdrawn by the recorder."""
        word = referred.HandoverRequestWithdrawn(
            handover_id=handover(case), person_id=person(case), lot=lot, on=self.today, why=why
        )
        return self.tell(word, lot)

    def support_started(self, case: str, lot: str = EAST) -> Decision:
        """The recorder says that support has started."""
        known = self.case(case)
        assert known.offer is not None
        word = referred.SisSupportStarted(
            handover_id=known.id,
            person_id=known.person_id,
            episode_id=known.episode_id,
            sis_episode_id=an_id(f"sis {case}"),
            provider_id=known.offer.provider_id,
            contract_id=known.offer.contract_id,
            lot=lot,
            weekly_minutes=known.minutes,
            on=known.started_on or self.today,
            cause=known.cause,
        )
        return self.tell(word, lot)

    def support_ended(self, case: str, reason: str = "02", lot: str = EAST) -> Decision:
        """The recorder says that support has ended."""
        word = referred.SisSupportEnded(
            handover_id=handover(case),
            person_id=person(case),
            sis_episode_id=an_id(f"sis {case}"),
            lot=lot,
            on=self.today,
            reason=reason,
        )
        return self.tell(word, lot)

    def set_aside(self, case: str, why: str, lot: str = EAST) -> Decision:
        """The recorder could not take an outcome."""
        word = referred.HandoverOutcomeSetAside(handover_id=handover(case), person_id=person(case), lot=lot, why=why)
        return self.tell(word, lot)

    def outcome_set_aside(self, case: str, lot: str = EAST) -> Decision:
        """The recorder sets a start aside, for the person has died."""
        return self.set_aside(case, "DIED", lot)

    # A provider's side

    def acknowledge(self, provider_id: str, case: str) -> Decision:
        """A provider acknowledges the newest offer of a case."""
        return self.tell(answers.Acknowledge(offer_id=self.newest_offer(case)), provider_id)

    def accept(self, provider_id: str, case: str, start_on: str) -> Decision:
        """A provider accepts the newest offer of a case."""
        return self.tell(answers.Accept(offer_id=self.newest_offer(case), start_on=day_of(start_on)), provider_id)

    def decline(self, provider_id: str, case: str, reason: str = "NO_CAPACITY") -> Decision:
        """A provider declines the newest offer of a case."""
        word = answers.Decline(offer_id=self.newest_offer(case), reason=reason, text="in the provider's words")
        return self.tell(word, provider_id)

    def start(self, provider_id: str, case: str, on: str) -> Decision:
        """A provider confirms a start."""
        return self.tell(answers.ConfirmStart(handover_id=handover(case), on=day_of(on)), provider_id)

    def end(self, provider_id: str, case: str, on: str) -> Decision:
        """A provider reports the end of its support."""
        return self.tell(answers.EndSupport(handover_id=handover(case), on=day_of(on), reason="02"), provider_id)

    # What became of it

    @property
    def today(self) -> date:
        """The county's today; before the first day, the day that will be the first."""
        return self.book.today or day_of(MONDAY)

    def case(self, case: str) -> Any:
        """A handover as the allocator sees it."""
        return self.book.handovers[handover(case)]

    def newest_offer(self, case: str) -> str:
        """The id of a case's newest offer; of the first one if there is none yet."""
        known = self.book.handovers.get(handover(case))
        return offer_id_of(handover(case), max(known.ordinal if known else 0, 1))

    def at(self, case: str) -> tuple[str, str | None]:
        """A case's state, and which provider has it."""
        known = self.case(case)
        return str(known.state), known.offer.provider_id if known.offer else None

    def said(self) -> list[str]:
        """Names of the facts that the last word led to."""
        return [type(fact.word).__name__ for fact in self.last.facts]

    def announced(self) -> list[tuple[str, str]]:
        """Who was told what because of the last word."""
        return [(message.provider_id, _name(message)) for message in self.last.messages]

    def refused(self) -> list[str]:
        """Codes of the refusals of the last word."""
        return [refusal.code for refusal in self.last.refusals]

    def last_refusal(self) -> Refusal:
        """The only refusal of the last word."""
        (refusal,) = self.last.refusals
        return refusal

    def why_set_aside(self) -> str | None:
        """Why the last reply was set aside; None if it was not."""
        words = [fact.word for fact in self.last.facts]
        return next((str(word.why) for word in words if type(word).__name__ == "ReplySetAside"), None)  # type: ignore[attr-defined]  # asked by name, so that the story needs no import for it

    def told_again(self) -> Book:
        """The book folded anew from all facts."""
        book = INITIAL
        for fact in self.facts:
            book = evolve(book, fact)
        return book


def one_provider(today: str = MONDAY, minutes: int = 600) -> Story:
    """A day, a provider `oak` and its contract `c-oak`."""
    return with_providers(("oak",), today, minutes)


def with_providers(
    providers: Sequence[str], today: str = MONDAY, minutes: int = 600, check: Callable[[Book], None] = check
) -> Story:
    """A day, and providers with a contract each, of tiers 1, 2, ..."""
    story = Story(check)
    story.day(today)
    for tier, provider_id in enumerate(providers, start=1):
        story.provider(provider_id).contract(f"c-{provider_id}", provider_id, tier=tier, weekly_minutes=minutes)
    return story


def episode(case: str) -> str:
    """The episode of a case."""
    return an_id(f"episode {case}")


def handover(case: str) -> str:
    """The handover of a case."""
    return handover_id_of(episode(case))


def person(case: str) -> str:
    """The person of a case."""
    return an_id(f"person {case}")


def dossier(case: str, version: int = 1) -> Dossier:
    """The sealed papers of a case's person."""
    return Dossier(
        key_id=person(case),
        key=b"key",
        blob=f"papers {case} {version}".encode(),
        source="/test",
        id=an_id(f"papers {case} {version}"),
        type="kmpt.episodes.v1.PersonRegistered",
        subject=person(case),
    )


def _has_text(word: Word) -> bool:
    return any(getattr(word, name) is not None for name in word.SEALED)


def _name(message: Message) -> str:
    word: Any = message.word
    name = type(word).__name__
    return {"PackToSeal": "Pack"}.get(name, name)
