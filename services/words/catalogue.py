"""Every word by its full name, who may say it, and which inbox takes it.

Knows all words. Must never know how they are carried.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from services.words import course, guarding, outcomes, people, recorded, work
from services.words.calendar import DayBegan
from services.words.handover_catalogue import HANDOVER_WORDS
from services.words.keeping import MonthKeyPublished, Redriven, Refused, RulesAdopted
from services.words.word import Word

PersonWord = (
    people.PersonRegistered
    | people.PersonDetailsCorrected
    | people.PersonDied
    | people.AccommodationChanged
    | people.MoveCheckDone
)
"""What a team says of a person."""
OpeningWord = course.ReferralReceived | course.LegacyCssCaseIdentified
"""What makes an episode."""
StepWord = (
    course.ReferralRejected
    | course.ReferralAccepted
    | course.EnablementStarted
    | course.EnablementCompleted
    | course.ReviewHeld
    | course.EpisodePlacedOnHold
    | course.EpisodeResumed
    | course.EpisodeMovedToTeam
    | course.HandoverDeclinedByPerson
    | course.EpisodeEnded
)
"""What moves an open episode on (rulings 26 and 98)."""
NoteWord = (
    course.ChargeExemptionRecorded | course.EpisodeEnteredInError | work.ContactCorrected | work.ContactEnteredInError
)
"""Undated records, admitted for ended episodes too (ruling 26)."""
WorkWord = (
    work.ContactRecorded
    | work.WorkerAssigned
    | work.NeedsAssessed
    | work.SupportPlanAgreed
    | work.IndirectActivityRecorded
    | work.OnwardReferralMade
)
"""Dated records of work, admitted for an ended episode if dated not after its end (ruling 26)."""
EpisodeWord = OpeningWord | StepWord | NoteWord | WorkWord
DueWord = recorded.EnablementEnded | recorded.ChargeablePeriodStarted | recorded.CapApproaching | recorded.CapReached
"""What falls due by the day alone."""
HandoverWord = (
    recorded.HandoverRequested
    | recorded.DossierChanged
    | recorded.HandoverRequestWithdrawn
    | recorded.SisSupportStarted
    | recorded.SisSupportEnded
    | recorded.HandoverOutcomeSetAside
)
"""The recorder's side of a handover."""
OutcomeWord = outcomes.StartConfirmed | outcomes.SupportEndReported
GuardWord = (
    guarding.DisclosureRequested
    | guarding.DisclosureApproved
    | guarding.ErasureRequested
    | guarding.ErasureApproved
    | guarding.LegalHoldPlaced
    | guarding.LegalHoldLifted
    | guarding.ReleasedOutside
    | guarding.PersonErased
)
"""What is asked, approved and done about who may read a person's records."""
EpisodesFact = PersonWord | EpisodeWord | DueWord | HandoverWord | GuardWord | DayBegan | RulesAdopted
"""Everything that may stand in the episodes ledger."""


def _named(*unions: object) -> dict[str, type[Word]]:
    members = [word for union in unions for word in (get_args(union) or (union,))]
    return {word.TYPE: word for word in members}


TEAM_WORDS: Mapping[str, type[Word]] = _named(PersonWord, EpisodeWord)
"""What a team may emit into the episodes inbox."""
RECORDER_WORDS: Mapping[str, type[Word]] = _named(DueWord, HandoverWord)
"""What only the recorder writes."""
OUTCOME_WORDS: Mapping[str, type[Word]] = _named(OutcomeWord)
"""What only the outcomes door says to the recorder."""
GUARD_WORDS: Mapping[str, type[Word]] = _named(GuardWord)
"""What only the guardian door says to the recorder."""
EVERY_WORD: Mapping[str, type[Word]] = {
    **TEAM_WORDS,
    **RECORDER_WORDS,
    **OUTCOME_WORDS,
    **GUARD_WORDS,
    **HANDOVER_WORDS,
    **_named(DayBegan, RulesAdopted, Redriven, Refused, MonthKeyPublished),
}
