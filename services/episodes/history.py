"""How each fact of the ledger changes a person: `evolve`, which is total and never refuses.

Knows every fact. Must never ask whether it should have been recorded.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never, cast

from services.county.policy import policy_on
from services.episodes.episode import Course, Episode, Request, RequestStanding, Standing, packed
from services.episodes.person import Papers, Person
from services.episodes.str_clock import continues
from services.words import course, people, recorded, work
from services.words.calendar import DayBegan
from services.words.catalogue import (
    DueWord,
    EpisodesFact,
    GuardWord,
    HandoverWord,
    NoteWord,
    OpeningWord,
    PersonWord,
    StepWord,
    WorkWord,
)
from services.words.deciding import Fact
from services.words.keeping import RulesAdopted
from services.words.word import Sealed


def evolve(person: Person | None, fact: Fact) -> Person | None:
    """The person after a fact of theirs; None while nobody is registered."""
    word = cast(EpisodesFact, fact.word)
    if isinstance(word, people.PersonRegistered):
        return Person(word.district, word.birth_year, papers=_papers(word.sealed, fact))
    if person is None:
        return None
    if isinstance(word, WorkWord):
        return _worked(person, word)
    if isinstance(word, StepWord):
        return _stepped(person, word)
    if isinstance(word, NoteWord):
        return _noted(person, word)
    if isinstance(word, OpeningWord):
        return _opened(person, word)
    if isinstance(word, DueWord):
        return person.changed(word.episode_id, lambda episode: _fell_due(episode, word))
    if isinstance(word, HandoverWord):
        return _handed_over(person, word)
    if isinstance(word, PersonWord):
        return _told(person, word, fact)
    if isinstance(word, GuardWord | DayBegan | RulesAdopted):
        return person
    assert_never(word)


def _worked(person: Person, word: WorkWord) -> Person:
    match word:
        case work.ContactRecorded():
            contact = packed(word.contact_id)
            return person.changed(word.episode_id, lambda e: e.with_contact(contact))
        case (
            work.WorkerAssigned()
            | work.NeedsAssessed()
            | work.SupportPlanAgreed()
            | work.IndirectActivityRecorded()
            | work.OnwardReferralMade()
        ):
            return person
        case _:
            assert_never(word)


def _stepped(person: Person, word: StepWord) -> Person:
    match word:
        case course.EnablementStarted():
            begun = Course(word.on, _clock_of(person, word))
            return person.changed(word.episode_id, lambda e: e._replace(standing=Standing.OPEN, course=begun))
        case course.ReferralAccepted():
            return person.changed(word.episode_id, lambda e: e._replace(standing=Standing.ACCEPTED))
        case course.ReferralRejected() | course.EpisodeEnded():
            return person.changed(word.episode_id, lambda e: _ended(e, word.on))
        case course.EnablementCompleted():
            return person.changed(word.episode_id, lambda e: _on_course(e, completed_on=word.last_day))
        case course.ReviewHeld():
            return person.changed(word.episode_id, lambda e: _reviewed(e, word))
        case course.EpisodePlacedOnHold():
            return person.changed(word.episode_id, lambda e: e._replace(held=True))
        case course.EpisodeResumed():
            return person.changed(word.episode_id, lambda e: e._replace(held=False))
        case course.EpisodeMovedToTeam() | course.HandoverDeclinedByPerson():
            return person
        case _:
            assert_never(word)


def _noted(person: Person, word: NoteWord) -> Person:
    match word:
        case work.ContactEnteredInError():
            contact = packed(word.contact_id)
            return person.changed(word.episode_id, lambda e: e._replace(struck=e.struck + contact))
        case course.EpisodeEnteredInError():
            return person.changed(word.episode_id, lambda e: e._replace(standing=Standing.ENTERED_IN_ERROR, held=False))
        case work.ContactCorrected() | course.ChargeExemptionRecorded():
            return person
        case _:
            assert_never(word)


def _opened(person: Person, word: OpeningWord) -> Person:
    match word:
        case course.ReferralReceived():
            return person.opened(Episode(word.episode_id, "STR", word.on, Standing.REFERRED))
        case course.LegacyCssCaseIdentified():
            return person.opened(Episode(word.episode_id, "CSS", word.since, Standing.OPEN))
        case _:
            assert_never(word)


def _fell_due(episode: Episode, word: DueWord) -> Episode:
    match word:
        case recorded.EnablementEnded():
            return _on_course(episode, enablement_ended=True)
        case recorded.ChargeablePeriodStarted():
            return _on_course(episode, charged=True)
        case recorded.CapApproaching():
            return _on_course(episode, warned=True)
        case recorded.CapReached():
            return _on_course(episode, capped=True)
        case _:
            assert_never(word)


def _handed_over(person: Person, word: HandoverWord) -> Person:
    match word:
        case recorded.HandoverRequested():
            request = Request(word.handover_id, word.lot)
            return person.changed(word.episode_id, lambda e: e._replace(request=request))
        case recorded.HandoverRequestWithdrawn():
            return person.answered(word.handover_id, cast(RequestStanding, word.why))
        case recorded.SisSupportStarted():
            sis = Episode(
                word.sis_episode_id, "SIS", word.on, Standing.OPEN, handover_id=word.handover_id, lot=word.lot
            )
            return person.answered(word.handover_id, "STARTED").opened(sis)
        case recorded.SisSupportEnded():
            return person.changed(word.sis_episode_id, lambda e: _ended(e, word.on))
        case recorded.DossierChanged() | recorded.HandoverOutcomeSetAside():
            return person
        case _:
            assert_never(word)


def _told(person: Person, word: PersonWord, fact: Fact) -> Person:
    match word:
        case people.PersonRegistered():
            return Person(word.district, word.birth_year, papers=_papers(word.sealed, fact))
        case people.PersonDetailsCorrected():
            district = word.district or person.district
            return person._replace(district=district, birth_year=word.birth_year, papers=_papers(word.sealed, fact))
        case people.PersonDied():
            return person._replace(died_on=word.on)
        case people.AccommodationChanged() | people.MoveCheckDone():
            return person
        case _:
            assert_never(word)


def _ended(episode: Episode, on: date) -> Episode:
    return episode._replace(standing=Standing.ENDED, ended_on=on, held=False)


def _reviewed(episode: Episode, word: course.ReviewHeld) -> Episode:
    return episode._replace(course=episode.course and episode.course.reviewed(word.on, word.outcome))


def _on_course(episode: Episode, **change: date | bool) -> Episode:
    return episode._replace(course=episode.course and episode.course._replace(**change))  # type: ignore[arg-type]  # names and values are written out above


def _clock_of(person: Person, word: course.EnablementStarted) -> date:
    """Day 1 of the clock: of the last STR episode's if this one starts soon enough after it (S9, rulings 39 and 40)."""
    former = [
        (e.ended_on, e.course.s) for e in person.episodes if e.course and e.ended_on and e.standing is Standing.ENDED
    ]
    if not former:
        return word.on
    last_day, s = max(former)
    return s if continues(last_day, word.on, policy_on(word.on)) else word.on


def _papers(sealed: Sealed | None, fact: Fact) -> Papers | None:
    if sealed is None:
        return None
    return Papers(sealed.key_id, sealed.key, sealed.blob, fact.cause_source, fact.cause_id, fact.word.TYPE)
