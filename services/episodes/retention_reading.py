"""Whose records the view knows, and what their retention follows from.

Knows SQL. Must never judge whether anything is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import orjson
from sqlalchemy import Connection, func, select

from services.episodes.retention import Kept
from services.episodes.view_tables import EPISODES, PEOPLE, TIMELINE
from services.words.guarding import LegalHoldLifted, LegalHoldPlaced, PersonErased
from services.words.people import PersonDied


def read_kept(connection: Connection) -> Iterator[Kept]:
    """Everybody but the erased."""
    died = {person_id: date.fromisoformat(data["on"]) for person_id, data in _facts(connection, PersonDied.TYPE)}
    erased = {person_id for person_id, _ in _facts(connection, PersonErased.TYPE)}
    held, supported, noted = _held(connection), _supported(connection), _noted(connection)
    for (person_id,) in connection.execute(select(PEOPLE.c.person_id).order_by(PEOPLE.c.person_id)):
        if person_id not in erased:
            last_on = supported.get(person_id, noted[person_id])
            died_on = died.get(person_id)
            yield Kept(person_id, last_on or date.max, died_on, open=last_on is None, held=person_id in held)


def _facts(connection: Connection, type_name: str) -> Iterator[tuple[str, dict[str, str]]]:
    wanted = select(TIMELINE.c.person_id, TIMELINE.c.data).where(TIMELINE.c.type == type_name)
    for person_id, data in connection.execute(wanted):
        yield person_id, orjson.loads(data)


def _held(connection: Connection) -> set[str]:
    """Whoever has a legal hold that was not lifted."""
    lifted = {(person_id, data["hold_id"]) for person_id, data in _facts(connection, LegalHoldLifted.TYPE)}
    placed = {(person_id, data["hold_id"]) for person_id, data in _facts(connection, LegalHoldPlaced.TYPE)}
    return {person_id for person_id, _ in placed - lifted}


def _supported(connection: Connection) -> dict[str, date | None]:
    """The last day of support, in house and outside; None while any of it goes on."""
    last: dict[str, date | None] = {}
    for person_id, phase, shown in connection.execute(select(EPISODES.c.person_id, EPISODES.c.phase, EPISODES.c.shown)):
        known = last.get(person_id, date.min)
        if phase != "ENDED" or known is None:
            last[person_id] = None
        else:
            last[person_id] = max(known, date.fromisoformat(orjson.loads(shown)["ended_on"]))
    return last


def _noted(connection: Connection) -> dict[str, date]:
    """The day of whatever was said last of each person, as its sender dates it."""
    wanted = select(TIMELINE.c.person_id, func.max(TIMELINE.c.happened)).where(TIMELINE.c.person_id.is_not(None))
    return {
        person_id: date.fromisoformat(happened[:10])
        for person_id, happened in connection.execute(wanted.group_by(TIMELINE.c.person_id))
    }
