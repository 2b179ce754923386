"""Random histories of a partition, valid words and invalid ones: what holds of the rules whatever is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.episodes.episode import Episode, Standing
from services.episodes.outcome import sis_episode_id_of
from services.episodes.recording import INITIAL, County, decide, evolve
from services.episodes.request import handover_id_of
from services.episodes.str_clock import cap_on, free_until
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.catalogue import RECORDER_WORDS
from services.words.course import EnablementStarted, ReviewHeld
from services.words.deciding import NOTHING, Decision, Fact, Input
from services.words.recorded import ChargeablePeriodStarted, EnablementEnded, HandoverRequested, SisSupportStarted
from services.words.refusals import SENTENCES
from services.words.word import Word
from tests.episodes import words_said as say
from tests.episodes.story import RECEIVED_ON, sealing
from tests.episodes.words_said import an_id

BEGINNING = date(2012, 8, 1)
PEOPLE = tuple(an_id(f"person {n}") for n in range(3))
EPISODES = tuple(an_id(f"episode {n}") for n in range(4))
CONTACTS = tuple(an_id(f"contact {n}") for n in range(3))
WORDS_WITH_A_DAY: tuple[Callable[..., Word], ...] = (
    *(say.referred, say.rejected, say.accepted, say.started, say.completed, say.reviewed, say.held, say.resumed),
    *(say.moved_to_team, say.declined, say.ended, say.worker, say.assessed, say.planned, say.indirect, say.onward),
    say.legacy,
)
USUAL: tuple[Callable[..., Word], ...] = (say.referred, say.accepted, say.started, say.reviewed, say.ended)


@st.composite
def words(draw: st.DrawFn, today: date, episodes: tuple[str, ...] = EPISODES) -> Word:
    """Anything that a team or a door may say, with a day somewhere about today."""
    episode = draw(st.sampled_from(episodes))
    ago = draw(st.sampled_from([0, 0, 0, 1, 3, 5, 6, 30, 42, 100, 200, -1]))
    day = (today - timedelta(days=ago)).isoformat()
    kind = draw(st.integers(0, 13))
    match kind:
        case 0 | 1 | 2:
            make: Callable[..., Word] = draw(st.sampled_from(WORDS_WITH_A_DAY))
            return make(day, episode=episode)
        case 3 | 4 | 5:
            usual: Callable[..., Word] = draw(st.sampled_from(USUAL))
            return usual(day, episode=episode)
        case 6:
            return say.reviewed(day, draw(st.sampled_from(["GOALS_MET", "LONG_TERM_SUPPORT", "NOBODY"])), episode)
        case 7:
            return say.contact(day, draw(st.sampled_from(CONTACTS)), episode)
        case 8:
            which: list[Callable[..., Word]] = [say.contact_corrected, say.contact_in_error]
            correct: Callable[..., Word] = draw(st.sampled_from(which))
            return correct(draw(st.sampled_from(CONTACTS)), episode)
        case 9:
            home = [say.rehoused(day), say.checked(day)]
            return draw(st.sampled_from([*home, *home, *home, say.died(day)]))
        case 10:
            return draw(st.sampled_from([say.exempted(day, episode=episode), say.in_error(episode)]))
        case 11:
            return say.corrected(district=draw(st.sampled_from([None, "dover", "medway", "surrey"])))
        case 12:
            cause = draw(st.sampled_from(["LONG_TERM_SUPPORT", "LONG_TERM_SUPPORT", "RECONTRACTED"]))
            return say.start_confirmed(handover_id_of(episode), day, episode, cause)
        case _:
            return say.support_ended(handover_id_of(episode), day)


def told_input(word: Word, subject: str, number: str = "free") -> Input[Word]:
    """A word as an input."""
    return Input(
        id=an_id(f"{subject} {word!r}"),
        source="/kmpt/maidstone-cmht",
        subject=subject,
        time="2012-10-01T09:30:00+01:00",
        word=word,
        received_on=RECEIVED_ON,
        number="free" if number == "free" else "taken",
        sealed=sealing(word, subject),
    )


def after(county: County, decision: Decision) -> County:
    """The county after a decision."""
    for fact in decision.facts:
        county = evolve(county, fact)
    return county


class Histories(RuleBasedStateMachine):
    """A county in which anything is said, and days begin, some of them skipped."""

    def __init__(self) -> None:
        super().__init__()
        self.county = INITIAL
        self.today = BEGINNING
        self.facts: list[Fact] = []
        self.charge_days: dict[str, date] = {}

    @initialize()
    def first_day(self) -> None:
        """The first day begins, and two people are registered."""
        self._tell(DayBegan(date=BEGINNING), "")
        for person in PEOPLE[:2]:
            self._tell(say.registered(), person)

    @rule(data=st.data(), person=st.sampled_from(PEOPLE[:2]))
    def something_is_said(self, data: st.DataObject, person: str) -> None:
        """A team or a door says a few things of somebody known."""
        for word in data.draw(st.lists(words(self.today), min_size=1, max_size=5)):
            self._tell(word, person)

    @precondition(lambda self: any(episode.is_open for episode in self._episodes()))
    @rule(data=st.data())
    def something_is_said_of_an_open_episode(self, data: st.DataObject) -> None:
        """A team or a door says something of an episode that is open, in or out of its turn."""
        found = [
            (name, episode)
            for name, person in sorted(self.county.people.items())
            for episode in person.episodes
            if episode.is_open
        ]
        name, episode = data.draw(st.sampled_from(found))
        day = max(self.today - timedelta(days=data.draw(st.sampled_from([0, 0, 1, 10, 50]))), episode.opened_on)
        makes: list[Callable[..., Word]] = [say.reviewed, say.reviewed, say.completed, say.held, say.contact, say.ended]
        word = data.draw(st.sampled_from(makes))(day.isoformat(), episode=episode.id)
        if data.draw(st.booleans()):
            word = say.reviewed(day.isoformat(), "LONG_TERM_SUPPORT", episode.id)
        self._tell(word, name)
        if episode.request and data.draw(st.booleans()):
            start = (self.today + timedelta(days=data.draw(st.sampled_from([-3, 0, 2])))).isoformat()
            self._tell(say.start_confirmed(episode.request.handover_id, start, episode.id), name)

    @rule(data=st.data(), person=st.sampled_from(PEOPLE[:2]), episode=st.sampled_from(EPISODES))
    def support_begins(self, data: st.DataObject, person: str, episode: str) -> None:
        """A referral is taken, and support begins within days; each step may yet be refused."""
        ago = data.draw(st.sampled_from([0, 0, 3, 30, 40, 170]))
        day = (self.today - timedelta(days=ago)).isoformat()
        for word in (say.referred, say.accepted, say.started):
            self._tell(word(day, episode=episode), person)

    @rule(data=st.data())
    def something_is_said_of_nobody(self, data: st.DataObject) -> None:
        """A team or a door says something of somebody whom nobody has registered."""
        self._tell(data.draw(words(self.today)), PEOPLE[2])

    @rule(days=st.sampled_from([1, 1, 2, 3, 6, 30, 90]))
    def days_pass(self, days: int) -> None:
        """A day begins, perhaps after others were skipped; the same day again does nothing."""
        self.today += timedelta(days=days)
        self._tell(DayBegan(date=self.today), "")
        assert decide(told_input(DayBegan(date=self.today), ""), self.county) == NOTHING

    @precondition(lambda self: self.facts)
    @rule(data=st.data())
    def any_fact_can_be_folded_again(self, data: st.DataObject) -> None:
        """`evolve` is total: a fact out of its place, or of somebody else, raises nothing."""
        fact = data.draw(st.sampled_from(self.facts))
        evolve(self.county, fact)
        evolve(INITIAL, fact)

    def _tell(self, word: Word, subject: str) -> None:
        told = told_input(word, subject)
        decision = decide(told, self.county)
        assert decision == decide(told, self.county)
        assert not (decision.facts and decision.refusals)
        assert all(refusal.code in SENTENCES for refusal in decision.refusals)
        assert decision.messages == ()
        assert {fact.key for fact in decision.facts} <= {told.subject, CALENDAR_KEY, *self.county.people}
        assert [fact.copied for fact in decision.facts].count(True) <= 1
        assert all(fact.copied == (fact.word.TYPE == word.TYPE and n == 0) for n, fact in enumerate(decision.facts))
        self.county = after(self.county, decision)
        self.facts += decision.facts

    def _episodes(self) -> list[Episode]:
        return [episode for person in self.county.people.values() for episode in person.episodes]

    @invariant()
    def today_is_the_last_day_that_began(self) -> None:
        """Ruling 2."""
        assert self.county.today in {None, self.today}

    @invariant()
    def one_open_str_a_person(self) -> None:
        """I9: S7."""
        for person in self.county.people.values():
            assert sum(episode.model == "STR" and episode.is_open for episode in person.episodes) <= 1

    @invariant()
    def nothing_is_left_undone(self) -> None:
        """Nobody is due for anything on or before today, and the agenda says of everyone when they are."""
        agenda = {(day, person) for day, people in self.county.agenda.items() for person in people}
        due = {(person.next_due(), name) for name, person in self.county.people.items()}
        assert agenda == {entry for entry in due if entry[0] != date.max}
        assert all(day > self.today for day, _ in agenda)
        assert all(self.county.agenda.values())

    @invariant()
    def each_thing_falls_due_once(self) -> None:
        """End of enablement, charge, warning and cap stand at most once in the ledger for each episode."""
        written = Counter(
            (fact.word.TYPE, fact.correlation, fact.key)
            for fact in self.facts
            if fact.word.TYPE.rpartition(".")[2]
            in {"EnablementEnded", "ChargeablePeriodStarted", "CapApproaching", "CapReached", "HandoverRequested"}
        )
        assert all(count == 1 for count in written.values())

    @invariant()
    def charges_lie_where_they_may(self) -> None:
        """I5, I7, I8: after enablement's last day, after an agreeing review, not after the cap."""
        for fact in self.facts:
            word = fact.word
            if not isinstance(word, ChargeablePeriodStarted):
                continue
            last_day = next(
                other.word.last_day
                for other in self.facts
                if isinstance(other.word, EnablementEnded)
                and (other.key, other.correlation) == (fact.key, fact.correlation)
            )
            agreed = {
                other.word.on
                for other in self.facts
                if isinstance(other.word, ReviewHeld)
                and (other.key, other.correlation) == (fact.key, fact.correlation)
                and other.word.outcome in {"FURTHER_SUPPORT", "LONG_TERM_SUPPORT"}
            }
            episode = self.county.people[fact.key].episode(word.episode_id)
            assert episode is not None
            assert episode.course is not None
            assert last_day <= free_until(episode.course.s)
            assert word.on == max(last_day + timedelta(days=1), word.on)
            assert word.on in {*agreed, last_day + timedelta(days=1)}
            assert min(agreed) <= word.on <= cap_on(episode.course.s)

    @invariant()
    def clocks_are_carried_from_the_first_start(self) -> None:
        """S9: the first day of a clock is the first day of some episode of that person."""
        for name, person in self.county.people.items():
            starts = {f.word.on for f in self.facts if f.key == name and isinstance(f.word, EnablementStarted)}
            for episode in person.episodes:
                if episode.course:
                    assert episode.course.s in starts
                    assert {episode.course.s, episode.course.started_on} <= starts

    @invariant()
    def the_dead_have_nothing_open(self) -> None:
        """I22: after a death nothing is open, and nothing is asked for."""
        for person in self.county.people.values():
            if person.died_on is not None:
                assert not [e for e in person.episodes if e.is_open]
                assert not [e for e in person.episodes if e.in_being]

    @invariant()
    def what_is_over_is_not_held_and_not_asked_for(self) -> None:
        """Rulings 42 and 46: the end lifts holds and withdraws requests."""
        for episode in self._episodes():
            if not episode.is_open:
                assert not episode.held
                assert episode.in_being is None
            if episode.standing is Standing.ENDED:
                assert episode.ended_on is not None

    @invariant()
    def one_organisation_for_each_line(self) -> None:
        """I13: an in-house episode whose handover has started is over, and its external episode exists."""
        for person in self.county.people.values():
            for episode in person.episodes:
                if episode.request and episode.request.standing == "STARTED":
                    assert not episode.is_open
                    assert person.episode(sis_episode_id_of(episode.request.handover_id)) is not None

    @invariant()
    def ids_name_one_episode_of_a_person(self) -> None:
        """Ruling 10: a person has no two episodes of one id, and the medway lot only for Medway."""
        for person in self.county.people.values():
            ids = [episode.id for episode in person.episodes]
            assert len(ids) == len(set(ids))
        for fact in self.facts:
            if isinstance(fact.word, HandoverRequested):
                assert (fact.word.lot == "MEDWAY") == (fact.word.district == "medway")

    @invariant()
    def nobody_unknown_is_kept(self) -> None:
        """Ruling 21: what is said of nobody makes nobody."""
        assert PEOPLE[2] not in self.county.people
        assert all(fact.word.TYPE.endswith("HandoverOutcomeSetAside") for fact in self.facts if fact.key == PEOPLE[2])

    @invariant()
    def the_ledger_folds_to_the_state(self) -> None:
        """Design section 2: state is a fold of facts, and nothing else."""
        if len(self.facts) % 7 == 0:
            assert after(INITIAL, Decision(tuple(self.facts))) == self.county


