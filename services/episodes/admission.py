"""Whether a team's word may be recorded: the first refusal that applies, in the order of ruling 8.

Knows the rules S1 to S12 as far as they refuse. Must never say what follows from a word that is admitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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
_NEVER_AFTER_DEATH = (course.ReferralReceived, course.LegacyCssCaseIdentified, people.PersonDied)
_NOT_BEFORE_SUPPORT = (work.ContactRecorded, course.ReviewHeld, course.EnablementCompleted, course.EpisodeEnded)


def refusal_of(told: Input[Word], person: Person | None, today: date | None) -> Refusal | None:
    """The refusal of a team's word; None if it is to be recorded."""
    return next(_refusals(told, person, today), None)


def _refusals(told: Input[Word], person: Person | None, today: date | None) -> Iterator[Refusal]:
    """Every refusal that applies, the first one first."""
    word = told.word
    registers = type(word) is people.PersonRegistered
    if person is None and not registers:
        yield Refusal("UNKNOWN_PERSON")
        return
    if (registers and person is not None) or told.number == "taken":
        yield Refusal("DUPLICATE_PERSON")
    if told.number == "invalid":
        yield Refusal("INVALID_NHS_NUMBER")
    on = dated(word)
    if person is not None and person.died_on is not None:
        yield from _after_death(word, on, person.died_on)
    yield from _unknown_codes(word)
    if person is not None and type(word) in _OF_AN_EPISODE:
        yield from _in_episode(word, on, person, today)
    if on is not None and (today is None or on > today):
        yield Refusal("IN_THE_FUTURE", {"limit": today.isoformat() if today else "the day before the first"})


def _after_death(word: Word, on: date | None, died_on: date) -> Iterator[Refusal]:
    if isinstance(word, _NEVER_AFTER_DEATH) or (on is not None and on > died_on):
        yield Refusal("PERSON_DIED", {"died_on": died_on.isoformat()})


def _unknown_codes(word: Word) -> Iterator[Refusal]:
    for coded in coded_fields(type(word)):
        for code in coded.codes(word):
            if not is_known(coded.list_name, code):
                name = "UNKNOWN_TEAM" if coded.list_name == "team" else "UNKNOWN_CODE"
                yield Refusal(name, {"field": coded.field, "list": coded.list_name})


def _in_episode(word: Word, on: date | None, person: Person, today: date | None) -> Iterator[Refusal]:
    episode = person.episode(word.episode_id)  # type: ignore[attr-defined]  # asked only of words that have the field
    if isinstance(word, OpeningWord):
        yield from _opening(word, person, episode, today)
        return
    if episode is None:
        yield Refusal("UNKNOWN_EPISODE")
        return
    yield from _contacts(word, episode)
    if _is_over(word, episode):
        yield Refusal(
            "EPISODE_NOT_OPEN", {"ended_on": episode.ended_on.isoformat() if episode.ended_on else "its entry in error"}
        )
    if not _has_place(word, episode):
        yield Refusal("WRONG_PHASE", {"phase": episode.phase()})
    if isinstance(word, course.ReviewHeld) and word.outcome == "LONG_TERM_SUPPORT" and episode.request:
        yield Refusal("HANDOVER_OPEN")
    if on is not None:
        yield from _out_of_time(word, on, episode)


def _opening(word: OpeningWord, person: Person, episode: Episode | None, today: date | None) -> Iterator[Refusal]:
    if episode is not None:
        yield Refusal("EPISODE_EXISTS")
    policy = policy_on(today or date.min)
    if isinstance(word, course.LegacyCssCaseIdentified):
        if today is not None and today >= policy.css_closed_from:
            yield Refusal("CSS_CLOSED", {"limit": policy.css_closed_from.isoformat()})
        return
    if any(other.model == "STR" and other.is_open for other in person.episodes):
        yield Refusal("STR_ALREADY_OPEN")
    if word.on < policy.str_from:
        yield Refusal("STR_BEFORE_2003", {"limit": policy.str_from.isoformat()})


def _contacts(word: Word, episode: Episode) -> Iterator[Refusal]:
    match word:
        case work.ContactRecorded() if episode.has_contact(word.contact_id):
            yield Refusal("ID_REUSED", {"what": "contact"})
        case work.ContactCorrected() | work.ContactEnteredInError() if not episode.has_live_contact(word.contact_id):
            yield Refusal("UNKNOWN_CONTACT")
        case _:
            return


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


def _out_of_time(word: Word, on: date, episode: Episode) -> Iterator[Refusal]:
    """What a dated word may not lie before or after (rulings 26, 29 and 30)."""
    if on < episode.opened_on:
        yield Refusal("BEFORE_START", {"limit": episode.opened_on.isoformat()})
    begins_on = episode.begins_on
    if isinstance(word, _NOT_BEFORE_SUPPORT) and begins_on is not None and on < begins_on:
        yield Refusal("BEFORE_START", {"limit": begins_on.isoformat()})
    if isinstance(word, work.ContactRecorded):
        if begins_on is None:
            yield Refusal("BEFORE_START", {"limit": "the start of support, which is not recorded"})
        elif episode.course is not None and on > cap_on(episode.course.s):
            yield Refusal("AFTER_CAP", {"limit": cap_on(episode.course.s).isoformat()})
    if episode.ended_on is not None and on > episode.ended_on:
        yield Refusal("AFTER_END", {"limit": episode.ended_on.isoformat()})
