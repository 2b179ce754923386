"""Every fact of the episodes ledger as one plain English sentence, for timelines and for history.

Knows words and the meaning of codes. Must never say who a person or a worker is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from services.county.civil_dates import LONDON, parse_instant
from services.county.codes import CODES
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
    WorkWord,
)
from services.words.guarding_sentences import guard_sentence
from services.words.keeping import RulesAdopted

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WITHDRAWN_BECAUSE = {
    "ENDED": "the episode ended",
    "DIED": "the person died",
    "ENTERED_IN_ERROR": "the episode was entered in error",
    "DECLINED_BY_PERSON": "the person does not want to move",
}
_SET_ASIDE_BECAUSE = {
    **_WITHDRAWN_BECAUSE,
    "WITHDRAWN": "the request was withdrawn",
    "UNKNOWN_PERSON": "the person is not known here",
    "UNKNOWN_HANDOVER": "the handover is not known here",
    "ALREADY_STARTED": "support has started already",
}
_BEGUN_BECAUSE = {
    "LONG_TERM_SUPPORT": "long-term support is needed",
    "LEGACY_CSS": "a long-term case was found in house",
    "RECONTRACTED": "support by this provider was contracted anew",
}


def sentence_of(fact: EpisodesFact) -> str:
    """The fact in plain words; a code that no list knows is said as it stands."""
    if isinstance(fact, PersonWord):
        return _person(fact)
    if isinstance(fact, OpeningWord):
        return _opening(fact)
    if isinstance(fact, NoteWord):
        return _note(fact)
    if isinstance(fact, WorkWord):
        return _work(fact)
    if isinstance(fact, DueWord):
        return _due(fact)
    if isinstance(fact, HandoverWord):
        return _handover(fact)
    if isinstance(fact, GuardWord):
        return guard_sentence(fact)
    if isinstance(fact, DayBegan | RulesAdopted):
        return _everywhere(fact)
    return _step(fact)


def day_in_words(day: date) -> str:
    """A day as it is said: 1 October 2012."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def meaning(list_name: str, code: str) -> str:
    """What a code means, or the code itself if its list does not know it."""
    known = CODES[list_name].get(code)
    return known.label if known else code


def _person(fact: PersonWord) -> str:
    match fact:
        case people.PersonRegistered():
            return f"The person was registered, living in {meaning('district', fact.district)}."
        case people.PersonDetailsCorrected():
            home = f", who lives in {meaning('district', fact.district)}," if fact.district else ""
            return f"The details of the person{home} were corrected."
        case people.PersonDied():
            return f"The person died on {day_in_words(fact.on)}."
        case people.AccommodationChanged():
            how = "moved" if fact.moved else "did not move"
            home = f"{meaning('accommodation', fact.accommodation)} ({meaning('settled', fact.settled).lower()})"
            return f"On {day_in_words(fact.on)} the accommodation became: {home}; the person {how}."
        case people.MoveCheckDone():
            return f"On {day_in_words(fact.on)} it was checked after a move: {_lower(meaning('check', fact.check))}."
        case _:
            assert_never(fact)


def _opening(fact: OpeningWord) -> str:
    team = meaning("team", fact.team)
    match fact:
        case course.ReferralReceived():
            source, reason = meaning("source", fact.source), _lower(meaning("reason", fact.reason))
            priority = _lower(meaning("priority", fact.priority))
            return (
                f"On {day_in_words(fact.on)} a referral reached {team} (from: {source}; for: {reason}; "
                f"priority: {priority})."
            )
        case course.LegacyCssCaseIdentified():
            risk, needs = _lower(meaning("risk", fact.risk)), _needs(fact.needs)
            return (
                f"Long-term support in house since {day_in_words(fact.since)} was identified at {team}: "
                f"{fact.weekly_minutes} minutes a week, {risk}, needs: {needs}."
            )
        case _:
            assert_never(fact)


_Answer = course.ReferralRejected | course.ReferralAccepted | course.EnablementStarted | course.EpisodeEnded
_Course = (
    course.EnablementCompleted
    | course.ReviewHeld
    | course.EpisodePlacedOnHold
    | course.EpisodeResumed
    | course.EpisodeMovedToTeam
    | course.HandoverDeclinedByPerson
)


def _step(fact: _Answer | _Course) -> str:
    match fact:
        case course.ReferralRejected():
            return f"The referral was rejected on {day_in_words(fact.on)}: {_lower(meaning('rejection', fact.reason))}."
        case course.ReferralAccepted():
            return f"The referral was accepted on {day_in_words(fact.on)}."
        case course.EnablementStarted():
            return f"Support began on {day_in_words(fact.on)}."
        case course.EpisodeEnded():
            return f"The episode ended on {day_in_words(fact.on)}: {_lower(meaning('closure', fact.reason))}."
        case _:
            return _course(fact)


