"""Who was accountable for a line of support and from when to when: in-house teams, then the provider (ruling 63).

Knows the episodes ledger alone, which has the last word on it (ruling 64). Must never judge whether it may be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from services.episodes.shown import Case
from services.words import course, recorded
from services.words.catalogue import EpisodesFact

TRUST = "KMPT"
"""The organisation of every in-house team."""
_ONE_DAY = timedelta(days=1)


class _Change(NamedTuple):
    on: date
    organisation: str
    holder: str


class Accountable:
    """The changes of one person's episodes, as their facts tell them."""

    def __init__(self) -> None:
        self._changes: dict[str, list[_Change]] = {}
        self._lines: dict[str, str] = {}

    def take(self, fact: EpisodesFact) -> None:
        """Take the next fact of the person."""
        match fact:
            case course.ReferralReceived():
                self._changes[fact.episode_id] = [_Change(fact.on, TRUST, fact.team)]
            case course.LegacyCssCaseIdentified():
                self._changes[fact.episode_id] = [_Change(fact.since, TRUST, fact.team)]
            case course.EpisodeMovedToTeam():
                self._changes.setdefault(fact.episode_id, []).append(_Change(fact.on, TRUST, fact.team))
            case recorded.SisSupportStarted():
                self._changes[fact.sis_episode_id] = [_Change(fact.on, fact.provider_id, fact.provider_id)]
                self._lines[fact.sis_episode_id] = fact.episode_id or fact.sis_episode_id
            case _:
                pass

    def rows(self, case: Case) -> Iterator[tuple[str, str, str, str, date, date | None]]:
        """Line, episode, organisation, holder, first day and last day (None: it is so still) of each, in its order."""
        for episode_id, changes in self._changes.items():
            episode = case.episodes.get(episode_id)
            if episode is None or episode.in_error:
                continue
            in_order = sorted(changes, key=lambda change: change.on)
            ends = [change.on - _ONE_DAY for change in in_order[1:]]
            for change, end in zip(in_order, [*ends, None], strict=True):
                last = min((day for day in (end, episode.ended_on) if day is not None), default=None)
                if last is None or last >= change.on:
                    line = self._lines.get(episode_id, episode_id)
                    yield line, episode_id, change.organisation, change.holder, change.on, last
