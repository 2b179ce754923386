"""The facts of a person or a handover as the view keeps them, in the order of the ledger, each with its today.

Knows SQL. Must never write, nor say what a fact means.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from services.episodes.handover_page import HANDOVER_JSON
from services.episodes.handover_reading import facts_of
from services.episodes.view_tables import EPISODES, HANDOVERS, TIMELINE
from services.words.calendar import DayBegan
from services.words.topics import HANDOVER_LEDGER


class Past(NamedTuple):
    """One fact: when it happened and was recorded (RFC 3339), by whom, and the county's today when it was recorded.

    `at` is where it lies, as `sis audit prove` takes it: topic/partition@offset.
    """

    type: str
    source: str
    happened: str
    recorded: str
    today: date
    data: Mapping[str, Any]
    at: str


def read_people_with(connection: Connection, episode_id: str) -> list[str]:
    """Who has an episode with this id: as a rule one person (ruling 10)."""
    wanted = select(EPISODES.c.person_id).where(EPISODES.c.episode_id == episode_id).order_by(EPISODES.c.person_id)
    return [person_id for (person_id,) in connection.execute(wanted)]


def read_person_facts(connection: Connection, person_id: str) -> list[Past]:
    """Every fact of a person; empty if nobody is known by this id."""
    wanted = select(TIMELINE).where(TIMELINE.c.person_id == person_id)
    rows = connection.execute(wanted.order_by(TIMELINE.c.partition, TIMELINE.c.offset)).all()
    if not rows:
        return []
    began = _days(connection, rows[0].partition)
    offsets = [offset for offset, _ in began]
    past = []
    for row in rows:
        at = bisect(offsets, row.offset)
        today = began[at - 1][1] if at else date.min
        place = f"{row.topic}/{row.partition}@{row.offset}"
        past.append(Past(row.type, row.source, row.happened, row.recorded, today, orjson.loads(row.data), place))
    return past


def read_handover_facts(connection: Connection, handover_id: str) -> tuple[str, list[Past]] | None:
    """The lot of a handover and every fact that names it or one of its offers; None if there is no such handover."""
    shown = connection.execute(select(HANDOVERS.c.shown).where(HANDOVERS.c.handover_id == handover_id)).scalar()
    if shown is None:
        return None
    case = HANDOVER_JSON.validate_json(shown)
    return case.lot, [
        Past(
            row.type,
            row.source,
            row.happened,
            row.recorded,
            _day(row.today),
            orjson.loads(row.data),
            f"{HANDOVER_LEDGER}/{row.partition}@{row.offset}",
        )
        for row in facts_of(connection, case)
    ]


def _days(connection: Connection, partition: int) -> list[tuple[int, date]]:
    """Where in a partition each day began."""
    wanted = select(TIMELINE.c.offset, TIMELINE.c.data).where(
        TIMELINE.c.partition == partition, TIMELINE.c.type == DayBegan.TYPE
    )
    days = connection.execute(wanted.order_by(TIMELINE.c.offset))
    return [(offset, date.fromisoformat(orjson.loads(data)["date"])) for offset, data in days]


def _day(today: str | None) -> date:
    return date.fromisoformat(today) if today else date.min
