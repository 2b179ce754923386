"""What a batch of the episodes ledger changes in the tables of the view, gathered first and written at once.

Knows tables and the fold. Contacts, four facts in five, are rows of their own and touch neither person nor episode.
Must never know where a partition stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, func, select

from services.county.civil_dates import london_day, parse_instant
from services.episodes.caseload import evolve
from services.episodes.shown import Case, EpisodeShown, PersonShown
from services.episodes.view_tables import CONTACTS, EPISODES, PEOPLE, TIMELINE, insert_rows
from services.log.kept import Kept
from services.words.calendar import DayBegan
from services.words.catalogue import EpisodesFact
from services.words.keeping import RulesAdopted
from services.words.work import ContactCorrected, ContactEnteredInError, ContactRecorded

PERSON_JSON = TypeAdapter(PersonShown)
EPISODE_JSON = TypeAdapter(EpisodeShown)

Rows = list[dict[str, Any]]

_SEALINGS = frozenset({"sealed", "dossier"})
_EVERYWHERE = frozenset({DayBegan.TYPE, RulesAdopted.TYPE})
_CORRECT = (
    CONTACTS.update()
    .where(
        CONTACTS.c.episode_id == bindparam("of_episode"),
        CONTACTS.c.person_id == bindparam("of_person"),
        CONTACTS.c.contact_id == bindparam("of_contact"),
    )
    .values(
        minutes=func.coalesce(bindparam("corrected_minutes"), CONTACTS.c.minutes),
        attendance=func.coalesce(bindparam("corrected_attendance"), CONTACTS.c.attendance),
        in_error=bindparam("is_in_error"),
    )
)
_CHANGE_PERSON = PEOPLE.update().where(PEOPLE.c.person_id == bindparam("key"))
_CHANGE_EPISODE = EPISODES.update().where(
    EPISODES.c.episode_id == bindparam("key"), EPISODES.c.person_id == bindparam("of_person")
)
_PEOPLE_AT_ONCE = 500
"""People asked for in one statement; databases limit the number of its values."""


@dataclass(slots=True)
class EpisodesPage:
    """The rows of one batch of one ledger partition; `today` is that partition's, moved on by the days in the batch."""

    partition: int
    today: date | None
    timeline: Rows = field(default_factory=list)
    contacts: Rows = field(default_factory=list)
    corrections: Rows = field(default_factory=list)
    told: list[tuple[date, Kept]] = field(default_factory=list)
    new_people: Rows = field(default_factory=list)
    old_people: Rows = field(default_factory=list)
    new_episodes: Rows = field(default_factory=list)
    old_episodes: Rows = field(default_factory=list)

    def add(self, kept: Kept) -> None:
        """Take the next fact."""
        data = kept.data
        self._note(kept)
        if kept.type == ContactRecorded.TYPE:
            self.contacts.append(_contact_row(kept.subject, data))
        elif kept.type in (ContactCorrected.TYPE, ContactEnteredInError.TYPE):
            in_error = kept.type == ContactEnteredInError.TYPE
            self.corrections.append(_correction(kept.subject, data, in_error=in_error))
        elif kept.type == DayBegan.TYPE:
            self.today = date.fromisoformat(data["date"])
        elif kept.type not in _EVERYWHERE:
            self.told.append((self.today or date.min, kept))

    def _note(self, kept: Kept) -> None:
        self.timeline.append(_timeline_row(kept))

    def fold(self, connection: Connection) -> None:
        """Fold all facts but contacts and days onto the people and episodes that stand."""
        before = load_cases(connection, {kept.subject for _, kept in self.told})
        after = dict(before)
        for today, kept in self.told:
            fact: EpisodesFact = kept.word()  # type: ignore[assignment]  # a ledger holds no other words
            after[kept.subject] = evolve(after.get(kept.subject, Case()), fact, today)
        for person_id, case in after.items():
            self._change(person_id, before.get(person_id), case)

    def write(self, connection: Connection) -> None:
        """Write all rows; corrections come after the contacts, which stand before them in the log."""
        insert_rows(connection, TIMELINE, self.timeline)
        insert_rows(connection, CONTACTS, self.contacts)
        if self.corrections:
            connection.execute(_CORRECT, self.corrections)
        insert_rows(connection, PEOPLE, self.new_people)
        if self.old_people:
            connection.execute(_CHANGE_PERSON, self.old_people)
        insert_rows(connection, EPISODES, self.new_episodes)
        if self.old_episodes:
            connection.execute(_CHANGE_EPISODE, self.old_episodes)

    def _change(self, person_id: str, known: Case | None, case: Case) -> None:
        if known is None and case == Case():
            return  # an outcome set aside may speak of somebody who is not known here
        if known is None:
            shown = PERSON_JSON.dump_json(case.person).decode()
            self.new_people.append({"person_id": person_id, "partition": self.partition, "shown": shown})
        elif known.person is not case.person:
            self.old_people.append({"key": person_id, "shown": PERSON_JSON.dump_json(case.person).decode()})
        stood = known.episodes if known else {}
        for episode_id, episode in case.episodes.items():
            if episode_id not in stood:
                row = {"person_id": person_id, "episode_id": episode_id, **_episode_columns(episode)}
                self.new_episodes.append(row)
            elif stood[episode_id] is not episode:
                self.old_episodes.append({"key": episode_id, "of_person": person_id, **_episode_columns(episode)})


