"""What can be asked of the read view: the caseload, an episode or a handover with its timeline, contracts, refusals.

Knows SQL and the shapes that are printed. It reads only; every answer is of one instant. Must never write.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, true

from services.episodes.asked import Asked, SharedId
from services.episodes.caseload_row import DELIVERED, Contacts, row
from services.episodes.explained import why
from services.episodes.fact_reading import Past, read_handover_facts, read_people_with, read_person_facts
from services.episodes.handover_reading import (
    handover_of,
    read_contracts,
    read_handover,
    read_handovers,
    read_standing,
)
from services.episodes.retention import Kept
from services.episodes.retention_reading import read_kept
from services.episodes.shown import EpisodeShown, PersonShown
from services.episodes.told import said
from services.episodes.transfer_reading import read_burn_down, read_due, read_still_in_house, read_waves
from services.episodes.view_page import EPISODE_JSON, PERSON_JSON
from services.episodes.view_tables import CONTACTS, EPISODES, PEOPLE, POSITION, REFUSED, TIMELINE, open_engine
from services.words.calendar import DayBegan
from services.words.refusals import sentence
from services.words.topics import EPISODES_LEDGER

_SHOWN = (
    select(
        EPISODES.c.person_id, EPISODES.c.episode_id, EPISODES.c.shown, PEOPLE.c.shown.label("person"), POSITION.c.today
    )
    .join(PEOPLE, PEOPLE.c.person_id == EPISODES.c.person_id)
    .join(POSITION, and_(POSITION.c.topic == EPISODES_LEDGER, POSITION.c.partition == PEOPLE.c.partition))
    .order_by(EPISODES.c.episode_id, EPISODES.c.person_id)
)


_NO_CONTACTS = Contacts()


class Reading:
    """A view for its readers, by its URL."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, one_instant=True)

    def caseload(self, asked: Asked) -> list[dict[str, Any]]:
        """The rows asked for, sorted by episode id (design §9)."""
        with self._engine.begin() as connection:
            return _rows(connection, _wanted(asked))

    def episode(self, episode_id: str, person_id: str | None = None) -> dict[str, Any] | None:
        """One row with `timeline` and `why`; None if there is no such episode, or none of that person.

        Raises `SharedId` if several people have one with this id and none of them is named.
        """
        asked = EPISODES.c.episode_id == episode_id
        if person_id is not None:
            asked = and_(asked, EPISODES.c.person_id == person_id)
        with self._engine.begin() as connection:
            rows = _rows(connection, asked)
            if not rows:
                return None
            if len(rows) > 1:
                raise SharedId([str(row["person_id"]) for row in rows])
            found = connection.execute(_SHOWN.where(asked)).one()
            episode = EPISODE_JSON.validate_json(found.shown)
            return {
                **rows[0],
                "timeline": _timeline(connection, found.person_id, episode),
                "why": why(episode, _day(found.today)),
            }

    def handovers(self, *, ended_too: bool = False) -> list[dict[str, Any]]:
        """Every handover by the day of its request, then id; those that are over only if asked for (ruling 97)."""
        with self._engine.begin() as connection:
            return read_handovers(connection, ended_too=ended_too)

    def handover(self, handover_id: str) -> dict[str, Any] | None:
        """One handover with its `timeline`, and in `told` who was told what and when; None if there is none."""
        with self._engine.begin() as connection:
            return read_handover(connection, handover_id)

    def person_facts(self, person_id: str) -> list[Past]:
        """Every fact of a person, in the order of the ledger; empty if nobody is known by this id."""
        with self._engine.begin() as connection:
            return read_person_facts(connection, person_id)

    def people_with(self, episode_id: str) -> list[str]:
        """Who has an episode with this id (ruling 10)."""
        with self._engine.begin() as connection:
            return read_people_with(connection, episode_id)

    def handover_facts(self, handover_id: str) -> tuple[str, list[Past]] | None:
        """A handover's lot and every fact that names it or one of its offers; None if there is none."""
        with self._engine.begin() as connection:
            return read_handover_facts(connection, handover_id)

    def kept(self) -> list[Kept]:
        """Everybody but the erased, with what the retention of their records follows from."""
        with self._engine.begin() as connection:
            return list(read_kept(connection))

    def contracts(self) -> list[dict[str, Any]]:
        """Every contract with the minutes of a week that are declared today, reserved, used and free."""
        with self._engine.begin() as connection:
            return read_contracts(connection)

    def due(self) -> list[dict[str, Any]]:
        """What is to be followed up in the handover, oldest first."""
        with self._engine.begin() as connection:
            return read_due(connection)

    def waves(self) -> list[dict[str, Any]]:
        """Every wave with its cases and what became of them."""
        with self._engine.begin() as connection:
            return read_waves(connection)

    def burn_down(self) -> list[dict[str, Any]]:
        """In-house CSS by area at the end of each month since the contracts began (H7)."""
        with self._engine.begin() as connection:
            return read_burn_down(connection)

    def still_in_house(self) -> list[dict[str, Any]]:
        """Long-term support that is still in house: what keeps the transfer from being complete."""
        with self._engine.begin() as connection:
            return read_still_in_house(connection)

    def refused(self) -> list[dict[str, Any]]:
        """Every refusal, in order; a day that several partitions refused is one (ruling 60)."""
        columns = (REFUSED.c.refused_at, REFUSED.c.topic, REFUSED.c.partition, REFUSED.c.offset)
        with self._engine.begin() as connection:
            found = connection.execute(select(REFUSED).order_by(*columns)).all()
        return [_refusal(one) for one in _once(found)]

    def refusal(self, event_id: str) -> list[dict[str, Any]]:
        """Every refusal of one event, with where it lies; empty if it was never refused."""
        columns = (REFUSED.c.topic, REFUSED.c.partition, REFUSED.c.offset)
        with self._engine.begin() as connection:
            found = connection.execute(select(REFUSED).where(REFUSED.c.event_id == event_id).order_by(*columns)).all()
        return [{**_refusal(one), **_place(one)} for one in found]

    def today(self) -> str | None:
        """The county's today: the latest of the partitions'; None before the first day."""
        with self._engine.begin() as connection:
            latest: str | None = connection.execute(select(func.max(POSITION.c.today))).scalar()
        return latest

    def folded(self, *topics: str) -> list[int]:
        """The next offset of each partition of these topics: it moves on with everything that is decided there."""
        wanted = select(POSITION.c.next_offset).where(POSITION.c.topic.in_(topics))
        with self._engine.begin() as connection:
            return list(connection.execute(wanted.order_by(POSITION.c.topic, POSITION.c.partition)).scalars())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _wanted(asked: Asked) -> ColumnElement[bool]:
    """What must hold of an episode's columns."""
    wanted: list[ColumnElement[bool]] = [true()]
    for kind, name in (("team", asked.team), ("provider", asked.provider)):
        if name is not None:
            wanted += [EPISODES.c.holder_kind == kind, EPISODES.c.holder_id == name]
    if asked.holder is not None:
        wanted.append(EPISODES.c.holder_id == asked.holder)
    if asked.phase is not None:
        wanted.append(EPISODES.c.phase == asked.phase)
    if not asked.ended_too:
        wanted.append(EPISODES.c.phase != "ENDED")
    return and_(*wanted)


