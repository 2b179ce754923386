"""What falls due in an episode by the day alone: the end of enablement, the charge, the warning, the cap (S3 to S5).

Knows an episode's course and a today. Facts bear their true dates, however late they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.county.policy import policy_on
from services.episodes.episode import Course, Episode
from services.episodes.person import Person
from services.episodes.str_clock import ONE_DAY, cap_on, warning_on
from services.words.catalogue import DueWord
from services.words.recorded import CapApproaching, CapReached, ChargeablePeriodStarted, EnablementEnded


def due(person: Person, today: date) -> list[DueWord]:
    """All that is due for a person by `today` and not yet written, in the order of their days."""
    found = [
        entry
        for episode in person.episodes
        if episode.course is not None and episode.course.next_due() <= min(today, episode.due_until)
        for entry in _unwritten(episode, episode.course)
        if entry[0] <= episode.due_until
    ]
    return [word for day, word in sorted(found, key=lambda entry: entry[0]) if day <= today]


def _unwritten(episode: Episode, course: Course) -> Iterator[tuple[date, DueWord]]:
    policy = policy_on(course.s).version
    if not course.enablement_ended:
        last_day = course.enablement_ends_on()
        yield last_day + ONE_DAY, EnablementEnded(episode_id=episode.id, last_day=last_day, policy=policy)
    first = course.chargeable_from()
    if not course.charged and first is not None:
        yield first, ChargeablePeriodStarted(episode_id=episode.id, on=first, policy=policy)
    cap = cap_on(course.s)
    if not course.warned:
        warned_on = warning_on(course.s)
        yield warned_on, CapApproaching(episode_id=episode.id, on=warned_on, cap_on=cap, policy=policy)
    if not course.capped:
        yield cap + ONE_DAY, CapReached(episode_id=episode.id, last_day=cap, policy=policy)
