"""A life as it is told, with what is looked up in it to find where a wrong event has its place.

Knows which contact lies in an open episode, which end and which death are told. Must never know what goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random

from services.simulator.seeded import derived
from services.simulator.telling import Telling
from services.simulator.told import Event, Told, moment_of

_EPISODES = "kmpt.episodes.v1"


@dataclass
class Case:
    """A life as it is told, with what is looked up in it to find where a wrong event has its place."""

    telling: Telling
    told: list[Told]
    chance: Random

    def first(self, name: str, episode_id: str | None = None) -> Told | None:
        """The first of this name that is told, of this episode if one is given."""
        fits = (
            one for one in self.told if one.name == name and episode_id in (None, one.event["data"].get("episode_id"))
        )
        return min(fits, key=lambda one: (one.day, one.minute), default=None)

    @cached_property
    def death(self) -> Told | None:
        """The death, if it is told."""
        return self.first("PersonDied")

    @cached_property
    def contact(self) -> Told | None:
        """A punctual contact of an STR episode that is open that day and the next, by all that is told until then."""
        fits = [one for one in self.told if one.name == "ContactRecorded" and one.day == one.on and self._open(one)]
        return self.chance.choice(fits) if fits else None

    def _open(self, contact: Told) -> bool:
        episode_id = contact.event["data"]["episode_id"]
        cap = self.telling.caps.get(episode_id)
        closings = (self.death, self.closing(episode_id), self.first("EpisodeEnteredInError", episode_id))
        return cap is not None and contact.day < cap and all(one is None or contact.day < one.day for one in closings)

    def closing(self, episode_id: str) -> Told | None:
        """The end of an episode, if it is told."""
        return self.first("EpisodeEnded", episode_id)

    @cached_property
    def ended(self) -> Told | None:
        """The end of an STR episode that had a clock, of somebody who is not told to have died."""
        ends = (one for one in self.told if one.name == "EpisodeEnded")
        fits = [one for one in ends if one.event["data"]["episode_id"] in self.telling.caps]
        return fits[0] if fits and self.death is None else None

    def wrong(self, code: str, like: Told, data: Event, *, day: date, minute: int, name: str | None = None) -> Told:
        """An event like another, with other data, that must be refused with this code."""
        changed = {
            **like.event,
            "id": derived(self.telling.person.id, f"wrong/{code}"),
            "type": f"{_EPISODES}.{name or like.name}",
            "time": moment_of(day, minute).isoformat(),
            "data": data,
        }
        return Told(day, minute, None, changed, planted=code)

    def fresh(self, name: str) -> str:
        """An id that nothing else in this life has."""
        return derived(self.telling.person.id, f"wrong/{name}")


Plant = Callable[[Case], Told | None]
"""Finds a place for a wrong event in a life; None if the life has no room for it."""


def referral(episode_id: str, team: str, on: date) -> Event:
    """An ordinary referral."""
    return {
        "episode_id": episode_id,
        "team": team,
        "on": on.isoformat(),
        "source": "A1",
        "reason": "04",
        "priority": "3",
    }
