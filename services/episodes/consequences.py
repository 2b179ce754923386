"""What follows from a team's word that is admitted: its copy, and what the recorder says of its own accord.

Knows S6, S7, S11 and rulings 43 to 46. Must never ask whether the word was admissible.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.episodes.episode import Episode
from services.episodes.person import Person
from services.episodes.request import dossier_changed, requested, withdrawn
from services.words import course, people
from services.words.catalogue import EpisodeWord, PersonWord
from services.words.deciding import Input
from services.words.recorded import SisSupportEnded
from services.words.word import Word


def copied(told: Input[Word]) -> Word:
    """The word as the ledger keeps it: without what is sealed, with its sealing and the year of birth in clear."""
    word = told.word
    if not word.SEALED:
        return word
    changes: dict[str, object] = dict.fromkeys(word.SEALED)
    changes["sealed"] = told.sealed
    if isinstance(word, people.PersonRegistered | people.PersonDetailsCorrected) and word.details is not None:
        changes["birth_year"] = word.details.birth_date.year
    return word.model_copy(update=changes)


def consequences(word: PersonWord | EpisodeWord, after: Person, subject: str, today: date) -> Iterator[Word]:
    """What the recorder adds to a word; `after` is the person with the word's copy already counted."""
    match word:
        case people.PersonDetailsCorrected():
            for episode in after.episodes:
                if request := episode.in_being:
                    yield dossier_changed(request, after, subject)
        case people.PersonDied():
            for episode in after.episodes:
                if episode.is_open:
                    yield from _death(episode, word.on)
        case course.ReviewHeld() if word.outcome == "LONG_TERM_SUPPORT":
            yield requested(word, after, subject, today)
        case course.LegacyCssCaseIdentified():
            yield requested(word, after, subject, today)
        case course.EpisodeEnded():
            yield from _withdrawal(after, word.episode_id, word.on, "ENDED")
        case course.EpisodeEnteredInError():
            yield from _withdrawal(after, word.episode_id, today, "ENTERED_IN_ERROR")
        case course.HandoverDeclinedByPerson():
            yield from _withdrawal(after, word.episode_id, word.on, "DECLINED_BY_PERSON")
        case _:
            return


def _death(episode: Episode, died_on: date) -> Iterator[Word]:
    """A death ends every open line of support that day, even before its own dates (S11, rulings 43 and 87)."""
    if episode.model == "SIS":
        assert episode.handover_id is not None
        yield SisSupportEnded(
            handover_id=episode.handover_id, sis_episode_id=episode.id, lot=episode.lot, on=died_on, reason="06"
        )
        return
    yield course.EpisodeEnded(episode_id=episode.id, on=died_on, reason="06")
    if request := episode.in_being:
        yield withdrawn(request, died_on, "DIED")


def _withdrawal(after: Person, episode_id: str, on: date, why: str) -> Iterator[Word]:
    episode = after.episode(episode_id)
    if episode is not None and (request := episode.in_being):
        yield withdrawn(request, on, why)
