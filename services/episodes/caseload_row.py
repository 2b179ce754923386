"""A row of the caseload: what was folded, read on a day.

Knows the shape that `sis caseload` prints (design §9) and rulings 47 to 59. Must never know where the fold is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from services.county.codes import code_list
from services.county.places import area_of
from services.episodes.shown import EpisodeShown, HandoverShown, PersonShown
from services.episodes.str_clock import cap_on, free_until, warning_on

Row: TypeAlias = dict[str, object]
"""One row as JSON values: texts, whole numbers, true and false, null; dates as YYYY-MM-DD."""


DELIVERED = ("5", "6")
"""Codes of attendance that count: attended on time, or late but seen (S10, ruling 53)."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Delivered contacts of one episode: how many, their minutes, and the London day of the last (ruling 53)."""

    count: int = 0
    minutes: int = 0
    last_on: date | None = None


def row(
    person_id: str,
    person: PersonShown,
    episode: EpisodeShown,
    contacts: Contacts,
    handover: HandoverShown | None,
    today: date,
) -> Row:
    """One row; `today` is that of the person's partition (ruling 2), `handover` whatever is known newest of it."""
    return {
        "episode_id": episode.episode_id,
        "person_id": person_id,
        "model": episode.model,
        "setting": "EXTERNAL" if episode.model == "SIS" else "IN_HOUSE",
        "phase": episode.phase,
        "on_hold": episode.held and episode.ended_on is None,
        "exempt": episode.exempt_from is not None and episode.exempt_from <= counted_to(episode, today),
        "holder": {"kind": episode.holder.kind, "id": episode.holder.id},
        "worker_id": episode.worker_id,
        "area": area_of(person.district).value,
        "district": person.district,
        **_dates(episode, today),
        "contacts": contacts.count,
        "minutes": contacts.minutes,
        "last_contact_on": _iso(contacts.last_on),
        "review_overdue": episode.phase == "AWAITING_REVIEW" and episode.reviewed_on is None,
        "handover": _handover(handover),
        "flags": sorted(_flags(person, episode, today)),
    }


def counted_to(episode: EpisodeShown, today: date) -> date:
    """The day to which an episode is counted: its last day, or today (ruling 50)."""
    return episode.ended_on or today


def charged_from(episode: EpisodeShown) -> date | None:
    """First chargeable day, never a forecast; None if the episode ended before it (ruling 51)."""
    first = episode.chargeable_from
    return None if first and episode.ended_on and episode.ended_on < first else first


def open_checks(person: PersonShown) -> list[str]:
    """Checks not done on or after the latest move (ruling 59, R36, R37)."""
    moved_on = person.moved_on
    if moved_on is None:
        return []
    return sorted(check for check in code_list("check") if person.checks.get(check, date.min) < moved_on)


def _dates(episode: EpisodeShown, today: date) -> Row:
    """The dates of a row: those of a clock follow `s`, the start is the episode's own (rulings 48 and 56).

    A death may end an episode before its clock began (ruling 43): then no day is counted (ruling 50).
    """
    s, to = episode.s, counted_to(episode, today)
    return {
        "referred_on": _iso(episode.opened_on if episode.model == "STR" else None),
        "started_on": _iso(episode.started_on if episode.model == "STR" else episode.opened_on),
        "free_until": _iso(s and free_until(s)),
        "chargeable_from": _iso(charged_from(episode)),
        "cap_on": _iso(s and cap_on(s)),
        "day": (to - s).days + 1 if s and to >= s else None,
        "days_to_cap": (cap_on(s) - to).days if s and to >= s else None,
    }


def _flags(person: PersonShown, episode: EpisodeShown, today: date) -> set[str]:
    """The flags of ruling 57: three are shown on open rows only."""
    shown = {
        "RE_REFERRAL": episode.gap is not None and not episode.continued,
        "CLOCK_CONTINUED": episode.continued,
        "ENTERED_IN_ERROR": episode.in_error,
    }
    if episode.ended_on is None:
        shown["CAP_APPROACHING"] = episode.s is not None and warning_on(episode.s) <= today <= cap_on(episode.s)
        shown["TO_BE_ENDED"] = episode.outcome == "GOALS_MET"
        shown["MOVE_CHECKS_OPEN"] = bool(open_checks(person))
    return {flag for flag, is_shown in shown.items() if is_shown}


def _handover(handover: HandoverShown | None) -> Row | None:
    if handover is None:
        return None
    return {"handover_id": handover.handover_id, "state": handover.state, "provider_id": handover.provider_id}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