def load_cases(connection: Connection, people: Iterable[str]) -> dict[str, Case]:
    """What is shown of these people, of those who are known."""
    cases: dict[str, Case] = {}
    ids = sorted(people)
    for start in range(0, len(ids), _PEOPLE_AT_ONCE):
        cases.update(_load(connection, ids[start : start + _PEOPLE_AT_ONCE]))
    return cases


def _load(connection: Connection, ids: Sequence[str]) -> dict[str, Case]:
    people = connection.execute(select(PEOPLE.c.person_id, PEOPLE.c.shown).where(PEOPLE.c.person_id.in_(ids)))
    found = {person_id: PERSON_JSON.validate_json(shown) for person_id, shown in people}
    rows = connection.execute(
        select(EPISODES.c.person_id, EPISODES.c.episode_id, EPISODES.c.shown)
        .where(EPISODES.c.person_id.in_(ids))
        .order_by(EPISODES.c.person_id)
    )
    episodes = {
        person_id: {episode_id: EPISODE_JSON.validate_json(shown) for _, episode_id, shown in group}
        for person_id, group in groupby(rows, key=lambda found: found[0])
    }
    return {person_id: Case(person, episodes.get(person_id, {})) for person_id, person in found.items()}


def _episode_columns(episode: EpisodeShown) -> dict[str, Any]:
    return {
        "holder_kind": episode.holder.kind,
        "holder_id": episode.holder.id,
        "phase": episode.phase,
        "shown": EPISODE_JSON.dump_json(episode, exclude_defaults=True).decode(),
    }


def _timeline_row(kept: Kept) -> dict[str, Any]:
    clear = {name: value for name, value in kept.data.items() if value is not None and name not in _SEALINGS}
    return {
        "topic": kept.topic,
        "partition": kept.partition,
        "offset": kept.offset,
        "person_id": kept.subject or None,
        "episode_id": clear.get("episode_id"),
        "type": kept.type,
        "source": kept.source,
        "happened": kept.time,
        "recorded": kept.recorded_time,
        "known_ms": kept.known_ms,
        "data": orjson.dumps(clear).decode(),
    }


def _contact_row(person_id: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "episode_id": data["episode_id"],
        "person_id": person_id,
        "contact_id": data["contact_id"],
        "day": london_day(parse_instant(data["started_at"])).isoformat(),
        "minutes": data["minutes"],
        "attendance": data["attendance"],
        "in_error": False,
    }


def _correction(person_id: str, data: dict[str, Any], *, in_error: bool) -> dict[str, Any]:
    return {
        "of_episode": data["episode_id"],
        "of_person": person_id,
        "of_contact": data["contact_id"],
        "corrected_minutes": data.get("minutes"),
        "corrected_attendance": data.get("attendance"),
        "is_in_error": in_error,
    }
