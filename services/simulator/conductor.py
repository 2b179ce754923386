"""The conductor: turns a synthetic county's days, each when all of the day before has settled, replies included.

Knows days, a feed and what the simulated providers will still say. Driven by positions, never by waiting a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Protocol

from services.county.civil_dates import parse_date
from services.provider.kit import Provider
from services.simulator.answering import Planned, answers
from services.words.calendar import DayBegan

Event = Mapping[str, Any]


class Sending(Protocol):
    """Where the feed's events go."""

    async def send(self, events: Iterable[Event]) -> None:
        """Send events, and return when they have arrived."""


class Conductor:
    """One performance. `settle` returns when all that was sent is decided and passed on by the doors; `providers` are
    those that have been connected by now."""

    def __init__(
        self,
        seed: int,
        sending: Sending,
        settle: Callable[[], Awaitable[None]],
        providers: Callable[[], Awaitable[Mapping[str, Provider]]],
    ) -> None:
        self._seed = seed
        self._sending = sending
        self._settle = settle
        self._providers = providers
        self._planned: dict[date, list[Planned]] = defaultdict(list)
        self.replies = 0

    async def perform(self, feed: Iterable[Event], progress: Callable[[date], None]) -> None:
        """Play the whole feed, day by day."""
        for today, events in days_of(feed):
            await self._sending.send(events)
            await self._settle()
            while await self._answer(today):
                await self._settle()
            progress(today)

    async def _answer(self, today: date) -> bool:
        """Let every provider read what it was sent and say what it has to say by today; whether anything was said."""
        providers = await self._providers()
        for provider_id, provider in providers.items():
            for message in await provider.messages():
                for planned in answers(self._seed, provider_id, message.word, today):
                    self._planned[max(planned.day, today)].append(planned)
        due = [planned for day in sorted(self._planned) if day <= today for planned in self._planned.pop(day)]
        for planned in due:
            time = f"{today.isoformat()}T12:00:00Z"
            provider = providers[planned.provider_id]
            await provider.reply(planned.reply, planned.handover_id, id=planned.id, time=time)
        for provider_id in {planned.provider_id for planned in due}:
            await providers[provider_id].flush()
        self.replies += len(due)
        return bool(due)


def days_of(feed: Iterable[Event]) -> Iterator[tuple[date, list[Event]]]:
    """Each day with its events, its own beginning first. What stands before the first day belongs to it."""
    today: date | None = None
    events: list[Event] = []
    for event in feed:
        if event["type"] == DayBegan.TYPE and today is not None:
            yield today, events
            events = []
        if event["type"] == DayBegan.TYPE:
            today = parse_date(event["data"]["date"])
        events.append(event)
    if today is not None:
        yield today, events