Histories.TestCase.settings = settings(max_examples=35, stateful_step_count=30)
TestHistories = Histories.TestCase


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[tuple[str, Word]], list[bool]]:
    """What is said of two people, and in which way the two stories may be woven together otherwise."""
    today = BEGINNING + timedelta(days=300)
    known: list[tuple[str, Word]] = []
    for person in PEOPLE[:2]:
        begin = [word("2013-01-10", episode=EPISODES[0]) for word in (say.referred, say.accepted, say.started)]
        said = draw(st.lists(words(today), max_size=8))
        known += [(person, word) for word in [say.registered(), *begin, *said]]
    return known, draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known)))


@settings(max_examples=40)
@given(tellings())
def test_a_person_s_facts_do_not_depend_on_other_people(telling: tuple[list[tuple[str, Word]], list[bool]]) -> None:
    """Two people's stories told one after the other, or woven together, leave each of them the same facts."""
    said, weave = telling
    one, other = ([entry for entry in said if entry[0] == person] for person in PEOPLE[:2])
    woven: list[tuple[str, Word]] = []
    for first in weave:
        source = (one if first else other) or one or other
        woven.append(source.pop(0))
    assert facts_by_person(said) == facts_by_person(woven)


def facts_by_person(said: list[tuple[str, Word]]) -> dict[str, list[Word]]:
    """Each person's facts, with days before, between and after what is said."""
    county, found = INITIAL, dict[str, list[Word]]()
    today = BEGINNING + timedelta(days=300)
    for subject, word in [("", DayBegan(date=today)), *said, ("", DayBegan(date=today + timedelta(days=100)))]:
        decision = decide(told_input(word, subject), county)
        county = after(county, decision)
        for fact in decision.facts:
            found.setdefault(fact.key, []).append(fact.word)
    return found


