"""Whether a team's word may be recorded: the first refusal that applies, in the order of ruling 8.

Knows the rules S1 to S12 as far as they refuse. Must never say what follows from a word that is admitted.
"""

from __future__ import annotations

from datetime import date
from typing import cast, get_args

from services.county.codes import is_known
from services.county.policy import policy_on
from services.episodes.dates import dated
from services.episodes.episode import Episode, Standing
from services.episodes.person import Person
from services.episodes.str_clock import cap_on
from services.words import course, people, work
from services.words.catalogue import TEAM_WORDS, OpeningWord, StepWord
from services.words.coded import coded_fields
from services.words.deciding import Input
from services.words.refusals import Refusal
from services.words.word import Word

_OF_AN_EPISODE = frozenset(word for word in TEAM_WORDS.values() if "episode_id" in word.model_fields)
_OPENING = frozenset(get_args(OpeningWord))
_NEVER_AFTER_DEATH = frozenset({course.ReferralReceived, course.LegacyCssCaseIdentified, people.PersonDied})
_NOT_BEFORE_SUPPORT = frozenset(
    {work.ContactRecorded, course.ReviewHeld, course.EnablementCompleted, course.EpisodeEnded}
)


def refusal_of(told: Input[Word], person: Person | None, today: date | None) -> Refusal | None:
    """The refusal of a team's word, the first that applies; None if it is to be recorded."""
    word, on = told.word, dated(told.word)
    return (
        _of_the_person(told, person)
        or _after_death(word, on, person)
        or _unknown_code(word)
        or _in_episode(word, on, person, today)
        or _in_the_future(on, today)
    )


def _of_the_person(told: Input[Word], person: Person | None) -> Refusal | None:
    registers = type(told.word) is people.PersonRegistered
    if person is None and not registers:
        return Refusal("UNKNOWN_PERSON")
    if (registers and person is not None) or told.number == "taken":
        return Refusal("DUPLICATE_PERSON")
    return Refusal("INVALID_NHS_NUMBER") if told.number == "invalid" else None


def _after_death(word: Word, on: date | None, person: Person | None) -> Refusal | None:
    if person is None or person.died_on is None:
        return None
    if type(word) in _NEVER_AFTER_DEATH or (on is not None and on > person.died_on):
        return Refusal("PERSON_DIED", {"died_on": person.died_on.isoformat()})
    return None


def _unknown_code(word: Word) -> Refusal | None:
    for coded in coded_fields(type(word)):
        for code in coded.codes(word):
            if not is_known(coded.list_name, code):
                name = "UNKNOWN_TEAM" if coded.list_name == "team" else "UNKNOWN_CODE"
                return Refusal(name, {"field": coded.field, "list": coded.list_name})
    return None


def _in_the_future(on: date | None, today: date | None) -> Refusal | None:
    if on is None or (today is not None and on <= today):
        return None
    return Refusal("IN_THE_FUTURE", {"limit": today.isoformat() if today else "the day before the first"})


def _in_episode(word: Word, on: date | None, person: Person | None, today: date | None) -> Refusal | None:
    if person is None or type(word) not in _OF_AN_EPISODE:
        return None
    episode = person.episode(word.episode_id)  # type: ignore[attr-defined]  # asked only of words that have the field
    if type(word) in _OPENING:
        return _opening(cast(OpeningWord, word), person, episode, today)
    if episode is None:
        return Refusal("UNKNOWN_EPISODE")
    return (
        _contact(word, episode)
        or _over(word, episode)
        or _out_of_place(word, episode)
        or (None if on is None else _out_of_time(word, on, episode))
    )


def _opening(word: OpeningWord, person: Person, episode: Episode | None, today: date | None) -> Refusal | None:
    if episode is not None:
        return Refusal("EPISODE_EXISTS")
    policy = policy_on(today or date.min)
    if isinstance(word, course.LegacyCssCaseIdentified):
        if today is not None and today >= policy.css_closed_from:
            return Refusal("CSS_CLOSED", {"limit": policy.css_closed_from.isoformat()})
        return None
    if any(other.model == "STR" and other.is_open for other in person.episodes):
        return Refusal("STR_ALREADY_OPEN")
    return Refusal("STR_BEFORE_2003", {"limit": policy.str_from.isoformat()}) if word.on < policy.str_from else None


def _contact(word: Word, episode: Episode) -> Refusal | None:
    match word:
        case work.ContactRecorded() if episode.has_contact(word.contact_id):
            return Refusal("ID_REUSED", {"what": "contact"})
        case work.ContactCorrected() | work.ContactEnteredInError() if not episode.has_live_contact(word.contact_id):
            return Refusal("UNKNOWN_CONTACT")
        case _:
            return None


def _over(word: Word, episode: Episode) -> Refusal | None:
    if not _is_over(word, episode):
        return None
    ended_on = episode.ended_on.isoformat() if episode.ended_on else "its entry in error"
    return Refusal("EPISODE_NOT_OPEN", {"ended_on": ended_on})


def _out_of_place(word: Word, episode: Episode) -> Refusal | None:
    if not _has_place(word, episode):
        return Refusal("WRONG_PHASE", {"phase": episode.phase()})
    if isinstance(word, course.ReviewHeld) and word.outcome == "LONG_TERM_SUPPORT" and episode.request:
        return Refusal("HANDOVER_OPEN")
    return None


def _is_over(word: Word, episode: Episode) -> bool:
    """Ended episodes take no step (ruling 26), those entered in error nothing at all (ruling 27)."""
    if episode.standing is Standing.ENTERED_IN_ERROR:
        return True
    return not episode.is_open and isinstance(word, StepWord)


def _has_place(word: Word, episode: Episode) -> bool:
    """Whether the phase has a place for the word (rulings 28, 37, 44 and 98)."""
    if episode.model == "SIS":
        return False
    match word:
        case work.ContactRecorded():
            return True
        case course.ReferralAccepted() | course.ReferralRejected():
            return episode.standing is Standing.REFERRED
        case course.EnablementStarted():
            return episode.standing is Standing.ACCEPTED
        case course.EnablementCompleted():
            return (
                episode.phase() == "ENABLEMENT" and episode.course is not None and episode.course.completed_on is None
            )
        case course.ReviewHeld():
            return episode.course is not None
        case course.EpisodePlacedOnHold():
            return not episode.held
        case course.EpisodeResumed():
            return episode.held
        case course.HandoverDeclinedByPerson():
            return episode.in_being is not None
        case _:
            return True


def _out_of_time(word: Word, on: date, episode: Episode) -> Refusal | None:
    """What a dated word may not lie before or after (rulings 26, 29 and 30)."""
    if on < episode.opened_on:
        return Refusal("BEFORE_START", {"limit": episode.opened_on.isoformat()})
    begins_on, capped_on = episode.begins_on, None
    if type(word) in _NOT_BEFORE_SUPPORT and begins_on is not None and on < begins_on:
        return Refusal("BEFORE_START", {"limit": begins_on.isoformat()})
    if type(word) is work.ContactRecorded:
        if begins_on is None:
            return Refusal("BEFORE_START", {"limit": "the start of support, which is not recorded"})
        capped_on = cap_on(episode.course.s) if episode.course else None
    if capped_on is not None and on > capped_on:
        return Refusal("AFTER_CAP", {"limit": capped_on.isoformat()})
    if episode.ended_on is not None and on > episode.ended_on:
        return Refusal("AFTER_END", {"limit": episode.ended_on.isoformat()})
    return None