def _course(fact: _Course) -> str:
    match fact:
        case course.EnablementCompleted():
            why = _lower(meaning("completion", fact.reason))
            return f"Enablement was completed early, with {day_in_words(fact.last_day)} as its last day: {why}."
        case course.ReviewHeld():
            minutes = f", {fact.weekly_minutes} minutes a week" if fact.weekly_minutes else ""
            outcome = _lower(meaning("outcome", fact.outcome))
            return f"A review was held on {day_in_words(fact.on)}: {outcome}{minutes}."
        case course.EpisodePlacedOnHold():
            return f"Support was placed on hold on {day_in_words(fact.on)}; the clock runs on."
        case course.EpisodeResumed():
            return f"Support was resumed on {day_in_words(fact.on)}."
        case course.EpisodeMovedToTeam():
            return f"From {day_in_words(fact.on)} the episode is with {meaning('team', fact.team)}."
        case course.HandoverDeclinedByPerson():
            return f"On {day_in_words(fact.on)} the person declined to move to an external provider."
        case _:
            assert_never(fact)


def _note(fact: NoteWord) -> str:
    match fact:
        case course.ChargeExemptionRecorded():
            why = meaning("exemption", fact.exemption)
            return f"The person is exempt from charges from {day_in_words(fact.from_on)}: {why}."
        case course.EpisodeEnteredInError():
            return "The episode was entered in error and counts for nothing."
        case work.ContactCorrected():
            minutes = f" {fact.minutes} minutes" if fact.minutes else ""
            attendance = f" {_lower(meaning('attendance', fact.attendance))}" if fact.attendance else ""
            return f"A contact was corrected:{minutes}{',' if minutes and attendance else ''}{attendance}."
        case work.ContactEnteredInError():
            return "A contact was entered in error and counts no more."
        case _:
            assert_never(fact)


def _work(fact: WorkWord) -> str:
    match fact:
        case work.WorkerAssigned():
            return f"A worker was given the case from {day_in_words(fact.on)} on."
        case work.NeedsAssessed():
            risk = _lower(meaning("risk", fact.risk))
            return f"Needs were assessed on {day_in_words(fact.on)}: {_needs(fact.needs)}; {risk}."
        case work.SupportPlanAgreed():
            return f"A plan was agreed on {day_in_words(fact.on)}: {fact.weekly_minutes} minutes of support a week."
        case work.ContactRecorded():
            return _contact(fact)
        case work.IndirectActivityRecorded():
            agency = f" with an agency ({_lower(meaning('agency', fact.agency))})" if fact.agency else ""
            activity = _lower(meaning("activity", fact.activity))
            return f"{fact.minutes} minutes of indirect work on {day_in_words(fact.on)}{agency}: {activity}."
        case work.OnwardReferralMade():
            agency = _lower(meaning("agency", fact.agency))
            return f"On {day_in_words(fact.on)} the person was referred on to an agency: {agency}."
        case _:
            assert_never(fact)


def _contact(fact: work.ContactRecorded) -> str:
    began = parse_instant(fact.started_at).astimezone(LONDON)
    how = _lower(meaning("mechanism", fact.mechanism))
    where, attended = meaning("place", fact.place), meaning("attendance", fact.attendance)
    return (
        f"A contact of {fact.minutes} minutes began on {day_in_words(began.date())} at {began:%H:%M} "
        f"({how}; {_lower(where)}; {_lower(attended)})."
    )


def _due(fact: DueWord) -> str:
    match fact:
        case recorded.EnablementEnded():
            return f"Enablement ended; its last day was {day_in_words(fact.last_day)}."
        case recorded.ChargeablePeriodStarted():
            return f"Support is chargeable from {day_in_words(fact.on)}."
        case recorded.CapApproaching():
            return f"The last permitted day, {day_in_words(fact.cap_on)}, is near."
        case recorded.CapReached():
            return f"The six months are over; {day_in_words(fact.last_day)} was the last permitted day."
        case _:
            assert_never(fact)


def _handover(fact: HandoverWord) -> str:
    match fact:
        case recorded.HandoverRequested():
            cause = _BEGUN_BECAUSE.get(fact.cause, fact.cause)
            return (
                f"A handover was asked for on {day_in_words(fact.on)}, {fact.weekly_minutes} minutes a week: {cause}."
            )
        case recorded.DossierChanged():
            return "The details that go with the request for a handover were replaced."
        case recorded.HandoverRequestWithdrawn():
            why = _WITHDRAWN_BECAUSE.get(fact.why, fact.why)
            return f"The request for a handover was withdrawn on {day_in_words(fact.on)}: {why}."
        case recorded.SisSupportStarted():
            cause = _BEGUN_BECAUSE.get(fact.cause, fact.cause)
            return f"Provider {fact.provider_id} supports the person from {day_in_words(fact.on)}: {cause}."
        case recorded.SisSupportEnded():
            why = _lower(meaning("closure", fact.reason))
            return f"External support ended; its last day was {day_in_words(fact.on)}: {why}."
        case recorded.HandoverOutcomeSetAside():
            return f"An outcome of the handover came too late: {_SET_ASIDE_BECAUSE.get(fact.why, fact.why)}."
        case _:
            assert_never(fact)


def _everywhere(fact: DayBegan | RulesAdopted) -> str:
    match fact:
        case DayBegan():
            return f"{day_in_words(fact.date)} began."
        case RulesAdopted():
            return f"The rules of release {fact.release} hold from here on."
        case _:
            assert_never(fact)


def _needs(needs: Sequence[str]) -> str:
    return ", ".join(_lower(meaning("need", need)) for need in needs)


def _lower(label: str) -> str:
    """A label inside a sentence; one that begins with an abbreviation stays as it is."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
