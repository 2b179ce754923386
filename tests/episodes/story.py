"""A tiny language for stories told to the recorder's rules: given this, when that is said, then these facts.

A story runs on the pure rules alone; the last story of every test is told again to a real engine (see conftest.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.county.nhs_number import canonical, is_valid
from services.episodes.person import Person
from services.episodes.recording import INITIAL, County, decide, evolve
from services.words.calendar import DayBegan
from services.words.deciding import NOTHING, Decision, Fact, Input, NumberAnswer
from services.words.people import PersonDetailsCorrected, PersonRegistered
from services.words.word import Sealed, Word
from tests.episodes.words_said import PERSON, accepted, an_id, d, referred, registered, started

RECEIVED_ON = date(2026, 11, 2)
"""The London day on which the broker appends what these stories say, unless a story says otherwise."""

TOLD: deque[Story] = deque(maxlen=1)
"""The newest story, to be told again to an engine when its test is over."""


@dataclass(eq=False)
class Story:
    """What is said, one input after the other, and what came of it."""

    received_on: date = RECEIVED_ON
    county: County = INITIAL
    inputs: list[Input[Word]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Be the newest story."""
        TOLD.append(self)

    # Given and when

    def day(self, today: str) -> Story:
        """A day begins; the same day again does nothing."""
        self._tell(DayBegan(date=d(today)), "")
        assert not self.decisions[-1].refusals, self.decisions[-1].refusals
        assert decide(self.inputs[-1], self.county) == NOTHING
        return self

    def days(self, first: str, last: str) -> Story:
        """Day after day begins."""
        for number in range((d(last) - d(first)).days + 1):
            self.day((d(first) + timedelta(days=number)).isoformat())
        return self

    def given(self, *words: Word, of: str = PERSON) -> Story:
        """These are said, and recorded."""
        for word in words:
            self._tell(word, of)
            assert not self.decisions[-1].refusals, (word, self.decisions[-1].refusals)
            assert self.decisions[-1].facts, word
        return self

    def when(self, word: Word, of: str = PERSON) -> Story:
        """This is said, whatever becomes of it."""
        self._tell(word, of)
        return self

    # Then

    def then(self, *words: Word) -> Story:
        """It was recorded, and exactly these facts followed from it."""
        assert not self.decisions[-1].refusals, self.decisions[-1].refusals
        assert self.decisions[-1].facts
        assert self.followed == list(words)
        return self

    def then_recorded(self) -> Story:
        """It was recorded, and nothing followed."""
        return self.then()

    def then_refused(self, code: str) -> Story:
        """It was refused for this reason, and nothing else came of it."""
        decision = self.decisions[-1]
        assert [refusal.code for refusal in decision.refusals] == [code]
        assert not decision.facts
        return self

    def then_phase(self, phase: str, episode: str, of: str = PERSON) -> Story:
        """The episode stands in this phase."""
        found = self.person(of).episode(episode)
        assert found is not None
        assert found.phase() == phase
        return self

    # What there is

    @property
    def followed(self) -> list[Word]:
        """What the recorder said of its own accord after the last input."""
        return [fact.word for fact in self.decisions[-1].facts if not fact.copied]

    @property
    def copy(self) -> Word:
        """The last input as the ledger keeps it."""
        return next(fact.word for fact in self.decisions[-1].facts if fact.copied)

    @property
    def facts(self) -> list[Fact]:
        """All facts so far."""
        return [fact for decision in self.decisions for fact in decision.facts]

    def of_type(self, word: type[Word]) -> list[Word]:
        """All facts of a type so far."""
        return [fact.word for fact in self.facts if isinstance(fact.word, word)]

    def person(self, of: str = PERSON) -> Person:
        """The person as the recorder sees them."""
        return self.county.people[of]

    # How it is told

    def _tell(self, word: Word, subject: str) -> None:
        told = self._input(word, subject)
        decision = decide(told, self.county)
        assert decide(told, self.county) == decision, "the same input and state give the same decision"
        self.inputs.append(told)
        self.decisions.append(decision)
        self.county = evolved(self.county, decision.facts)
        if told.number == "free" and decision.facts:
            self._claim(told)

    def _input(self, word: Word, subject: str) -> Input[Word]:
        return Input(
            id=an_id(f"input {len(self.inputs)}"),
            source="/kmpt/maidstone-cmht",
            subject=subject,
            time="2012-10-01T09:30:00+01:00",
            word=word,
            received_on=self.received_on,
            number=self._answer(word, subject),
            sealed=sealing(word, subject),
        )

    def _answer(self, word: Word, subject: str) -> NumberAnswer | None:
        number = number_of(word)
        if number is None:
            return None
        plain = canonical(number)
        if plain is None or not is_valid(plain, synthetic=True):
            return "invalid"
        return "free" if self.numbers.get(plain, subject) == subject else "taken"

    def _claim(self, told: Input[Word]) -> None:
        """A number goes to whoever was recorded with it, and their former one becomes free (ruling 20)."""
        number = canonical(number_of(told.word) or "")
        assert number is not None
        self.numbers = {held: holder for held, holder in self.numbers.items() if holder != told.subject}
        self.numbers[number] = told.subject


def evolved(county: County, facts: Iterable[Fact]) -> County:
    """The county after facts."""
    for fact in facts:
        county = evolve(county, fact)
    return county


def number_of(word: Word) -> str | None:
    """The NHS number that a word holds."""
    if isinstance(word, PersonRegistered | PersonDetailsCorrected) and word.details is not None:
        return word.details.nhs_number
    return None


def sealing(word: Word, subject: str) -> Sealed | None:
    """A sealing, if the word has anything to be sealed."""
    if all(getattr(word, name) is None for name in word.SEALED):
        return None
    return Sealed(key_id=subject, key=b"wrapped", blob=b"sealed")


def county_on(today: str, *, district: str = "maidstone", born: str = "1970-05-01") -> Story:
    """A county on a day, with one registered person."""
    return Story().day(today).given(registered(district=district, born=born))


def under_way(start: str = "2012-10-01", today: str | None = None, district: str = "maidstone") -> Story:
    """Somebody's support has begun on a day, and that day (or another) is today."""
    return county_on(today or start, district=district).given(referred(start), accepted(start), started(start))