def _rows(connection: Connection, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    contacts, standing = _contacts(connection, condition), read_standing(connection, condition)
    rows = []
    for person_id, episode_id, shown, person, today in connection.execute(_SHOWN.where(condition)):
        episode = EPISODE_JSON.validate_json(shown)
        counted = contacts.get((episode_id, person_id), _NO_CONTACTS)
        handover = handover_of(person_id, episode, standing)
        rows.append(row(person_id, _person(person), episode, counted, handover, _day(today)))
    return rows


@lru_cache(maxsize=1024)
def _person(shown: str) -> PersonShown:
    """Most people of a district look alike here: no move, no checks."""
    return PERSON_JSON.validate_json(shown)


def _contacts(connection: Connection, condition: ColumnElement[bool]) -> dict[tuple[str, str], Contacts]:
    """Delivered contacts by episode and person."""
    whose = (CONTACTS.c.episode_id, CONTACTS.c.person_id)
    delivered = (
        select(*whose, func.count(), func.sum(CONTACTS.c.minutes), func.max(CONTACTS.c.day))
        .where(CONTACTS.c.episode_id.in_(select(EPISODES.c.episode_id).where(condition)))
        .where(CONTACTS.c.attendance.in_(DELIVERED), CONTACTS.c.in_error.is_(False))
        .group_by(*whose)
    )
    return {
        (episode_id, person_id): Contacts(count, minutes, date.fromisoformat(last_on))
        for episode_id, person_id, count, minutes, last_on in connection.execute(delivered)
    }


def _timeline(connection: Connection, person_id: str, episode: EpisodeShown) -> list[dict[str, Any]]:
    """The facts of an episode and those of its person, in the order of the ledger."""
    facts = connection.execute(
        select(TIMELINE)
        .where(TIMELINE.c.person_id == person_id)
        .order_by(TIMELINE.c.topic, TIMELINE.c.partition, TIMELINE.c.offset)
    )
    timeline = []
    for fact in facts:
        data = orjson.loads(fact.data)
        if _belongs(data, episode):
            timeline.append(
                {
                    "type": fact.type,
                    "happened": fact.happened,
                    "recorded": fact.recorded,
                    "source": fact.source,
                    "sentence": said(fact.type, data),
                }
            )
    return timeline


def _belongs(data: dict[str, Any], episode: EpisodeShown) -> bool:
    """Whether a fact is of this episode, of its handover, or of the person alone."""
    named = {data[name] for name in ("episode_id", "sis_episode_id") if name in data}
    if named:
        return episode.episode_id in named
    return "handover_id" not in data or (
        episode.handover is not None and data["handover_id"] == episode.handover.handover_id
    )


def _once(found: Sequence[Row[Any]]) -> list[Row[Any]]:
    """All but the days that another partition refused before: the n-th refusal of a day is one, wherever it was."""
    shown, counted, times = [], set(), dict[tuple[str, str, int], int]()
    for one in found:
        place = (one.event_id, one.topic, one.partition)
        times[place] = times.get(place, 0) + 1
        if one.type == DayBegan.TYPE and (one.event_id, times[place]) in counted:
            continue
        counted.add((one.event_id, times[place]))
        shown.append(one)
    return shown


def _refusal(one: Row[Any]) -> dict[str, Any]:
    return {
        "event_id": one.event_id,
        "type": one.type,
        "subject": one.subject,
        "code": one.code,
        "sentence": sentence(one.code, orjson.loads(one.parameters)),
        "source": one.source,
        "refused_at": one.refused_at,
    }


def _place(one: Row[Any]) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.offset,
        "inbox_offset": one.inbox_offset,
        "parameters": orjson.loads(one.parameters),
    }


@lru_cache(maxsize=64)
def _day(today: str | None) -> date:
    return date.fromisoformat(today) if today else date.min
