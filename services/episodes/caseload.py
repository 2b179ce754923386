"""The caseload as a fold of the ledger's facts: what each fact changes in what is shown.

What changes by the day alone is computed when read (ruling 2); contacts
are counted elsewhere, for they change nothing here. Must never know SQL, nor why a fact was admitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import assert_never

from services.county.policy import policy_on
from services.episodes.shown import Case, EpisodeShown, HandoverShown, Holder, PersonShown
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
    WorkWord,
)
from services.words.keeping import RulesAdopted


def evolve(case: Case, fact: EpisodesFact, today: date) -> Case:
    """The case after one fact of its person; `today` is that of the person's partition when the fact was recorded.

    Total: it never refuses. Facts come in the order of the ledger and are folded by their dates (ruling 6).
    """
    if isinstance(fact, PersonWord):
        return Case(_told(case.person, fact), case.episodes)
    if isinstance(fact, OpeningWord):
        return _with(case, _opened(fact))
    if isinstance(fact, HandoverWord):
        return _handed_over(case, fact)
    if isinstance(fact, GuardWord | DayBegan | RulesAdopted):
        return case
    if isinstance(fact, course.EnablementStarted):
        return _changed(case, fact.episode_id, lambda episode: _started(case, episode, fact.on))
    return _changed(case, fact.episode_id, lambda episode: _moved_on(episode, fact, today))


def _told(person: PersonShown, fact: PersonWord) -> PersonShown:
    match fact:
        case people.PersonRegistered():
            return replace(person, district=fact.district)
        case people.PersonDetailsCorrected():
            return replace(person, district=fact.district or person.district)
        case people.AccommodationChanged():
            return replace(person, moved_on=_latest(person.moved_on, fact.on)) if fact.moved else person
        case people.MoveCheckDone():
            done_on = _latest(person.checks.get(fact.check), fact.on)
            return replace(person, checks={**person.checks, fact.check: done_on})
        case people.PersonDied():
            return person
        case _:
            assert_never(fact)


def _opened(fact: OpeningWord) -> EpisodeShown:
    holder = Holder("team", fact.team)
    match fact:
        case course.ReferralReceived():
            return EpisodeShown(fact.episode_id, "STR", fact.on, holder, fact.on)
        case course.LegacyCssCaseIdentified():
            return EpisodeShown(fact.episode_id, "CSS", fact.since, holder, fact.since)
        case _:
            assert_never(fact)


def _started(case: Case, episode: EpisodeShown, on: date) -> EpisodeShown:
    """Day 1 of the clock: that of the last STR episode if this one starts soon after it (S9, rulings 39 and 40)."""
    ended = [
        (other.ended_on, other.s)
        for other in case.episodes.values()
        if other is not episode and other.s and other.ended_on and not other.in_error
    ]
    if not ended:
        return replace(episode, started_on=on, s=on)
    last_day, s = max(ended)
    continued = continues(last_day, on, policy_on(on))
    return replace(episode, started_on=on, s=s if continued else on, gap=(on - last_day).days, continued=continued)


_Course = (
    course.ReferralRejected
    | course.ReferralAccepted
    | course.EnablementCompleted
    | course.ReviewHeld
    | course.EpisodePlacedOnHold
    | course.EpisodeResumed
    | course.EpisodeMovedToTeam
    | course.HandoverDeclinedByPerson
    | course.EpisodeEnded
)


def _moved_on(episode: EpisodeShown, fact: _Course | NoteWord | WorkWord | DueWord, today: date) -> EpisodeShown:
    if isinstance(fact, DueWord):
        return _fell_due(episode, fact)
    if isinstance(fact, NoteWord):
        return _noted(episode, fact, today)
    if isinstance(fact, WorkWord):
        return _worked(episode, fact)
    return _stepped(episode, fact)


def _stepped(episode: EpisodeShown, fact: _Course) -> EpisodeShown:
    match fact:
        case course.ReferralAccepted():
            return replace(episode, accepted=True)
        case course.ReviewHeld() if episode.reviewed_on is None or fact.on >= episode.reviewed_on:
            return replace(episode, reviewed_on=fact.on, outcome=fact.outcome)
        case course.EpisodePlacedOnHold() | course.EpisodeResumed():
            return replace(episode, held=isinstance(fact, course.EpisodePlacedOnHold))
        case course.EpisodeMovedToTeam() if fact.on >= episode.holder_since:
            return replace(episode, holder=Holder("team", fact.team), holder_since=fact.on)
        case course.EpisodeEnded() | course.ReferralRejected():
            return replace(episode, ended_on=fact.on)
        case (
            course.ReviewHeld()
            | course.EpisodeMovedToTeam()
            | course.EnablementCompleted()
            | course.HandoverDeclinedByPerson()
        ):
            return episode
        case _:
            assert_never(fact)


def _noted(episode: EpisodeShown, fact: NoteWord, today: date) -> EpisodeShown:
    match fact:
        case course.ChargeExemptionRecorded():
            return replace(episode, exempt_from=min(episode.exempt_from or fact.from_on, fact.from_on))
        case course.EpisodeEnteredInError():
            return replace(episode, in_error=True, ended_on=min(episode.ended_on or today, today))
        case work.ContactCorrected() | work.ContactEnteredInError():
            return episode
        case _:
            assert_never(fact)


def _worked(episode: EpisodeShown, fact: WorkWord) -> EpisodeShown:
    match fact:
        case work.WorkerAssigned() if episode.worker_since is None or fact.on >= episode.worker_since:
            return replace(episode, worker_id=fact.worker_id, worker_since=fact.on)
        case (
            work.WorkerAssigned()
            | work.NeedsAssessed()
            | work.SupportPlanAgreed()
            | work.ContactRecorded()
            | work.IndirectActivityRecorded()
            | work.OnwardReferralMade()
        ):
            return episode
        case _:
            assert_never(fact)


def _fell_due(episode: EpisodeShown, fact: DueWord) -> EpisodeShown:
    match fact:
        case recorded.EnablementEnded():
            return replace(episode, enablement_last_day=fact.last_day)
        case recorded.ChargeablePeriodStarted():
            return replace(episode, chargeable_from=fact.on, agreed_on=episode.reviewed_on)
        case recorded.CapReached():
            return replace(episode, capped=True)
        case recorded.CapApproaching():
            return episode
        case _:
            assert_never(fact)


def _handed_over(case: Case, fact: HandoverWord) -> Case:
    match fact:
        case recorded.HandoverRequested():
            asked = HandoverShown(fact.handover_id, "REQUESTED")
            return _changed(case, fact.episode_id, lambda episode: replace(episode, handover=asked))
        case recorded.HandoverRequestWithdrawn():
            return _handover_now(case, HandoverShown(fact.handover_id, "WITHDRAWN"))
        case recorded.SisSupportStarted():
            completed = HandoverShown(fact.handover_id, "COMPLETED", fact.provider_id)
            provider = Holder("provider", fact.provider_id)
            sis = EpisodeShown(fact.sis_episode_id, "SIS", fact.on, provider, fact.on, handover=completed)
            return _with(_handover_now(case, completed), sis)
        case recorded.SisSupportEnded():
            over = _handover_now(case, HandoverShown(fact.handover_id, "COMPLETED"))
            return _changed(over, fact.sis_episode_id, lambda episode: replace(episode, ended_on=fact.on))
        case recorded.DossierChanged() | recorded.HandoverOutcomeSetAside():
            return case
        case _:
            assert_never(fact)


def _handover_now(case: Case, handover: HandoverShown) -> Case:
    """Both the in-house and the external row show the handover (ruling 97)."""
    changed = {
        episode_id: replace(episode, handover=handover)
        for episode_id, episode in case.episodes.items()
        if episode.handover is not None and episode.handover.handover_id == handover.handover_id
    }
    return Case(case.person, {**case.episodes, **changed})


def _with(case: Case, episode: EpisodeShown) -> Case:
    return Case(case.person, {**case.episodes, episode.episode_id: episode})


def _changed(case: Case, episode_id: str, change: Callable[[EpisodeShown], EpisodeShown]) -> Case:
    episode = case.episodes.get(episode_id)
    return case if episode is None else _with(case, change(episode))


def _latest(one: date | None, other: date) -> date:
    return other if one is None else max(one, other)
