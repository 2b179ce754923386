"""One person as the recorder sees them: home, death, papers and episodes.

Knows only what a later decision needs; nothing opened ever reaches it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from services.episodes.episode import Episode, RequestStanding


class Papers(NamedTuple):
    """The sealed details of the newest registration or correction, and the input that they are bound to."""

    key_id: str
    key: bytes
    blob: bytes
    source: str
    id: str
    type: str


class Person(NamedTuple):
    """A registered person."""

    district: str
    birth_year: int | None = None
    died_on: date | None = None
    papers: Papers | None = None
    episodes: tuple[Episode, ...] = ()

    def episode(self, episode_id: str) -> Episode | None:
        """The episode with this id, judged within the person (ruling 10)."""
        for episode in self.episodes:
            if episode.id == episode_id:
                return episode
        return None

    def sis(self, handover_id: str) -> Episode | None:
        """The external episode that a handover led to."""
        return next((episode for episode in self.episodes if episode.handover_id == handover_id), None)

    def next_due(self) -> date:
        """The day on which the next thing is due in any of their episodes; `date.max` if nothing is."""
        days = ((e.course.next_due(), e.due_until) for e in self.episodes if e.course)
        return min((day for day, until in days if day <= until), default=date.max)

    def opened(self, episode: Episode) -> Person:
        """The person with one more episode."""
        return self._replace(episodes=(*self.episodes, episode))

    def changed(self, episode_id: str, change: Callable[[Episode], Episode]) -> Person:
        """The person with one episode changed; unchanged if there is no such episode."""
        episodes = tuple([change(episode) if episode.id == episode_id else episode for episode in self.episodes])
        return Person(self.district, self.birth_year, self.died_on, self.papers, episodes)

    def answered(self, handover_id: str, standing: RequestStanding) -> Person:
        """The person with the standing of one request changed."""

        def answer(episode: Episode) -> Episode:
            if episode.request is None or episode.request.handover_id != handover_id:
                return episode
            return episode._replace(request=episode.request._replace(standing=standing))

        return self._replace(episodes=tuple(answer(episode) for episode in self.episodes))
