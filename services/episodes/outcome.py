"""The recorder's answer to an outcome of a handover: support has started or ended, or the outcome is set aside.

Knows that the person's ledger has the last word on who supports them (H6, rulings 63 to 65). Never refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never
from uuid import UUID, uuid5

from services.episodes.person import Person
from services.episodes.str_clock import ONE_DAY
from services.words.catalogue import OutcomeWord
from services.words.course import EpisodeEnded
from services.words.outcomes import StartConfirmed, SupportEndReported
from services.words.recorded import HandoverOutcomeSetAside, SisSupportEnded, SisSupportStarted
from services.words.word import Word

RECONTRACTED = "RECONTRACTED"


def sis_episode_id_of(handover_id: str) -> str:
    """The id of the external episode that a handover begins (ruling 93)."""
    return str(uuid5(UUID(handover_id), "sis"))


def answer(word: OutcomeWord, person: Person | None) -> Iterator[Word]:
    """The facts that an outcome leaves in the person's ledger."""
    match word:
        case StartConfirmed():
            yield from _start(word, person)
        case SupportEndReported():
            yield from _end(word, person)
        case _:
            assert_never(word)


def _start(word: StartConfirmed, person: Person | None) -> Iterator[Word]:
    why = _recontract_too_late(word, person) if word.cause == RECONTRACTED else _start_too_late(word, person)
    if why is not None:
        yield HandoverOutcomeSetAside(handover_id=word.handover_id, lot=word.lot, why=why)
        return
    again = word.cause == RECONTRACTED
    yield SisSupportStarted(
        handover_id=word.handover_id,
        episode_id=None if again else word.episode_id,
        sis_episode_id=word.episode_id if again else sis_episode_id_of(word.handover_id),
        provider_id=word.provider_id,
        contract_id=word.contract_id,
        lot=word.lot,
        weekly_minutes=word.weekly_minutes,
        on=word.on,
        cause=word.cause,
    )
    if not again:
        yield EpisodeEnded(episode_id=word.episode_id, on=word.on - ONE_DAY, reason="08")


def _start_too_late(word: StartConfirmed, person: Person | None) -> str | None:
    """Why a confirmed start cannot be taken; None if it can (ruling 65)."""
    if person is None:
        return "UNKNOWN_PERSON"
    episode = person.episode(word.episode_id)
    if episode is None or episode.request is None or episode.request.handover_id != word.handover_id:
        return "UNKNOWN_HANDOVER"
    if episode.request.standing == "STARTED":
        return "ALREADY_STARTED"
    return None if episode.request.standing == "IN_BEING" else episode.request.standing


def _recontract_too_late(word: StartConfirmed, person: Person | None) -> str | None:
    if person is None:
        return "UNKNOWN_PERSON"
    if person.died_on is not None:
        return "DIED"
    return "ALREADY_STARTED" if person.episode(word.episode_id) is not None else None


def _end(word: SupportEndReported, person: Person | None) -> Iterator[Word]:
    sis = person.sis(word.handover_id) if person is not None else None
    if sis is not None and sis.is_open:
        yield SisSupportEnded(
            handover_id=word.handover_id, sis_episode_id=sis.id, lot=word.lot, on=word.on, reason=word.reason
        )
        return
    why = "UNKNOWN_HANDOVER" if sis is None else "ENDED"
    yield HandoverOutcomeSetAside(handover_id=word.handover_id, lot=word.lot, why=why)
