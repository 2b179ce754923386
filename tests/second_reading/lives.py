"""Second reading: people and their lines of support as plain, changeable things, and what a row shows of them.

Written from the page (design §7, rulings 24 to 59). Shares nothing with the program but the county's code lists.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.county.codes import code_list

ONE = timedelta(days=1)
_EAST = ("ashford", "canterbury", "dover", "folkestone-and-hythe", "swale", "thanet")


def cap(s: date) -> date:
    """S2: the day before the same day number six months on; where that month has no such day, its last."""
    year, month = s.year + (s.month + 5) // 12, (s.month + 5) % 12 + 1
    last = monthrange(year, month)[1]
    return date(year, month, s.day) - ONE if s.day <= last else date(year, month, last)


@dataclass
class Line:
    """One line of support. Lists hold what was said with its date and its place in the order of recording."""

    id: str
    model: str
    opened: date
    teams: list[tuple[date, int, str]]
    accepted: bool = False
    started: date | None = None
    s: date | None = None
    clock: str = ""
    ended: date | None = None
    in_error: bool = False
    held: bool = False
    asked: bool = False
    request_stands: bool = False
    workers: list[tuple[date, int, str]] = field(default_factory=list)
    reviews: list[tuple[date, int, str]] = field(default_factory=list)
    contacts: dict[str, tuple[date, int, str]] = field(default_factory=dict)
    struck: set[str] = field(default_factory=set)
    exempt_from: list[date] = field(default_factory=list)
    completed: date | None = None
    enablement_over: bool = False
    charged: date | None = None
    capped: bool = False

    @property
    def phase(self) -> str:
        """Where it stands."""
        if self.ended:
            return "ENDED"
        if self.model == "CSS":
            return "LEGACY_CSS"
        if self.s is None:
            return "ACCEPTED" if self.accepted else "REFERRED"
        if self.capped:
            return "CAP_REACHED"
        if self.charged:
            return "CHARGEABLE"
        return "AWAITING_REVIEW" if self.enablement_over else "ENABLEMENT"

    def end(self, on: date) -> None:
        """S11 and ruling 42: nothing goes on after an end, a hold neither."""
        self.ended, self.held = on, False

    def settle(self, today: date) -> None:
        """What has come due by today stands from now on, whatever is told later (S3 to S5, ruling 6)."""
        if self.s is None or self.in_error:
            return
        until = min(today, self.ended or today)
        free_last = min(self.completed or date.max, self.s + 41 * ONE)
        self.enablement_over |= free_last < until
        self.capped |= cap(self.s) < until
        if self.charged is None and self.reviews:
            on, _, outcome = max(self.reviews)
            first = max(free_last + ONE, on)
            if outcome != "GOALS_MET" and first <= min(cap(self.s), until):
                self.charged = first


@dataclass
class Person:
    """A registered person."""

    id: str
    district: str
    died: date | None = None
    moved: date | None = None
    checks: dict[str, date] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def line(self, id: str) -> Line | None:
        """The line of support with this id."""
        return next((line for line in self.lines if line.id == id), None)

    def last_clock(self) -> Line | None:
        """S9: the STR episode with a clock, not in error, that ended latest."""
        known = [x for x in self.lines if x.model == "STR" and x.s and x.ended and not x.in_error]
        return max(known, key=lambda line: line.ended or date.min, default=None)


def row(person: Person, line: Line, today: date) -> dict[str, Any]:
    """A row of the caseload, without its handover."""
    to = line.ended or today
    delivered = [
        said for contact, said in line.contacts.items() if contact not in line.struck and said[2] in ("5", "6")
    ]
    began = line.started if line.model == "STR" else line.opened
    east = "EAST_KENT" if person.district in _EAST else "WEST_KENT"
    counted = line.s is not None and to >= line.s
    charged = None if line.ended and line.charged and line.ended < line.charged else line.charged
    return {
        "episode_id": line.id,
        "person_id": person.id,
        "model": line.model,
        "setting": "IN_HOUSE",
        "phase": line.phase,
        "on_hold": line.held,
        "exempt": any(day <= to for day in line.exempt_from),
        "holder": {"kind": "team", "id": max(line.teams)[2]},
        "worker_id": max(line.workers)[2] if line.workers else None,
        "area": "MEDWAY" if person.district == "medway" else east,
        "district": person.district,
        "referred_on": _iso(line.opened if line.model == "STR" else None),
        "started_on": _iso(began),
        "free_until": _iso(line.s and line.s + 41 * ONE),
        "chargeable_from": _iso(charged),
        "cap_on": _iso(line.s and cap(line.s)),
        "day": (to - line.s).days + 1 if line.s and counted else None,
        "days_to_cap": (cap(line.s) - to).days if line.s and counted else None,
        "contacts": len(delivered),
        "minutes": sum(minutes for _, minutes, _ in delivered),
        "last_contact_on": _iso(max((day for day, _, _ in delivered), default=None)),
        "review_overdue": line.phase == "AWAITING_REVIEW" and not line.reviews,
        "flags": sorted(_flags(person, line, today)),
    }


def _flags(person: Person, line: Line, today: date) -> set[str]:
    flags = {line.clock} - {""} | ({"ENTERED_IN_ERROR"} if line.in_error else set())
    if line.ended:
        return flags
    if line.s and cap(line.s) - 28 * ONE <= today <= cap(line.s):
        flags.add("CAP_APPROACHING")
    if line.reviews and max(line.reviews)[2] == "GOALS_MET":
        flags.add("TO_BE_ENDED")
    if person.moved and any(person.checks.get(check, date.min) < person.moved for check in code_list("check")):
        flags.add("MOVE_CHECKS_OPEN")
    return flags


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
