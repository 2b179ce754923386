"""The recorder's rules over one partition of the county: `decide` and `evolve`, and the days.

Knows today, the people of the partition and when each is next due. Must never know a log, a clock or a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, cast, get_args

from immutables import Map

from services.episodes.admission import refusal_of
from services.episodes.consequences import consequences, copied
from services.episodes.due import due
from services.episodes.guarding import NO_GUARD, Guard, guard_refusal, guarded
from services.episodes.history import evolve as evolve_person
from services.episodes.outcome import answer
from services.episodes.person import Person
from services.words.calendar import CALENDAR_KEY, DayBegan
from services.words.catalogue import GUARD_WORDS, TEAM_WORDS, EpisodeWord, GuardWord, OutcomeWord, PersonWord, WorkWord
from services.words.deciding import NOTHING, Decision, Fact, Input, refuse
from services.words.word import Word


class County(NamedTuple):
    """One partition of the county; `agenda` names for each day to come those for whom something is due on it.

    `guards`: those about whose records something was asked, or which are held.
    """

    today: date | None = None
    people: Map[str, Person] = Map()
    agenda: Map[date, Map[str, None]] = Map()
    guards: Map[str, Guard] = Map()


INITIAL = County()
_OF_TEAMS = frozenset(TEAM_WORDS.values())
_GUARDS = frozenset(GUARD_WORDS.values())
_WORK = frozenset(get_args(WorkWord))
"""Sets of types, because asking each of a union whether it is the word's costs more than all that follows from it."""


def decide(told: Input[Word], county: County) -> Decision:
    """All that follows from one input."""
    word, person = told.word, county.people.get(told.subject)
    if type(word) in _OF_TEAMS:
        refusal = refusal_of(told, person, county.today)
        return Decision(refusals=(refusal,)) if refusal else _admitted(told, person, county)
    if type(word) in _GUARDS:
        return _guarded(cast(Input[GuardWord], told), county)
    if isinstance(word, OutcomeWord):
        return _told(told, person, county, list(answer(word, person)))
    if isinstance(word, DayBegan):
        return _day(told, word, county)
    return Decision((_fact(told, CALENDAR_KEY, word, copy=True, same=True),))


def evolve(county: County, fact: Fact) -> County:
    """The partition after a fact."""
    word = fact.word
    if isinstance(word, DayBegan):
        return county._replace(today=word.date)
    if type(word) in _GUARDS:
        guard = guarded(county.guards.get(fact.key, NO_GUARD), cast(GuardWord, word))
        return county._replace(guards=county.guards.set(fact.key, guard))
    before = county.people.get(fact.key)
    after = evolve_person(before, fact)
    if after is None:
        return county
    people = county.people.set(fact.key, after)
    if type(word) in _WORK:
        return County(county.today, people, county.agenda, county.guards)
    return County(county.today, people, _moved(county.agenda, fact.key, before, after), county.guards)


def _admitted(told: Input[Word], person: Person | None, county: County) -> Decision:
    first = _fact(told, told.subject, copied(told), copy=True, same=not told.word.SEALED)
    if type(told.word) in _WORK:
        return Decision((first,))  # work changes no clock, so nothing more can follow
    after = evolve_person(person, first)
    assert after is not None
    word = cast(PersonWord | EpisodeWord, told.word)
    more = consequences(word, after, told.subject, county.today or date.min)
    facts = [first, *(_fact(told, told.subject, word) for word in more)]
    return Decision((*facts, *_settled(told, person, facts, county.today)))


def _guarded(told: Input[GuardWord], county: County) -> Decision:
    """What is asked about a person's records is recorded as it was said; nothing follows from it here."""
    guard = county.guards.get(told.subject, NO_GUARD)
    refusal = guard_refusal(told, guard, known=told.subject in county.people)
    if refusal is not None:
        return Decision(refusals=(refusal,))
    return Decision((_fact(cast(Input[Word], told), told.subject, told.word, copy=True, same=True),))


def _told(told: Input[Word], person: Person | None, county: County, words: Iterable[Word]) -> Decision:
    facts = [_fact(told, told.subject, word) for word in words]
    return Decision((*facts, *_settled(told, person, facts, county.today)))


def _settled(told: Input[Word], person: Person | None, facts: Iterable[Fact], today: date | None) -> Iterable[Fact]:
    """What is due today once these facts hold: so late words give the same facts as punctual ones (design §5)."""
    for fact in facts:
        person = evolve_person(person, fact)
    if person is None or today is None:
        return ()
    return [_fact(told, told.subject, word) for word in due(person, today)]


def _day(told: Input[Word], word: DayBegan, county: County) -> Decision:
    if word.date > told.received_on:
        return refuse("IN_THE_FUTURE", limit=told.received_on.isoformat())
    if county.today is not None and word.date <= county.today:
        return NOTHING
    facts = [_fact(told, CALENDAR_KEY, word, copy=True, same=True)]
    for person_id in _due_by(county, word.date):
        facts += (_fact(told, person_id, due_word) for due_word in due(county.people[person_id], word.date))
    return Decision(tuple(facts))


def _due_by(county: County, today: date) -> list[str]:
    days = [day for day in county.agenda if day <= today]
    return sorted({person_id for day in days for person_id in county.agenda[day]})


def _moved(
    agenda: Map[date, Map[str, None]], person_id: str, before: Person | None, after: Person
) -> Map[date, Map[str, None]]:
    former = date.max if before is None else before.next_due()
    coming = after.next_due()
    if former == coming:
        return agenda
    if former != date.max:
        left = agenda[former].delete(person_id)
        agenda = agenda.set(former, left) if left else agenda.delete(former)
    if coming != date.max:
        agenda = agenda.set(coming, agenda.get(coming, Map()).set(person_id, None))
    return agenda


def _fact(told: Input[Word], key: str, word: Word, *, copy: bool = False, same: bool = False) -> Fact:
    subject = "" if key == CALENDAR_KEY else key
    return Fact(key, subject, word, _correlation(word) or key, told.id, told.source, copied=copy, same=same)


def _correlation(word: Word) -> str | None:
    """The id of the episode that a word is about, else of the handover."""
    fields = word.__dict__
    return fields.get("episode_id") or fields.get("sis_episode_id") or fields.get("handover_id")