def test_the_histories_can_say_every_word_of_the_recorder() -> None:
    """A plain history leaves every kind of fact that the recorder writes, so what is checked above is not empty."""
    county, facts = INITIAL, list[Fact]()
    story: list[tuple[str, Word]] = [
        ("", DayBegan(date=BEGINNING)),
        (PEOPLE[0], say.registered()),
        *((PEOPLE[0], word("2012-08-01", episode=EPISODES[0])) for word in USUAL[:4]),
        (PEOPLE[0], say.reviewed("2012-08-01", "LONG_TERM_SUPPORT", EPISODES[0])),
        (PEOPLE[0], say.corrected()),
        (PEOPLE[0], say.legacy("2008-01-01", EPISODES[1])),
        (PEOPLE[0], say.ended("2012-08-01", EPISODES[1])),
        ("", DayBegan(date=date(2013, 3, 1))),
        (PEOPLE[0], say.start_confirmed(handover_id_of(EPISODES[0]), "2013-03-01", EPISODES[0])),
        (PEOPLE[0], say.start_confirmed(handover_id_of(EPISODES[0]), "2013-03-01", EPISODES[0])),
        (PEOPLE[0], say.support_ended(handover_id_of(EPISODES[0]), "2013-03-02")),
    ]
    for subject, word in story:
        decision = decide(told_input(word, subject), county)
        assert not decision.refusals
        county = after(county, decision)
        facts += decision.facts
    assert {fact.word.TYPE for fact in facts if not fact.copied} - {"kmpt.episodes.v1.EpisodeEnded"} == set(
        RECORDER_WORDS
    )
    assert [fact for fact in facts if isinstance(fact.word, SisSupportStarted)]
